// How long a HIGH message is on its way, from the send to the start of its handler, while nothing else happens and while ten
// services flood its receiver with LOW messages. The node has the scheduler of the firmware, and takes the time itself.
//
// Each flooder keeps a few messages waiting and sends the next one when one was handled: the node is never idle, the
// receiver's mailbox never full. A HIGH message to a full mailbox would be answered `full`, and have no latency to measure.

import { withNode } from "sim/bench/figures";
import type { BenchNode } from "sim/bench/node";
import { type Percentiles, percentiles } from "sim/bench/percentiles";
import { entry, type Table } from "sim/bench/table";

export interface LatencyFigures {
  /** HIGH messages measured, of each. */
  readonly messages: number;
  /** Microseconds. */
  readonly idle: Percentiles;
  readonly flooded: Percentiles;
  /** Of the medians, each at least the microsecond that the node's clock tells apart. */
  readonly ratio: number;
}

const flooders = Array.from({ length: 10 }, (_, index) => `flooder-${index}`);
const waitingEach = 5;

interface Told {
  readonly waitsMicros: readonly number[];
  readonly isLast: boolean;
}

export async function benchLatency(messages: number): Promise<LatencyFigures> {
  const idle = await withNode((node) => measure(node, messages, []));
  const flooded = await withNode((node) => measure(node, messages, flooders));
  const ratio = Math.max(1, flooded.median) / Math.max(1, idle.median);
  return { messages, idle, flooded, ratio: Math.round(ratio * 100) / 100 };
}

async function measure(node: BenchNode, count: number, noisy: readonly string[]): Promise<Percentiles> {
  await node.boot(table());
  for (const name of noisy) await node.send(name, "run", { waiting: waitingEach });
  await node.send("alarm", "run", { count });
  const waits: number[] = [];
  for (let isLast = false; !isLast; ) {
    const told = (await node.next()).body as Told;
    waits.push(...told.waitsMicros);
    isLast = told.isLast;
  }
  if (waits.length !== count) throw new Error(`wanted the waits of ${count} messages, found ${waits.length}`);
  return percentiles(waits);
}

function table(): Table {
  const high = (to: string): { to: string; priority: "HIGH" } => ({ to, priority: "HIGH" });
  const low = (to: string): { to: string; priority: "LOW" } => ({ to, priority: "LOW" });
  return {
    scheduler: "scheduler",
    services: [
      entry("scheduler", "", { module: "services/scheduler/priority" }),
      entry("alarm", "alarm", { sends: [high("listener")] }),
      entry("listener", "listener", { sends: [high("probe"), ...flooders.map(low)] }),
      ...flooders.map((name) => entry(name, "flooder", { sends: [low("listener")], configuration: { name } })),
    ],
  };
}
