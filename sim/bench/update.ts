// Live updates of a meter under load: every pair of its eight versions, with a fault at every step of each, and then without
// one. Nothing may be lost, doubled or overtaken, and the state that a version has is the state that the next one has. Every second
// pair is one transaction with a second meter and the scheduler: then all of them run the new versions, or none.
//
// Streamers send numbered messages. The meter, whatever its version, knows which numbers it has not seen; a ledger beside it
// writes down what any version handled. A number that the meter misses was given to a version that was rejected
// (`handledByRejected`), and is in the ledger, or it was in hand when that version broke a rule. Anything else is lost.

import { BenchNode } from "sim/bench/node";
import { type Percentiles, percentiles } from "sim/bench/percentiles";
import {
  faultsOf,
  moduleOf,
  type Pair,
  type PlannedFault,
  pairs,
  plantedIn,
  policies,
  streams,
  updateTable,
  type Version,
} from "sim/bench/update-table";

const noAccounts = Object.freeze({
  /** Asked for, faulty ones among them. */
  updates: 0,
  /** Of these, how many moved two services and a scheduler. */
  transactions: 0,
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
  /** Times that what runs was neither all former nor all new versions. */
  torn: 0,
});

type Accounts = { -readonly [Name in keyof typeof noAccounts]: number };
const accountNames = Object.keys(noAccounts) as readonly (keyof Accounts)[];

export interface UpdateFigures extends Readonly<Accounts> {
  readonly pairs: number;
  /** Longest wait of a caller from one answer to the next, around each update, faults and their restarts included. */
  readonly gapMicros: Percentiles;
  /** The same of those without a fault, one service and several. */
  readonly goodGapMicros: Percentiles;
  readonly transactionGapMicros: Percentiles;
  /** The same where nothing is updated, in windows as long as theirs. */
  readonly baselineGapMicros: Percentiles;
  /** Of updates of one service without a fault; nothing else runs in the midst of a step but the trial. */
  readonly stepMicros: { readonly [step: string]: Percentiles };
}

interface Durations {
  readonly all: number[];
  readonly good: number[];
  readonly together: number[];
  readonly baseline: number[];
  readonly steps: { readonly [step: string]: number[] };
}

interface Move {
  readonly service: string;
  readonly module: string;
}

/** What has to run at this moment. */
interface Running {
  readonly sink: Version;
  readonly aside: Version;
  readonly scheduler: string;
}

interface Ended {
  readonly outcome: "confirmed" | "returned" | "refused";
  readonly reason: string;
  readonly handled: number;
  readonly steps: { readonly [step: string]: number };
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
  const steps = { prepareMicros: [], suspendMicros: [], startMicros: [] };
  const durations: Durations = { all: [], good: [], together: [], baseline: [], steps };
  const total: Accounts = { ...noAccounts };
  for (let first = 0; first < chosen.length; first += pairsEachNode) {
    const bench = new UpdateBench(durations);
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
  return {
    pairs: chosen.length,
    ...total,
    gapMicros: percentiles(durations.all),
    goodGapMicros: percentiles(durations.good),
    transactionGapMicros: percentiles(durations.together),
    baselineGapMicros: percentiles(durations.baseline),
    stepMicros: Object.fromEntries(Object.entries(steps).map(([step, micros]) => [step, percentiles(micros)])),
  };
}

class UpdateBench {
  readonly #node = new BenchNode({ messages: 512, insecure: true });
  readonly #kept: { type: string; body: unknown }[] = [];
  readonly #durations: Durations;
  #running: Running = { sink: 1, aside: 1, scheduler: policies[0] };
  #last: Reported | undefined;
  readonly #accounts: Accounts = { ...noAccounts };
  /** Messages that rejected versions had been given, of all kinds, as the kernel counts them. */
  #given = 0;

  constructor(durations: Durations) {
    this.#durations = durations;
  }

  async start(first: Version): Promise<void> {
    this.#running = { sink: first, aside: first, scheduler: policies[0] };
    await this.#node.boot(updateTable(first));
    for (const name of streams) await this.#node.send(name, "run", { least: 0 });
    await this.#node.send("witness", "start", null);
    await sleep(10);
  }

  stop(): Promise<void> {
    return this.#node.stop();
  }

