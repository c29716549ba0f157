// What the page holds of one node, and what can be said of it.
//
// Whether a value is current is decided by when it arrived here, never by the node's own clock, which may be wrong. A value
// that is not current is history: it is shown greyed, with its age.

import { SlidingCounter } from "dashboard/page/counter";
import type { EventRecord } from "dashboard/page/incidents";
import { historySeconds } from "dashboard/page/limits";
import { Series } from "dashboard/page/series";
import type { Birth } from "wire/birth";
import type { FaultReport } from "wire/fault";
import { judgeLiveness, type Liveness, type LivenessStatus, staleAfterMicros, unheard } from "wire/liveness";
import type { LogLine } from "wire/log";
import type { NodeState } from "wire/state";
import type { ReceivedTelemetry } from "wire/telemetry";

export interface NodeRecord {
  readonly name: string;
  /** Orders "node-9" before "node-10". */
  readonly sortName: string;
  readonly series: Series;
  readonly messages: SlidingCounter;
  /** Newest first. */
  readonly log: LogLine[];
  /** Newest first. */
  readonly events: EventRecord[];
  /** Newest first, each once, without traces. */
  readonly faults: FaultReport[];
  liveness: Liveness;
  birth: Birth | null;
  /** The newest that was not told late. */
  reading: ReceivedTelemetry | null;
  readingMillis: number;
  report: NodeState | null;
  reportMillis: number;
  restarts: number;
}

export function statusOf(node: NodeRecord, nowMillis: number): LivenessStatus {
  return judgeLiveness(node.liveness, nowMillis * 1_000);
}

/** False when the values that are held must not look current: the node is not alive, or its sensor is silent. */
export function isCurrent(node: NodeRecord, nowMillis: number): boolean {
  return statusOf(node, nowMillis) === "alive" && (nowMillis - node.readingMillis) * 1_000 <= staleAfterMicros;
}

/** Age of the last reading; null when there never was one. */
export function readingAgeMillis(node: NodeRecord, nowMillis: number): number | null {
  return node.reading === null ? null : nowMillis - node.readingMillis;
}

/** The time, in the node's own seconds, that is "now": its newest reading plus the time since it came. */
export function presentSeconds(node: NodeRecord, nowMillis: number): number {
  return node.series.seconds(node.series.length - 1) + (nowMillis - node.readingMillis) / 1_000;
}

/** "node-9" sorts before "node-10": runs of digits are padded. */
function naturalKey(name: string): string {
  return name.replace(/\d+/g, (digits) => digits.padStart(8, "0"));
}

export function unseen(name: string): NodeRecord {
  return {
    name,
    sortName: naturalKey(name),
    series: new Series(historySeconds),
    messages: new SlidingCounter(10),
    log: [],
    events: [],
    faults: [],
    liveness: unheard,
    birth: null,
    reading: null,
    readingMillis: Number.NEGATIVE_INFINITY,
    report: null,
    reportMillis: Number.NEGATIVE_INFINITY,
    restarts: 0,
  };
}
