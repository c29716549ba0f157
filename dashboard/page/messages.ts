// What the network tells the page, decoded: one closed union that the model reduces.

import { type Birth, decodeBirth, decodeDeath } from "wire/birth";
import { decodeReply, type Reply } from "wire/command";
import { WireError } from "wire/error";
import { decodeEvent, type EventReport } from "wire/event";
import { decodeFault, type FaultReport } from "wire/fault";
import { decodeLog, type LogLine } from "wire/log";
import { decodeState, type NodeState } from "wire/state";
import { decodeTelemetry, type ReceivedTelemetry } from "wire/telemetry";
import { buildFleetFilter, formatNodeName, type NodeTopic, parseTopic, type TopicKind } from "wire/topics";

/** `node` is `<site>/<node>`. `isRetained`: the broker kept it, so it says nothing about now. */
export type Message = { readonly node: string; readonly isRetained: boolean } & Content;

type Content =
  | { readonly kind: "birth"; readonly birth: Birth }
  | { readonly kind: "death"; readonly session: number }
  | { readonly kind: "telemetry"; readonly telemetry: ReceivedTelemetry }
  | { readonly kind: "event"; readonly event: EventReport }
  | { readonly kind: "fault"; readonly fault: FaultReport }
  | { readonly kind: "state"; readonly report: NodeState }
  | { readonly kind: "log"; readonly line: LogLine }
  | { readonly kind: "reply"; readonly reply: Reply };

/** What the page listens to: all that nodes say, and nothing that operators say to them. */
const heardKinds: readonly TopicKind[] = ["birth", "death", "telemetry", "event", "fault", "state", "log", "reply"];

export const filters: readonly string[] = heardKinds.map((kind) => buildFleetFilter(kind));

/** Bytes that are not what docs/WIRE.md says. */
export interface Misunderstanding {
  readonly kind: "misunderstood";
  /** What was wanted: the same for all messages that fail in the same way. */
  readonly what: string;
  /** What was found in this one. */
  readonly found: string;
}

/** Decodes one message; bad input is an answer here, because a page goes on whatever it hears. */
export function readMessage(topicName: string, payload: Uint8Array, isRetained: boolean): Message | Misunderstanding {
  try {
    const topic = parseTopic(topicName);
    return { node: formatNodeName(topic), isRetained, ...readContent(topic, payload) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const [what = "", found = ""] = error.message.split(", found ", 2);
    return { kind: "misunderstood", what, found };
  }
}

function readContent(topic: NodeTopic, payload: Uint8Array): Content {
  switch (topic.kind) {
    case "birth":
      return { kind: "birth", birth: readBirth(topic, payload) };
    case "death":
      return { kind: "death", session: decodeDeath(payload).session };
    case "telemetry":
      return { kind: "telemetry", telemetry: decodeTelemetry(topic, payload) };
    case "event":
      return { kind: "event", event: decodeEvent(payload) };
    case "fault":
      return { kind: "fault", fault: decodeFault(payload) };
    case "state":
      return { kind: "state", report: decodeState(payload) };
    case "log":
      return { kind: "log", line: decodeLog(payload) };
    case "reply":
      return { kind: "reply", reply: decodeReply(payload) };
    default:
      throw new WireError(`Cannot read a message: wanted one of ${heardKinds.join(", ")}, found ${topic.kind}`);
  }
}

/** A birth on the topic of another node would let one node speak for another. */
function readBirth(topic: NodeTopic, payload: Uint8Array): Birth {
  const birth = decodeBirth(payload);
  if (birth.site === topic.site && birth.node === topic.node) return birth;
  throw new WireError("Cannot read birth: wanted the name of its topic, found another");
}
