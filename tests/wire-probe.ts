// A service that does to wire/ what a test tells it. The same function runs under Node, so that a test can hold both
// engines against each other.

import { type Context, defineService } from "lughos";
import type { Birth } from "wire/birth";
import { decode, encode } from "wire/cbor";
import { diagnose } from "wire/cbor-diagnostic";
import { WireError } from "wire/error";
import { buildGreeting } from "wire/greeting";
import { formatHex, parseHex } from "wire/hex";
import { encodePacket } from "wire/mqtt-packet";
import { MqttSession } from "wire/mqtt-session";
import { decodeSenml, encodeSenml } from "wire/senml";
import { formatSenmlJson, parseSenmlJson } from "wire/senml-json";
import { resolveSenml } from "wire/senml-resolve";
import { decodeTelemetry, encodeTelemetry } from "wire/telemetry";
import { buildTopic, parseTopic } from "wire/topics";

export interface Task {
  readonly verb: "cbor" | "diagnose" | "senml" | "senml-json" | "telemetry" | "topic" | "session";
  /** Hexadecimal digits, or a text for the verbs that take one. */
  readonly input: string;
}

const name = { site: "toledo", node: "node-1" };

/** What comes of a task, as text; a refusal with its message and place. */
export function perform(task: Task): string {
  try {
    return attempt(task);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return `${error.name} at ${error.offset}: ${error.message}`;
  }
}

function attempt({ verb, input }: Task): string {
  switch (verb) {
    case "cbor":
      return formatHex(encode(decode(parseHex(input))));
    case "diagnose":
      return diagnose(parseHex(input));
    case "senml": {
      const pack = decodeSenml(parseHex(input));
      return `${formatHex(encodeSenml(pack))} ${JSON.stringify(resolveSenml(pack, 1_000_000_000))}`;
    }
    case "senml-json":
      return formatSenmlJson(parseSenmlJson(input));
    case "telemetry":
      return formatHex(encodeTelemetry(name, decodeTelemetry(name, parseHex(input))));
    case "topic": {
      const topic = parseTopic(input);
      return buildTopic(topic, topic.kind);
    }
    case "session":
      return runSession(parseHex(input));
  }
}

/** Everything that a session wants in a short life: up, publications, foreign bytes, a loss, up again, the end. */
function runSession(bytes: Uint8Array): string {
  const session = new MqttSession({ clientId: "node-1", keepAliveSeconds: 20 }, () => 0.5);
  const accepted = encodePacket({ type: "connack", sessionPresent: true, returnCode: 0 });
  session.start(0);
  session.subscribe(buildTopic(name, "command"), 1, 0);
  for (let connection = 1; connection <= 2; connection++) {
    session.opened(connection, buildGreeting(bear(connection)), connection * 2e6);
    session.received(connection, accepted, connection * 2e6);
    for (let token = 0; token < 9; token++)
      session.publish(
        { topic: "é/水", payload: bytes, qos: 1, retain: false, priority: token === 8 ? "HIGH" : "LOW", token },
        connection * 2e6,
      );
    session.received(connection, bytes, connection * 2e6 + 1);
    session.closed(connection, "cut", connection * 2e6 + 2);
    session.tick(connection * 2e6 + 1.9e6);
  }
  session.stop(9e6);
  return JSON.stringify(session.takeActions(), (_key, value: unknown) =>
    ArrayBuffer.isView(value) ? formatHex(value as Uint8Array) : value,
  );
}

function bear(session: number): Birth {
  return {
    ...name,
    session,
    model: "probe",
    firmware: "0",
    engine: "any",
    timeMicros: 0,
    services: [],
    metrics: [],
    declaredVolts: 230.5,
    insecureCommands: false,
  };
}

export default defineService({
  version: "1.0.0",
  receive: {
    perform(tasks: readonly Task[], { send }: Context) {
      const answer = send("probe", "performed", tasks.map(perform));
      if (answer !== "sent") send("probe", answer);
    },
  },
});
