// Live updates of a meter under load: every pair of its eight versions, with a fault at every step of each, and then without
// one. Nothing may be lost, doubled or overtaken, and the state that a version has is the state that the next one has.
//
// Streamers send numbered messages. The meter, whatever its version, knows which numbers it has not seen; a ledger beside it
// writes down what any version handled. A number that the meter misses was given to a version that was rejected
// (`handledByRejected`), and is in the ledger, or it was in hand when that version broke a rule. Anything else is lost.

import { BenchNode } from "sim/bench/node";
import { type Percentiles, percentiles } from "sim/bench/percentiles";
import {
  faults,
  isPossible,
  moduleOf,
  type Pair,
  type PlannedFault,
  pairs,
  streams,
  updateTable,
  type Version,
} from "sim/bench/update-table";

const noAccounts = Object.freeze({
  /** Asked for, faulty ones among them. */
  updates: 0,
  faultsInjected: 0,
  /** Those that happened, and were what the update ended by. */
  faultsActivated: 0,
  messages: 0,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  handledByRejected: 0,
  stateLost: 0,
  rolledBack: 0,
});

type Accounts = { -readonly [Name in keyof typeof noAccounts]: number };
const accountNames = Object.keys(noAccounts) as readonly (keyof Accounts)[];

export interface UpdateFigures extends Readonly<Accounts> {
  readonly pairs: number;
  /** Longest wait of a caller from one answer to the next, around each update. */
  readonly gapMicros: Percentiles;
}

interface Ended {
  readonly outcome: "confirmed" | "returned" | "refused";
  readonly reason: string;
  readonly handled: number;
}

/** What the meter says it knows (firmware/bench/meter-states). */
interface Reported {
  readonly version: string;
  readonly next: { readonly [stream: string]: number };
  readonly taken: number;
  readonly sum: number;
  readonly missing: number;
  readonly missingSum: number;
  readonly limitMillivolts: number;
  readonly feeder: string;
  readonly feederNumber: number;
}

const high = 0;
/** For the load to flow before an update, and behind it. */
const settleMillis = 2;
/** Each pair kills the reincarnation server once, and a kernel gives up at the fourth time in a minute. */
const pairsEachNode = 3;

/** `most`: of the pairs, evenly spread; `tell` hears how many are done. */
export async function benchUpdate(
  most = pairs.length,
  tell: (done: number) => void = () => undefined,
): Promise<UpdateFigures> {
  const chosen = pairs.filter(
    (_pair, index) => Math.floor((index * most) / pairs.length) !== Math.floor(((index - 1) * most) / pairs.length),
  );
  const gaps: number[] = [];
  const total: Accounts = { ...noAccounts };
  for (let first = 0; first < chosen.length; first += pairsEachNode) {
    const bench = new UpdateBench(gaps);
    try {
      const some = chosen.slice(first, first + pairsEachNode);
      await bench.start((some[0] as Pair).from);
      for (const pair of some) await bench.tryPair(pair);
      const accounts = await bench.drain();
      for (const name of accountNames) total[name] += accounts[name];
      tell(first + some.length);
    } finally {
      await bench.stop();
    }
  }
  return { pairs: chosen.length, ...total, gapMicros: percentiles(gaps) };
}

class UpdateBench {
  readonly #node = new BenchNode({ messages: 512, insecure: true });
  readonly #kept: { type: string; body: unknown }[] = [];
  readonly #gaps: number[];
  #current: Version = 1;
  #last: Reported | undefined;
  #updates = 0;
  #injected = 0;
  #activated = 0;
  #rolledBack = 0;
  #stateLost = 0;
  /** Messages that rejected versions had been given, of all kinds, as the kernel counts them. */
  #given = 0;

  constructor(gaps: number[]) {
    this.#gaps = gaps;
  }

  async start(first: Version): Promise<void> {
    this.#current = first;
    await this.#node.boot(updateTable(first));
    for (const name of streams) await this.#node.send(name, "run", { least: 0 });
    await this.#node.send("witness", "start", null);
    await sleep(10);
  }

  stop(): Promise<void> {
    return this.#node.stop();
  }

