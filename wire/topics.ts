// Topic names, built and parsed nowhere else: lugh/1/<site>/<node>/<kind>. The 1 is the version of everything below it.
// Names come from outside, so both ways check them; `+`, `#` and `/` can never slip into a topic through a name.

import { WireError } from "wire/error";
import { nameLengthMaximum } from "wire/limits";

export type TopicKind =
  | "birth"
  | "death"
  | "telemetry"
  | "event"
  | "fault"
  | "state"
  | "log"
  | "command"
  | "reply"
  | "update";

export const topicKinds: readonly TopicKind[] = Object.freeze([
  "birth",
  "death",
  "telemetry",
  "event",
  "fault",
  "state",
  "log",
  "command",
  "reply",
  "update",
] as const);

/** How each kind travels. Retained: a late listener gets the last one at once. */
export const deliveryRules: { readonly [Kind in TopicKind]: { readonly qos: 0 | 1; readonly retain: boolean } } =
  Object.freeze({
    birth: { qos: 1, retain: true },
    death: { qos: 1, retain: true },
    telemetry: { qos: 1, retain: false },
    event: { qos: 1, retain: false },
    fault: { qos: 1, retain: false },
    state: { qos: 1, retain: true },
    log: { qos: 0, retain: false },
    command: { qos: 1, retain: false },
    reply: { qos: 1, retain: false },
    update: { qos: 1, retain: false },
  } as const);

/** A node's name in two parts; people write it `toledo/node-1`. */
export interface NodeName {
  readonly site: string;
  readonly node: string;
}

export interface NodeTopic extends NodeName {
  readonly kind: TopicKind;
}

const prefix = "lugh/1";

export function buildTopic(name: NodeName, kind: TopicKind): string {
  return `${prefix}/${formatNodeName(name)}/${kind}`;
}

/** Throws a WireError for every topic name that `buildTopic` does not build. */
export function parseTopic(topic: string): NodeTopic {
  const levels = topic.split("/");
  const [root, version, site, node, kind] = levels;
  if (levels.length !== 5 || `${root}/${version}` !== prefix)
    throw new WireError(`Cannot parse topic: wanted ${prefix}/<site>/<node>/<kind>, found "${topic}"`);
  if (!topicKinds.includes(kind as TopicKind))
    throw new WireError(`Cannot parse topic: wanted a kind of ${topicKinds.join(", ")}, found "${kind}"`);
  return { site: checkName("site", site), node: checkName("node", node), kind: kind as TopicKind };
}

/** The filter for one kind of every node, or with `site` of every node of that site. */
export function buildFleetFilter(kind: TopicKind, site?: string): string {
  return `${prefix}/${site === undefined ? "+" : checkName("site", site)}/+/${kind}`;
}

/** The filter for everything of one node. */
export function buildNodeFilter(name: NodeName): string {
  return `${prefix}/${formatNodeName(name)}/+`;
}

/** `toledo/node-1`. Throws a WireError when a part is not a name. */
export function formatNodeName(name: NodeName): string {
  return `${checkName("site", name.site)}/${checkName("node", name.node)}`;
}

/** Reads `toledo/node-1`. */
export function parseNodeName(text: string): NodeName {
  const parts = text.split("/");
  if (parts.length !== 2) throw new WireError(`Cannot parse node name: wanted <site>/<node>, found "${text}"`);
  return { site: checkName("site", parts[0]), node: checkName("node", parts[1]) };
}

/** True for 1 to 32 of a-z, 0-9 and hyphen: what MQTT, SenML, URNs and file systems all take as it is. */
export function isName(text: string): boolean {
  if (text.length === 0 || text.length > nameLengthMaximum) return false;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const isLetter = unit >= 0x61 && unit <= 0x7a;
    const isDigit = unit >= 0x30 && unit <= 0x39;
    if (!isLetter && !isDigit && unit !== 0x2d) return false;
  }
  return true;
}

/** Answers the name, or throws a WireError that says which part is wrong. */
export function checkName(part: "site" | "node", name: string | undefined): string {
  if (name !== undefined && isName(name)) return name;
  throw new WireError(
    `Cannot accept ${part} name: wanted 1 to ${nameLengthMaximum} of a-z, 0-9 and "-", found "${name}"`,
  );
}
