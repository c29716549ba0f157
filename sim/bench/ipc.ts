// What a message between two services costs, through the real kernel, metering on, beside Node's own worker threads.

import { Worker } from "node:worker_threads";
import { BenchNode } from "sim/bench/node";
import { caller, entry } from "sim/bench/table";

export interface IpcFigures {
  /** `await call`, one in flight. */
  readonly roundTripsPerSecond: number;
  /** The same with 16 in flight, from 16 services. */
  readonly pipelinedRoundTripsPerSecond: number;
  /** Messages dispatched, of a service that sends to itself. */
  readonly dispatchPerSecond: number;
  readonly nodeWorkersRoundTripsPerSecond: number;
}

interface Done {
  readonly micros: number;
}

const warmUp = 20_000;
const inFlight = 16;

export async function benchIpc(count: number): Promise<IpcFigures> {
  return {
    roundTripsPerSecond: await onePair(count),
    pipelinedRoundTripsPerSecond: await pipelined(count),
    dispatchPerSecond: await dispatches(count),
    nodeWorkersRoundTripsPerSecond: await nodeWorkers(Math.ceil(count / 20)),
  };
}

async function onePair(count: number): Promise<number> {
  return withNode(async (node) => {
    await node.boot({ services: [caller("caller", "caller", "echo"), entry("echo", "echo")] });
    await timeRun(node, "caller", warmUp);
    return perSecond(count, await timeRun(node, "caller", count));
  });
}

async function pipelined(count: number): Promise<number> {
  return withNode(async (node) => {
    const callers = Array.from({ length: inFlight }, (_, index) => `caller-${index}`);
    const each = Math.ceil(count / inFlight);
    await node.boot({ services: [...callers.map((name) => caller(name, "caller", "echo")), entry("echo", "echo")] });
    const begun = await node.worker.ask({ op: "now" });
    await Promise.all(callers.map((name) => node.send(name, "run", { count: each })));
    let lastMicros = 0;
    for (const _ of callers) lastMicros = Math.max(lastMicros, (await node.next()).micros);
    return perSecond(each * inFlight, lastMicros - Number(begun.micros));
  });
}

async function dispatches(count: number): Promise<number> {
  return withNode(async (node) => {
    const sends = [
      { to: "looper", priority: "HIGH" },
      { to: "probe", priority: "HIGH" },
    ] as const;
    await node.boot({ services: [entry("looper", "looper", { sends })] });
    await timeRun(node, "looper", warmUp);
    return perSecond(count, await timeRun(node, "looper", count));
  });
}

async function timeRun(node: BenchNode, service: string, count: number): Promise<number> {
  await node.send(service, "run", { count });
  return ((await node.next()).body as Done).micros;
}

async function withNode<Result>(use: (node: BenchNode) => Promise<Result>): Promise<Result> {
  const node = new BenchNode();
  try {
    return await use(node);
  } finally {
    await node.stop();
  }
}

function perSecond(count: number, micros: number): number {
  return Math.round((count / micros) * 1e6);
}

/** Two threads of Node that post each other one message at a time. */
async function nodeWorkers(count: number): Promise<number> {
  const echo = `const { parentPort } = require("node:worker_threads"); parentPort.on("message", (m) => parentPort.postMessage(m));`;
  const worker = new Worker(echo, { eval: true });
  const roundTrip = (n: number): Promise<void> =>
    new Promise((resolve) => {
      worker.once("message", () => resolve());
      worker.postMessage({ n });
    });
  for (let n = 0; n < 1_000; n++) await roundTrip(n);
  const begun = performance.now();
  for (let n = 0; n < count; n++) await roundTrip(n);
  const micros = (performance.now() - begun) * 1000;
  await worker.terminate();
  return perSecond(count, micros);
}
