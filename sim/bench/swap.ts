// What a swap of the scheduler costs whoever is waiting, under load, with every other successor breaking a rule on its trial.
//
// A witness calls at HIGH with one call in flight; streamers flood a sink with numbered messages. The gap is the longest
// wait for an answer in the window of one swap; the baseline is that of windows of the same length without one. What a bad
// scheduler costs (`fallbackMicros`) is the gap of the window in which it was put out.

import { BenchNode } from "sim/bench/node";
import { type Percentiles, percentiles } from "sim/bench/percentiles";
import { type Entry, entry } from "sim/bench/table";

export interface SwapFigures {
  readonly swaps: number;
  readonly faulty: number;
  readonly messages: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly gapMicros: Percentiles;
  readonly baselineGapMicros: Percentiles;
  readonly fallbackMicros: { readonly [kind: string]: Percentiles };
}

const kinds = ["hang", "starvation", "nonsense", "memory", "throw"];
const good = ["services/scheduler/round-robin", "services/scheduler/priority"];
const streams = 4;
const high = 0;
const baselineWindows = 50;
const baselineMillis = 20;

interface Swapped {
  readonly outcome: string;
  readonly reason: string;
}

export async function benchSwap(swaps: number, messages: number): Promise<SwapFigures> {
  const node = new BenchNode({ messages: 512 });
  try {
    return await measure(node, swaps, messages);
  } finally {
    await node.stop();
  }
}

async function measure(node: BenchNode, swaps: number, messages: number): Promise<SwapFigures> {
  const told = new Listener(node);
  await node.boot({ scheduler: "scheduler", services: entries() });
  const least = Math.ceil(messages / streams);
  for (let stream = 0; stream < streams; stream++) await node.send(`streamer-${stream}`, "run", { least });
  await node.send("witness", "start", null);
  const baseline = [];
  for (let window = 0; window < baselineWindows; window++) {
    await new Promise((resolve) => setTimeout(resolve, baselineMillis));
    baseline.push(await closeWindow(node, told));
  }
  const gaps: number[] = [];
  const fallbacks: { [kind: string]: number[] } = Object.fromEntries(kinds.map((kind) => [kind, []]));
  let current = 1;
  for (let swap = 0; swap < swaps; swap++) {
    const isFaulty = swap % 2 === 1;
    const kind = kinds[Math.floor(swap / 2) % kinds.length] as string;
    if (!isFaulty) current = 1 - current;
    const module = isFaulty ? `firmware/bench/scheduler-${kind}` : (good[current] as string);
    await node.send("swapper", "swap", { service: "scheduler", module }, { priority: high });
    const { outcome, reason } = (await told.next("swapped")) as Swapped;
    const wanted = isFaulty ? "returned" : "confirmed";
    if (outcome !== wanted)
      throw new Error(`swap ${swap} to ${module}: wanted it ${wanted}, found ${outcome} ${reason}`);
    (isFaulty ? (fallbacks[kind] as number[]) : gaps).push(await closeWindow(node, told));
  }
  let sent = 0;
  for (let stream = 0; stream < streams; stream++)
    await node.send(`streamer-${stream}`, "stop", null, { priority: high });
  for (let stream = 0; stream < streams; stream++) sent += ((await told.next("streamed")) as { sent: number }).sent;
  await node.send("witness", "stop", null, { priority: high });
  await node.send("sink", "report", null);
  const { taken, lost, again } = (await told.next("sunk")) as { taken: number; lost: number; again: number };
  // What was passed over and came later was out of order; what came in excess of all that was sent came twice.
  const duplicated = Math.max(0, taken - sent);
  const reordered = again - duplicated;
  return {
    swaps,
    faulty: Math.floor(swaps / 2),
    messages: taken,
    lost: lost - reordered,
    duplicated,
    reordered,
    gapMicros: percentiles(gaps),
    baselineGapMicros: percentiles(baseline),
    fallbackMicros: Object.fromEntries(kinds.map((kind) => [kind, percentiles(fallbacks[kind] as number[])])),
  };
}

async function closeWindow(node: BenchNode, told: Listener): Promise<number> {
  await node.send("witness", "window", null, { priority: high });
  return ((await told.next("window")) as { longestMicros: number }).longestMicros;
}

function entries(): Entry[] {
  const reach = (...names: string[]) => names.map((to) => ({ to, priority: "HIGH" as const }));
  const streamers = Array.from({ length: streams }, (_, stream) =>
    entry(`streamer-${stream}`, "streamer", {
      sends: reach("sink", "probe", `streamer-${stream}`),
      configuration: { stream },
    }),
  );
  return [
    { ...entry("scheduler", ""), module: good[1] as string, budgetSteps: 20_000 },
    entry("witness", "witness", { sends: reach("witness", "probe"), calls: reach("echo") }),
    entry("echo", "echo"),
    entry("swapper", "swapper", { sends: reach("probe"), calls: reach("kernel") }),
    entry("sink", "sink", { sends: reach("probe") }),
    ...streamers,
  ];
}

/** Messages of the probe by type: several services tell it things at once. */
class Listener {
  readonly #node: BenchNode;
  readonly #kept: { type: string; body: unknown }[] = [];

  constructor(node: BenchNode) {
    this.#node = node;
  }

  async next(type: string): Promise<unknown> {
    for (;;) {
      const index = this.#kept.findIndex((message) => message.type === type);
      if (index !== -1) return this.#kept.splice(index, 1)[0]?.body;
      this.#kept.push(await this.#node.next());
    }
  }
}
