// What a message between two services costs, through the real kernel, metering on, beside Node's own worker threads.

import { perSecond, timeAll, withNode } from "sim/bench/figures";
import { tenPairs } from "sim/bench/ipc-pairs";
import { nodeWorkersRoundTrips } from "sim/bench/ipc-workers";
import type { BenchNode } from "sim/bench/node";
import { caller, type Entry, entry } from "sim/bench/table";

export interface IpcFigures {
  /** `await call`, one in flight. */
  readonly roundTripsPerSecond: number;
  /** Request by `send` and reply by `send`, no promise, one in flight. */
  readonly plainRoundTripsPerSecond: number;
  /** `await call` with 16 in flight, from 16 services. */
  readonly pipelinedRoundTripsPerSecond: number;
  /** `await call` of ten pairs at once, by policy of the scheduler. */
  readonly tenPairs: { readonly [policy: string]: number };
  /** Messages dispatched, of a service that sends to itself. */
  readonly dispatchPerSecond: number;
  readonly nodeWorkersRoundTripsPerSecond: number;
}

interface Done {
  readonly micros: number;
}

const warmUp = 20_000;
const inFlight = 16;
/** Where the kernel has to choose, and threads of Node, are slower: fewer are as exact. */
const shareOfPairs = 4;
const shareOfWorkers = 20;

export async function benchIpc(count: number): Promise<IpcFigures> {
  return {
    roundTripsPerSecond: await roundTrips([caller("caller", "caller", "echo"), entry("echo", "echo")], count),
    plainRoundTripsPerSecond: await roundTrips([sender("asker", "answerer"), sender("answerer", "asker")], count),
    pipelinedRoundTripsPerSecond: await pipelined(count),
    tenPairs: await tenPairs(Math.ceil(count / shareOfPairs)),
    dispatchPerSecond: await roundTrips([sender("looper", "looper")], count),
    nodeWorkersRoundTripsPerSecond: await nodeWorkersRoundTrips(Math.ceil(count / shareOfWorkers)),
  };
}

/** Of the first of the services, which measures for itself. */
async function roundTrips(services: readonly [Entry, ...Entry[]], count: number): Promise<number> {
  return withNode(async (node) => {
    await node.boot({ services });
    await timeRun(node, services[0].name, warmUp);
    return perSecond(count, await timeRun(node, services[0].name, count));
  });
}

async function timeRun(node: BenchNode, service: string, count: number): Promise<number> {
  await node.send(service, "run", { count });
  return ((await node.next()).body as Done).micros;
}

async function pipelined(count: number): Promise<number> {
  return withNode(async (node) => {
    const callers = Array.from({ length: inFlight }, (_, index) => `caller-${index}`);
    const each = Math.ceil(count / inFlight);
    await node.boot({ services: [...callers.map((name) => caller(name, "caller", "echo")), entry("echo", "echo")] });
    return perSecond(each * inFlight, await timeAll(node, callers, "run", { count: each }));
  });
}

/** A service that sends to another, and tells the probe. */
function sender(name: string, to: string): Entry {
  return entry(name, name, { sends: [to, "probe"].map((target) => ({ to: target, priority: "HIGH" })) });
}
