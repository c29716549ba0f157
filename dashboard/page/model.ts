// The state of the fleet as the page knows it: decoded messages go in, what is shown comes out. Nothing here touches the
// document, the clock or the network, so the same code runs in tests; every call says what time it is.

import { SlidingCounter } from "dashboard/page/counter";
import { Incidents } from "dashboard/page/incidents";
import {
  historySeconds,
  maxFaults,
  maxLogLines,
  maxNodeEvents,
  maxNodes,
  maxNotices,
  maxTextCharacters,
} from "dashboard/page/limits";
import type { Message } from "dashboard/page/messages";
import { type NodeRecord, statusOf, unseen } from "dashboard/page/node-record";
import type { Series } from "dashboard/page/series";
import type { EventReport } from "wire/event";
import type { FaultReport } from "wire/fault";
import { hear, type LivenessStatus } from "wire/liveness";
import type { NodeState } from "wire/state";
import type { ReceivedTelemetry } from "wire/telemetry";

export type NoticeTone = "bad" | "good" | "plain";

export interface Notice {
  readonly key: number;
  readonly atMillis: number;
  readonly node: string;
  readonly text: string;
  readonly tone: NoticeTone;
}

export interface Summary {
  readonly counts: Readonly<Record<LivenessStatus, number>>;
  readonly nodes: number;
  readonly eventsLastMinute: number;
  readonly ongoingEvents: number;
  readonly messagesPerSecond: number;
  /** Where the simulated world stands in its record, as the newest reading that said so writes it. */
  readonly worldTime: string | null;
  readonly isInsecure: boolean;
}

export class Fleet {
  readonly incidents = new Incidents();
  readonly #nodes = new Map<string, NodeRecord>();
  readonly #notices: Notice[] = [];
  readonly #events = new SlidingCounter(60);
  readonly #messages = new SlidingCounter(5);
  #worldTime: string | null = null;
  #nextNotice = 1;

  /** Names that ought to appear. */
  constructor(expected: readonly string[] = []) {
    for (const name of expected) this.#node(name);
  }

  get nodes(): ReadonlyMap<string, NodeRecord> {
    return this.#nodes;
  }

  /** Newest first. */
  get notices(): readonly Notice[] {
    return this.#notices;
  }

  /** False when the message is of a node beyond the limit of the page, and was left out. */
  apply(message: Message, nowMillis: number): boolean {
    const node = this.#node(message.node);
    if (node === null) return false;
    this.#messages.add(nowMillis);
    node.messages.add(nowMillis);
    this.#judge(node, message, nowMillis);
    switch (message.kind) {
      case "birth":
        if (message.birth.session >= (node.birth?.session ?? -1)) node.birth = message.birth;
        if (message.birth.isSafeMode === true && !message.isRetained)
          this.#notice(node, nowMillis, "came up in safe mode: it measures nothing", "bad");
        break;
      case "death":
        break; // Liveness has taken what it says.
      case "telemetry":
        this.#read(node, message.telemetry, nowMillis);
        break;
      case "event":
        this.#witness(node, message.event, nowMillis);
        break;
      case "fault":
        takeFault(node.faults, message.fault);
        break;
      case "state":
        this.#inspect(node, message.report, message.isRetained, nowMillis);
        break;
      case "log":
        node.log.unshift({ ...message.line, text: message.line.text.slice(0, maxTextCharacters) });
        if (node.log.length > maxLogLines) node.log.pop();
        break;
      case "reply":
        break; // It belongs to the command that waits for it (commands.ts).
      default:
        unreachable(message);
    }
    return true;
  }

  summary(nowMillis: number): Summary {
    const counts: Record<LivenessStatus, number> = { alive: 0, stale: 0, dead: 0, unknown: 0 };
    let isInsecure = false;
    for (const node of this.#nodes.values()) {
      const status = statusOf(node, nowMillis);
      counts[status] += 1;
      if (status !== "dead" && node.birth?.insecureCommands === true) isInsecure = true;
    }
    return {
      counts,
      nodes: this.#nodes.size,
      eventsLastMinute: this.#events.total(nowMillis),
      ongoingEvents: this.incidents.ongoing,
      messagesPerSecond: this.#messages.perSecond(nowMillis),
      worldTime: this.#worldTime,
      isInsecure,
    };
  }

