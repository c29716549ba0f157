// `lugh decode`: shows what an MQTT payload says. It needs no broker and no fleet, so it also reads what others captured.

import type { Command, Invocation } from "cli/command";
import { Failure } from "cli/failure";
import { suggestion } from "cli/nearest";
import { decodePayload } from "cli/payload";
import { WireError } from "wire/error";
import { parseHex } from "wire/hex";
import { cborLimits } from "wire/limits";
import { parseTopic, type TopicKind, topicKinds } from "wire/topics";

/** Three characters for each byte of the largest payload, which is how `xxd` and others print them. */
const inputMaximumBytes = cborLimits.bytes * 3;

const lineEnd = 0x0a;

export const decode: Command = {
  name: "decode",
  summary: "show what an MQTT payload on standard input says",
  arguments: [],
  options: {
    topic: { summary: "the topic that it came on, which says its kind", value: "TOPIC" },
    kind: { summary: `its kind: ${topicKinds.join(", ")}`, value: "KIND" },
    hex: { summary: "the payload comes as hexadecimal digits" },
  },
  explanation: [
    "Without --topic and --kind the payload may be any CBOR. Telemetry is shown as resolved SenML (RFC 8428), everything",
    "else in the diagnostic notation of CBOR (RFC 8949). With --json the value is printed as { kind, value }.",
    "",
    "Example: mosquitto_sub -C 1 -N -t 'lugh/1/+/+/telemetry' | lugh decode --kind telemetry",
  ].join("\n"),
  async run(invocation, output) {
    const kind = chooseKind(invocation);
    const input = await readInput(process.stdin);
    try {
      const bytes = invocation.isSet("hex") ? parseHex(input.toString("latin1")) : new Uint8Array(input);
      if (bytes.length === 0)
        throw new Failure("bad-input", "Cannot decode: wanted a payload on standard input, found nothing");
      const { value, lines } = decodePayload(kind, bytes, Date.now());
      if (output.isJson) output.json({ kind: kind ?? null, value });
      else for (const line of lines) output.line(line);
    } catch (error) {
      if (error instanceof WireError)
        throw new Failure("bad-input", `${error.message}${guessCause(input, invocation)}`, { cause: error });
      throw error;
    }
  },
};

function chooseKind(invocation: Invocation): TopicKind | undefined {
  const topic = invocation.text("topic");
  const kind = invocation.text("kind");
  if (topic !== undefined && kind !== undefined)
    throw new Failure("usage", "Cannot run lugh decode: wanted --topic or --kind, found both");
  if (topic !== undefined) return readTopic(topic);
  if (kind === undefined || topicKinds.includes(kind as TopicKind)) return kind as TopicKind | undefined;
  const cure = suggestion(kind, topicKinds) || `; kinds are ${topicKinds.join(", ")}`;
  throw new Failure("usage", `Cannot decode "${kind}": there is no such kind${cure}`);
}

function readTopic(topic: string): TopicKind {
  try {
    return parseTopic(topic).kind;
  } catch (error) {
    if (error instanceof WireError) throw new Failure("usage", error.message);
    throw error;
  }
}

/** The two ways in which a right payload comes wrong from mosquitto_sub. */
function guessCause(input: Buffer, invocation: Invocation): string {
  if (invocation.isSet("hex")) return "";
  if (/^[\da-f\s]+$/i.test(input.toString("latin1"))) return "; these are hexadecimal digits, which --hex takes";
  return input.at(-1) === lineEnd ? "; it ends with a line end, which mosquitto_sub leaves out with -N" : "";
}

async function readInput(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > inputMaximumBytes)
      throw new Failure("bad-input", `Cannot decode: wanted at most ${inputMaximumBytes} bytes, found more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