  async tryPair(pair: Pair): Promise<void> {
    if (this.#current !== pair.from) await this.#update(pair.from);
    for (const fault of faults) if (isPossible(pair, fault)) await this.#fail(pair, fault);
    await this.#update(pair.to);
  }

  /** An update with a fault in it: the version before runs on. */
  async #fail({ to }: Pair, fault: PlannedFault): Promise<void> {
    this.#injected++;
    await this.#node.send("sink", "plant", { where: fault.planted }, { priority: high });
    await sleep(settleMillis);
    const module = fault.act === "name nobody" ? "firmware/bench/nowhere" : moduleOf(to);
    const { outcome, reason } = await this.#swap(module, fault.act);
    if (outcome !== "confirmed") {
      if (reason.includes(fault.told)) this.#activated++;
      await this.#check();
      return;
    }
    // It did not happen in time: the update was as good as any, and the version before is brought back.
    const from = this.#current;
    this.#current = to;
    await this.#check();
    await this.#update(from);
  }

  async #update(to: Version): Promise<void> {
    await this.#node.send("sink", "plant", { where: "" }, { priority: high });
    await sleep(settleMillis);
    const { outcome, reason } = await this.#swap(moduleOf(to), "none");
    if (outcome !== "confirmed")
      throw new Error(`update to version ${to}: wanted it confirmed, found ${outcome}: ${reason}`);
    this.#current = to;
    await this.#check();
  }

  async #swap(module: string, act: PlannedFault["act"]): Promise<Ended> {
    this.#updates++;
    await this.#closeWindow();
    if (act === "kill old") await this.#node.send("sink", "ponder", null, { priority: high });
    await this.#node.send("command", "update", { moves: [{ service: "sink", module }] }, { priority: high });
    if (act.startsWith("kill")) {
      await sleep(settleMillis);
      await this.#kill(act === "kill server" ? "reincarnation" : "sink");
    }
    const end = (await this.#next("swapped")) as Ended;
    if (end.outcome === "returned") {
      this.#rolledBack++;
      this.#given += end.handled;
    }
    this.#gaps.push(await this.#closeWindow());
    return end;
  }

  async #kill(service: string): Promise<void> {
    await this.#node.worker.ask({ op: "fault", node: 0, service, kind: "kill" });
  }

  async #closeWindow(): Promise<number> {
    await this.#node.send("witness", "window", null, { priority: high });
    return ((await this.#next("window")) as { longestMicros: number }).longestMicros;
  }

  /** Whether the version that runs knows all that the one before it knew. */
  async #check(): Promise<void> {
    await this.#node.send("sink", "report", null, { priority: high });
    const told = (await this.#next("reported")) as Reported;
    if (!this.#knowsAll(told)) this.#stateLost++;
    this.#last = told;
  }

  #knowsAll(told: Reported): boolean {
    const { limitMillivolts, feeder, feederNumber, next, taken, sum, missing, missingSum } = told;
    const count = Object.values(next).reduce((total, each) => total + each, 0);
    const whole = Object.values(next).reduce((total, each) => total + (each * (each - 1)) / 2, 0);
    const isWhole = taken + missing === count && sum + missingSum === whole;
    const isKept = limitMillivolts === 253_000 && feeder === "north" && feederNumber === 7;
    const hasGrown = taken >= (this.#last?.taken ?? 0) && missing >= (this.#last?.missing ?? 0);
    return isWhole && isKept && hasGrown && told.version === `${this.#current}.0.0`;
  }

  async drain(): Promise<Accounts> {
    for (const name of streams) await this.#node.send(name, "stop", null, { priority: high });
    let sent = 0;
    for (const _name of streams) {
      const end = (await this.#next("ended")) as { readonly sent: { readonly [priority: string]: number } };
      sent += Object.values(end.sent).reduce((total, each) => total + each, 0);
    }
    await this.#check();
    await this.#node.send("ledger", "report", null, { priority: 2 });
    const ledger = (await this.#next("ledger")) as {
      taken: number;
      duplicated: number;
      reordered: number;
      missing: number;
    };
    const { taken = 0, missing = 0 } = this.#last ?? {};
    const inHand = this.#kept.filter(
      ({ type, body }) => type === "fell" && (body as { messageType: string }).messageType === "take",
    ).length;
    // Numbers that never came to the meter at all, those that no version was given, and those that only a fault in hand excuses.
    const lost =
      Math.abs(sent - taken - missing) + Math.max(0, missing - this.#given) + Math.max(0, ledger.missing - inHand);
    return {
      updates: this.#updates,
      faultsInjected: this.#injected,
      faultsActivated: this.#activated,
      messages: sent,
      lost,
      duplicated: ledger.duplicated,
      reordered: ledger.reordered,
      handledByRejected: missing,
      stateLost: this.#stateLost,
      rolledBack: this.#rolledBack,
    };
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
