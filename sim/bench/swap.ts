// What a swap of the scheduler costs whoever is waiting, under load, with every other successor breaking a rule on its trial; and
// whether any message is lost, doubled or overtaken.
//
// Streamers flood a sink with numbered messages of all priorities. A witness that is no more urgent than they are has one call
// in flight all the time: the gap is its longest wait from one answer to the next in the 100 ms around a swap, and the baseline
// that of windows of the same length between swaps. What a bad scheduler costs (`fallbackMicros`) is the gap from the moment of
// its swap on. One that starves HIGH needs HIGH messages to starve: there it is the longest way of one of these.

import { BenchNode } from "sim/bench/node";
import { type Percentiles, percentiles } from "sim/bench/percentiles";
import { entries, faults, good, type Kind, kinds, streams } from "sim/bench/swap-table";

export interface SwapFigures extends Accounts {
  readonly swaps: number;
  readonly faulty: number;
  readonly gapMicros: Percentiles;
  readonly baselineGapMicros: Percentiles;
  readonly fallbackMicros: { readonly [kind: string]: Percentiles };
}

interface Accounts {
  /** Numbered ones that arrived. */
  readonly messages: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
}

const high = 0;
const priorities = 3;
/** Before a swap, and after it. */
const halfWindowMillis = 50;
/** Swaps to one window without any. */
const swapsEachBaseline = 5;

/** `report` hears how many swaps are over. */
export async function benchSwap(
  swaps: number,
  messages: number,
  report: (done: number) => void = () => undefined,
): Promise<SwapFigures> {
  const bench = new SwapBench();
  try {
    await bench.start(Math.ceil(messages / streams.length));
    for (let swap = 0; swap < swaps; swap++) {
      if (swap % swapsEachBaseline === 0) await bench.wait();
      const turn = Math.floor(swap / 2);
      if (swap % 2 === 0) await bench.swapToGood(good[(turn + 1) % good.length] as string);
      else await bench.swapToBad(kinds[turn % kinds.length] as Kind);
      report(swap + 1);
    }
    return { swaps, faulty: Math.floor(swaps / 2), ...(await bench.drain()), ...bench.figures() };
  } finally {
    await bench.stop();
  }
}

class SwapBench {
  readonly #node = new BenchNode({ messages: 512 });
  readonly #kept: { type: string; body: unknown }[] = [];
  readonly #gaps: number[] = [];
  readonly #baseline: number[] = [];
  readonly #fallbacks = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));

  /** `least`: of the messages of each stream. */
  async start(least: number): Promise<void> {
    await this.#node.boot({ scheduler: "scheduler", services: entries() });
    for (const name of streams) await this.#node.send(name, "run", { least });
    await this.#node.send("witness", "start", null);
    await sleep(halfWindowMillis);
  }

  stop(): Promise<void> {
    return this.#node.stop();
  }

  figures(): Pick<SwapFigures, "gapMicros" | "baselineGapMicros" | "fallbackMicros"> {
    return {
      gapMicros: percentiles(this.#gaps),
      baselineGapMicros: percentiles(this.#baseline),
      fallbackMicros: Object.fromEntries([...this.#fallbacks].map(([kind, gaps]) => [kind, percentiles(gaps)])),
    };
  }

  /** A window without a swap. */
  async wait(): Promise<void> {
    await this.#closeWindow();
    await sleep(2 * halfWindowMillis);
    this.#baseline.push(await this.#closeWindow());
    await sleep(halfWindowMillis);
  }

  async swapToGood(module: string): Promise<void> {
    await this.#swapIn(module, "confirmed", "");
  }

  async swapToBad(kind: Kind): Promise<void> {
    const module = `firmware/bench/scheduler-${kind}`;
    const wait =
      kind === "starvation" ? await this.#starve(module) : await this.#swapIn(module, "returned", faults[kind]);
    this.#fallbacks.get(kind)?.push(wait);
  }

  /** What was observed since the last swap belongs to this one too. Answers the gap from its beginning on. */
  async #swapIn(module: string, outcome: string, reason: string): Promise<number> {
    const before = await this.#closeWindow();
    await this.#begin(module);
    await sleep(halfWindowMillis);
    const after = await this.#closeWindow();
    this.#gaps.push(Math.max(before, after));
    await Promise.all([this.#end(module, outcome, reason), sleep(halfWindowMillis)]);
    return after;
  }

  /** The flood of HIGH that this needs has the witness wait, as it is LOW: nobody's fault, and no gap. */
  async #starve(module: string): Promise<number> {
    await this.#longestWay();
    await this.#node.send("urgent", "run", null, { priority: high });
    await this.#begin(module);
    await this.#end(module, "returned", faults.starvation);
    await this.#node.send("urgent", "stop", null, { priority: high });
    const longestMicros = await this.#longestWay();
    await this.#closeWindow();
    await sleep(halfWindowMillis);
    return longestMicros;
  }

  async #begin(module: string): Promise<void> {
    await this.#node.send("swapper", "swap", { service: "scheduler", module }, { priority: high });
  }

  async #end(module: string, wanted: string, why: string): Promise<void> {
    const { outcome, reason } = (await this.#next("swapped")) as { outcome: string; reason: string };
    if (outcome !== wanted || !reason.startsWith(why))
      throw new Error(
        `Cannot go on after the swap to ${module}: wanted it ${wanted} ${why}, found ${outcome} ${reason}`,
      );
  }

  async #closeWindow(): Promise<number> {
    await this.#node.send("witness", "window", null, { priority: high });
    return ((await this.#next("window")) as { longestMicros: number }).longestMicros;
  }

  async #longestWay(): Promise<number> {
    await this.#node.send("bystander", "window", null, { priority: high });
    return ((await this.#next("waited")) as { longestMicros: number }).longestMicros;
  }

  /** Ends the streams, and holds what was sent against what came, by stream and priority. */
  async drain(): Promise<Accounts> {
    for (const name of streams) await this.#node.send(name, "stop", null, { priority: high });
    let [messages, lost, duplicated, reordered] = [0, 0, 0, 0];
    for (let stream = 0; stream < streams.length * priorities; stream++) {
      const told = (await this.#next("sunk")) as Omit<Accounts, "messages"> & { readonly sent: number };
      messages += told.sent - told.lost + told.duplicated;
      lost += told.lost;
      duplicated += told.duplicated;
      reordered += told.reordered;
    }
    return { messages, lost, duplicated, reordered };
  }

  /** Several services tell things at once. */
  async #next(type: string): Promise<unknown> {
    for (;;) {
      const index = this.#kept.findIndex((message) => message.type === type);
      if (index !== -1) return this.#kept.splice(index, 1)[0]?.body;
      this.#kept.push(await this.#node.next());
    }
  }
}

function sleep(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
