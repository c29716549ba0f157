// What a service costs to start, in time and in private memory of the process, at a thousand and at ten thousand.

import { readFileSync } from "node:fs";
import { BenchNode } from "sim/bench/node";
import { entry } from "sim/bench/table";

export interface SpawnFigures {
  readonly services: number;
  /** Of the whole boot, kernel included. */
  readonly microsEach: number;
  /** Growth of the worker's private memory. */
  readonly bytesEach: number;
}

/** The table of a node is one message of 64 KB at most. */
const servicesEachNode = 250;

export async function benchSpawn(services: number): Promise<SpawnFigures> {
  const node = new BenchNode({ messages: 64, poolBytes: 1 << 20 });
  try {
    await node.boot({ services: [entry("echo", "echo")] }, 99_999);
    const before = privateBytes(node.worker.processId);
    const begun = performance.now();
    for (let index = 0; index * servicesEachNode < services; index++) {
      const count = Math.min(servicesEachNode, services - index * servicesEachNode);
      await node.boot({ services: Array.from({ length: count }, (_, at) => entry(`echo-${at}`, "echo")) }, index);
    }
    const micros = (performance.now() - begun) * 1000;
    const bytes = privateBytes(node.worker.processId) - before;
    return { services, microsEach: round(micros / services), bytesEach: Math.round(bytes / services) };
  } finally {
    await node.stop();
  }
}

function privateBytes(processId: number): number {
  const text = readFileSync(`/proc/${processId}/smaps_rollup`, "utf8");
  return ["Private_Clean", "Private_Dirty"]
    .map((field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? Number.NaN) * 1024)
    .reduce((sum, bytes) => sum + bytes, 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
