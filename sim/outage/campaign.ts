// Ten minutes in which nodes, links, services and the broker of a live fleet are killed at random, and a witness counts what arrives: is
// any reading lost beyond what docs/OUTBOX.md states? Broker and witness are mosquitto's. What is missing is asked for again, as a
// consumer would; what is missing then is judged by numbers and times alone.

import { setTimeout as sleep } from "node:timers/promises";
import { type Fleet, startFleet } from "sim/fleet";
import { type FaultCounts, Faults } from "sim/outage/faults";
import { GapRequests } from "sim/outage/gaps";
import { type Came, judgeNode, type NodeVerdict, windowSeconds } from "sim/outage/judge";
import { Mosquitto, publishOnce, startWitness, type Witnessed } from "sim/outage/mosquitto";
import { Road } from "sim/outage/road";
import { openWorld } from "sim/world/open";
import { decodeBirth } from "wire/birth";
import { decodeState } from "wire/state";
import { decodeTelemetry } from "wire/telemetry";
import { buildFleetFilter, formatNodeName, type NodeName, parseTopic } from "wire/topics";

export interface OutageOptions {
  readonly seconds: number;
  readonly nodes: number;
  readonly seed: number;
  /** Takes a line now and then: how far it is. */
  report(line: string): void;
}

/** Of all nodes together. */
export interface OutageVerdict extends FaultCounts, NodeVerdict {
  readonly scenario: "outage";
  readonly seed: number;
  readonly seconds: number;
  readonly nodes: number;
  readonly windowSeconds: number;
  /** Questions for what was missing, and readings that came after they had been missing. */
  readonly gapRequests: number;
  readonly filled: number;
}

const site = "outage";
/** Before the first fault: every node has measured and been heard. */
const settleMillis = 5_000;
/** After the last: back-off, connect, and whatever still waits. */
const drainMillis = 90_000;
const reportMillis = 30_000;
/** Between two looks at what is missing. */
const askMillis = 250;
/** What is told of violations; one cause makes many. */
const violationsTold = 20;