  #node(name: string): NodeRecord | null {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    if (this.#nodes.size >= maxNodes) return null;
    const node = unseen(name);
    this.#nodes.set(name, node);
    return node;
  }

  /** Takes what the message says about whether the node lives, and tells of births and deaths as they happen. */
  #judge(node: NodeRecord, message: Message, nowMillis: number): void {
    const before = node.liveness;
    const session = sessionOf(message);
    node.liveness = hear(before, { kind: message.kind, isRetained: message.isRetained, session }, nowMillis * 1_000);
    const isDead = node.liveness.endedSession >= node.liveness.session;
    const hasDied = isDead && node.liveness.session >= 0 && before.endedSession < before.session;
    if (hasDied) this.incidents.lose(node.name);
    if (message.isRetained) return;
    if (hasDied) this.#notice(node, nowMillis, `died, session ${session}`, "bad");
    if (!isDead && node.liveness.session > before.session)
      this.#notice(node, nowMillis, `born, session ${session}`, "good");
  }

  #read(node: NodeRecord, telemetry: ReceivedTelemetry, nowMillis: number): void {
    const seconds = telemetry.timeMicros / 1_000_000;
    dropFalseFuture(node.series, seconds, nowMillis);
    const isNewest = node.reading === null || !(seconds < node.series.seconds(node.series.length - 1));
    if (!node.series.put(seconds, telemetry) || !isNewest || telemetry.historical) return;
    node.reading = telemetry;
    node.readingMillis = nowMillis;
    if (telemetry.worldTime !== undefined) this.#worldTime = telemetry.worldTime;
  }

  #witness(node: NodeRecord, event: EventReport, nowMillis: number): void {
    const { record, isNew } = this.incidents.put(node.name, event);
    if (!isNew) return;
    node.events.unshift(record);
    if (node.events.length > maxNodeEvents) node.events.pop();
    this.#events.add(nowMillis);
  }

  #inspect(node: NodeRecord, report: NodeState, isRetained: boolean, nowMillis: number): void {
    const before = node.report;
    node.report = report;
    node.reportMillis = nowMillis;
    node.restarts = report.services.reduce((sum, service) => sum + service.restarts, 0);
    if (isRetained || before === null) return;
    for (const service of report.services) {
      const restarts = before.services.find((other) => other.name === service.name)?.restarts ?? 0;
      if (service.restarts <= restarts) continue;
      const cause = service.lastFault === null ? "" : ` after ${service.lastFault}`;
      this.#notice(node, nowMillis, `${service.name} restarted${cause}`, "plain");
    }
  }

  #notice(node: NodeRecord, atMillis: number, text: string, tone: NoticeTone): void {
    this.#notices.unshift({
      key: this.#nextNotice,
      atMillis,
      node: node.name,
      text: text.slice(0, maxTextCharacters),
      tone,
    });
    this.#nextNotice += 1;
    if (this.#notices.length > maxNotices) this.#notices.pop();
  }
}

/** QoS 1 may bring one twice. A node that lost its count begins at 1 again: then the time tells two apart. */
function takeFault(faults: FaultReport[], { trace: _trace, ...fault }: FaultReport): void {
  const isKnown = faults.some((each) => each.sequence === fault.sequence && each.timeMicros === fault.timeMicros);
  if (isKnown) return;
  faults.unshift({ ...fault, reason: fault.reason.slice(0, maxTextCharacters), trace: null });
  if (faults.length > maxFaults) faults.pop();
}

/** A clock that ran ahead and was set right leaves readings in the future, before which no true one would ever be newest. */
function dropFalseFuture(series: Series, seconds: number, nowMillis: number): void {
  const newest = series.seconds(series.length - 1);
  if (newest > nowMillis / 1_000 + historySeconds && seconds < newest - historySeconds) series.clear();
}

function sessionOf(message: Message): number | null {
  if (message.kind === "birth") return message.birth.session;
  return message.kind === "death" ? message.session : null;
}

function unreachable(message: never): never {
  throw new Error(`Cannot reduce a message: wanted a known kind, found ${JSON.stringify(message)}`);
}