  async tryPair(pair: Pair): Promise<void> {
    const { from, to, isTogether } = pair;
    await this.#bring({ ...this.#running, sink: from, ...(isTogether ? { aside: from } : {}) });
    for (const fault of faultsOf(pair)) await this.#fail(pair, fault);
    const millis = await this.#bring(this.#targetOf(pair));
    await this.#closeWindow();
    await sleep(millis);
    this.#durations.baseline.push(await this.#closeWindow());
    if (this.#running.sink !== to) throw new Error("the pair was not tried");
  }

  #targetOf({ to, isTogether }: Pair): Running {
    const { scheduler } = this.#running;
    const other = scheduler === policies[0] ? policies[1] : policies[0];
    return isTogether ? { sink: to, aside: to, scheduler: other } : { ...this.#running, sink: to };
  }

  /** An update with a fault in it: the versions before run on. */
  async #fail(pair: Pair, fault: PlannedFault): Promise<void> {
    this.#accounts.faultsInjected++;
    await this.#plant(fault.planted, plantedIn(pair, fault));
    const before = this.#running;
    const target = this.#targetOf(pair);
    const moves = this.#movesTo(target).map((move) => {
      if (move.service === "sink" && fault.act === "name nobody") return { ...move, module: "firmware/bench/nowhere" };
      return move.service === "scheduler" ? { ...move, module: fault.scheduler ?? move.module } : move;
    });
    const { outcome, reason } = await this.#swap(moves, fault.act);
    if (outcome !== "confirmed") {
      if (reason.includes(fault.told)) this.#accounts.faultsActivated++;
      await this.#check();
      return;
    }
    // It did not happen in time: the update was as good as any, and the versions before are brought back.
    this.#running = { ...target, scheduler: fault.scheduler ?? target.scheduler };
    await this.#check();
    await this.#bring(before);
  }

  /** The other meter breaks nothing. */
  async #plant(where: string, meter: "sink" | "aside"): Promise<void> {
    for (const name of ["sink", "aside"])
      await this.#node.send(name, "plant", { where: name === meter ? where : "" }, { priority: high });
    await sleep(settleMillis);
  }

  #movesTo(target: Running): Move[] {
    const { sink, aside, scheduler } = target;
    const moves: Move[] = [];
    if (sink !== this.#running.sink) moves.push({ service: "sink", module: moduleOf(sink) });
    if (aside !== this.#running.aside) moves.push({ service: "aside", module: moduleOf(aside) });
    if (scheduler !== this.#running.scheduler) moves.push({ service: "scheduler", module: scheduler });
    return moves;
  }

  /** An update without a fault, where one is wanted; answers how long it took. */
  async #bring(target: Running): Promise<number> {
    const moves = this.#movesTo(target);
    if (moves.length === 0) return 0;
    await this.#plant("", "sink");
    const begun = performance.now();
    const { outcome, reason, steps } = await this.#swap(moves, "none");
    if (outcome !== "confirmed") throw new Error(`update ${JSON.stringify(moves)}: found ${outcome}: ${reason}`);
    const { good, together, all, steps: durations } = this.#durations;
    (moves.length === 1 ? good : together).push(all.at(-1) as number);
    if (moves.length === 1) for (const step in durations) durations[step]?.push(steps[step] ?? 0);
    this.#running = target;
    const millis = performance.now() - begun;
    await this.#check();
    return millis;
  }

  async #swap(moves: readonly Move[], act: PlannedFault["act"]): Promise<Ended> {
    this.#accounts.updates++;
    if (moves.length > 2) this.#accounts.transactions++;
    await this.#closeWindow();
    if (act === "kill old") await this.#node.send("sink", "ponder", null, { priority: high });
    await this.#node.send("command", "update", { moves }, { priority: high });
    if (act.startsWith("kill")) {
      await sleep(settleMillis);
      await this.#kill(act === "kill server" ? "reincarnation" : "sink");
    }
    const end = (await this.#next("swapped")) as Ended;
    if (end.outcome === "returned") {
      this.#accounts.rolledBack++;
      this.#given += end.handled;
    }
    this.#durations.all.push(await this.#closeWindow());
    return end;
  }

  async #kill(service: string): Promise<void> {
    await this.#node.worker.ask({ op: "fault", node: 0, service, kind: "kill" });
  }

  async #closeWindow(): Promise<number> {
    await this.#node.send("witness", "window", null, { priority: high });
    return ((await this.#next("window")) as { longestMicros: number }).longestMicros;
  }

  /** Whether what has to run does, and knows all that the one before it knew. */
  async #check(): Promise<void> {
    const { sink, aside, scheduler } = this.#running;
    await this.#node.send("command", "modules", null, { priority: high });
    const modules = (await this.#next("modules")) as { readonly [service: string]: string };
    const wanted: { readonly [service: string]: string } = { sink: moduleOf(sink), aside: moduleOf(aside), scheduler };
    if (Object.entries(wanted).some(([service, module]) => modules[service] !== module)) this.#accounts.torn++;
    const beside = await this.#report("aside");
    const told = await this.#report("sink");
    if (!this.#knowsAll(told) || !knowsItself(beside, aside)) this.#accounts.stateLost++;
    this.#last = told;
  }

  async #report(service: string): Promise<Reported> {
    await this.#node.send(service, "report", null, { priority: high });
    return (await this.#next("reported")) as Reported;
  }

  #knowsAll(told: Reported): boolean {
    const { next, taken, sum, missing, missingSum } = told;
    const count = Object.values(next).reduce((total, each) => total + each, 0);
    const whole = Object.values(next).reduce((total, each) => total + (each * (each - 1)) / 2, 0);
    const isWhole = taken + missing === count && sum + missingSum === whole;
    const hasGrown = taken >= (this.#last?.taken ?? 0) && missing >= (this.#last?.missing ?? 0);
    return isWhole && hasGrown && knowsItself(told, this.#running.sink);
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
    const { duplicated, reordered } = ledger;
    return { ...this.#accounts, messages: sent, lost, duplicated, reordered, handledByRejected: missing };
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

/** What every version has, in a form of its own. */
function knowsItself({ version, limitMillivolts, feeder, feederNumber }: Reported, wanted: Version): boolean {
  const isKept = limitMillivolts === 253_000 && feeder === "north" && feederNumber === 7;
  return isKept && version === `${wanted}.0.0`;
}

function sleep(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