export async function runOutage(options: OutageOptions): Promise<OutageVerdict> {
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const mosquitto = await Mosquitto.start();
    stops.push(() => mosquitto.dispose());
    const gaps = new GapRequests((topic, payload) => publishOnce(mosquitto.port, topic, payload));
    const record = new WitnessRecord(gaps);
    const filters = (["birth", "telemetry", "state", "reply"] as const).map((kind) => buildFleetFilter(kind, site));
    const witness = await startWitness(mosquitto.port, filters, (witnessed) => record.hear(witnessed));
    stops.push(() => witness.stop());
    const road = await Road.open(mosquitto.port);
    stops.push(() => road.end());
    let failure: Error | undefined;
    const fleet = await startFleet({
      site,
      nodes: options.nodes,
      world: openWorld("steady", { at: undefined, channels: undefined }),
      broker: { host: "127.0.0.1", port: road.port },
      insecureCommands: true,
      log: () => undefined,
      fail: (reason) => {
        failure = new Error(reason);
      },
    });
    stops.push(() => fleet.stop());
    const faults = new Faults(fleet, road, mosquitto, options.seed);
    const asking = setInterval(() => gaps.ask(Date.now()), askMillis);
    stops.push(async () => clearInterval(asking));
    await strikeFor(options, faults, () => failure);
    options.report(`the faults are over; waiting for what still waits`);
    await drain(fleet, record, gaps);
    return sumUp(options, fleet, faults, record, gaps);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function strikeFor(options: OutageOptions, faults: Faults, failure: () => Error | undefined): Promise<void> {
  await sleep(settleMillis);
  const begin = Date.now();
  let told = begin;
  while (Date.now() - begin < options.seconds * 1000) {
    const error = failure();
    if (error !== undefined) throw error;
    await faults.strike(Date.now());
    await sleep(faults.pauseMillis());
    if (Date.now() - told < reportMillis) continue;
    told = Date.now();
    const { powerCuts, linkCuts, outages, brokerCrashes, serviceFaults } = faults.counts;
    options.report(
      `${Math.round((told - begin) / 1000)} s: ${powerCuts} power cuts, ${linkCuts} link cuts, ${outages} outages, ${brokerCrashes} broker crashes, ${serviceFaults} service faults`,
    );
  }
  faults.heal();
}

/** Until every node has said, after the last fault, that nothing of it waits any more, and all questions are answered. */
async function drain(fleet: Fleet, record: WitnessRecord, gaps: GapRequests): Promise<void> {
  const beginMicros = Date.now() * 1000;
  const end = Date.now() + drainMillis;
  const isDrained = (name: string): boolean => (record.emptyMicros.get(name) ?? 0) > beginMicros;
  while (Date.now() < end && !(fleet.names.every(isDrained) && gaps.isDone)) await sleep(200);
  await sleep(2_000);
}

/** What came, by node. */
class WitnessRecord {
  readonly #gaps: GapRequests;
  readonly came = new Map<string, Came[]>();
  /** When a node said last that nothing waits. */
  readonly emptyMicros = new Map<string, number>();
  /** Nodes that came up in safe mode, and why. */
  readonly safe = new Map<string, string>();

  constructor(gaps: GapRequests) {
    this.#gaps = gaps;
  }

  hear({ topic, payload }: Witnessed): void {
    const name = parseTopic(topic);
    const node = formatNodeName(name);
    if (name.kind === "birth") this.#hearBirth(node, payload);
    else if (name.kind === "reply") this.#gaps.hearReply(node, payload, Date.now());
    else if (name.kind === "state") this.#hearState(node, payload);
    else this.#hearReading(name, payload);
  }

  #hearBirth(node: string, payload: Uint8Array): void {
    const { isSafeMode, safeModeReason = "" } = decodeBirth(payload);
    if (isSafeMode === true) this.safe.set(node, safeModeReason);
  }

  #hearState(node: string, payload: Uint8Array): void {
    const { outbox, timeMicros } = decodeState(payload);
    if (outbox.stored === 0 && outbox.queued === 0) this.emptyMicros.set(node, timeMicros);
  }

  #hearReading(name: NodeName, payload: Uint8Array): void {
    const node = formatNodeName(name);
    const { sequence, timeMicros, historical } = decodeTelemetry(name, payload);
    const list = this.came.get(node) ?? [];
    this.#gaps.hearReading(name, sequence, Date.now());
    list.push({ sequence, timeSeconds: Math.round(timeMicros / 1e6), isHistorical: historical });
    this.came.set(node, list);
  }
}

function sumUp(
  options: OutageOptions,
  fleet: Fleet,
  faults: Faults,
  record: WitnessRecord,
  gaps: GapRequests,
): OutageVerdict {
  const verdicts = fleet.names.map((name) =>
    judgeNode(name, record.came.get(name) ?? [], faults.cutsOf(name), {
      crashes: faults.crashes,
      ringLosses: faults.ringLossesOf(name),
      goneSeconds: (sequence) => gaps.goneSeconds(name, sequence),
    }),
  );
  const silent = fleet.names.filter((name) => record.came.get(name) === undefined);
  const waiting = fleet.names.filter((name) => !record.emptyMicros.has(name));
  const violations = [
    ...silent.map((name) => `${name} was never heard`),
    ...[...record.safe].map(([name, reason]) => `${name} came up in safe mode: ${reason}`),
    ...waiting.map((name) => `${name} never said that nothing waits`),
    ...verdicts.flatMap((verdict) => verdict.violations),
  ];
  const sum = (of: (verdict: NodeVerdict) => number): number => verdicts.reduce((total, each) => total + of(each), 0);
  return {
    scenario: "outage",
    seed: options.seed,
    seconds: options.seconds,
    nodes: options.nodes,
    ...faults.counts,
    windowSeconds,
    readings: sum(({ readings }) => readings),
    repeated: sum(({ repeated }) => repeated),
    historical: sum(({ historical }) => historical),
    lostWithinWindow: sum(({ lostWithinWindow }) => lostWithinWindow),
    lostBeyondWindow: sum(({ lostBeyondWindow }) => lostBeyondWindow),
    lostWithBroker: sum(({ lostWithBroker }) => lostWithBroker),
    gapRequests: gaps.requests,
    filled: gaps.filled,
    worstSeconds: Math.max(...verdicts.map(({ worstSeconds }) => worstSeconds)),
    violations: violations.slice(0, violationsTold),
  };
}
