// Two threads of Node that post each other one message at a time: what round trips between services are held against.

import { Worker } from "node:worker_threads";
import { perSecond } from "sim/bench/figures";

const warmUp = 1_000;

export async function nodeWorkersRoundTrips(count: number): Promise<number> {
  const echo = `const { parentPort } = require("node:worker_threads"); parentPort.on("message", (m) => parentPort.postMessage(m));`;
  const worker = new Worker(echo, { eval: true });
  const roundTrip = (n: number): Promise<void> =>
    new Promise((resolve) => {
      worker.once("message", () => resolve());
      worker.postMessage({ n });
    });
  for (let n = 0; n < warmUp; n++) await roundTrip(n);
  const begun = performance.now();
  for (let n = 0; n < count; n++) await roundTrip(n);
  const micros = (performance.now() - begun) * 1000;
  await worker.terminate();
  return perSecond(count, micros);
}
