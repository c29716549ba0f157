// How soon a service that was killed answers again, with the state it had committed, whatever it died of. The kernel restarts
// it, as on a node without a reincarnation server: that server's back-off is policy, and would be all that is measured.
//
// A fault is injected when the node was told to make it, and activated when the kernel said that it happened, in the words
// of its kind. Nothing may be left in between: not the kernel, and not a service that lives and never answers again.

import { BenchNode } from "sim/bench/node";
import { type Percentiles, percentiles } from "sim/bench/percentiles";
import { caller, entry } from "sim/bench/table";

export interface RestartFigures {
  readonly kills: number;
  readonly recovered: number;
  /** Of those, how many knew what they had committed. */
  readonly stateful: number;
  readonly microsToAnswer: Percentiles;
}

export interface AllFigures extends RestartFigures {
  readonly faultsInjected: number;
  /** Those that happened as they were meant. */
  readonly faultsActivated: number;
  /** Ends of the kernel, and waits for an answer that did not end. */
  readonly kernelFailures: number;
  readonly unrecoveredHangs: number;
  readonly byFault: { readonly [kind: string]: RestartFigures };
}

/** What the simulator can do to a service, and what the kernel then calls it. */
export const faultNames: { readonly [kind: string]: string } = Object.freeze({
  kill: "killed",
  throw: "threw",
  spin: "out-of-budget",
  memory: "out-of-memory",
  stack: "stack-overflow",
});

/** Kills in one order: as many lines of the log are kept meanwhile. */
const killsEachOrder = 10_000;
/** An answer takes a tenth of a millisecond; on a desk that swaps memory a thousand times as long. */
const hangMillis = 10_000;

interface Answered {
  readonly micros: number;
  readonly isStateful: boolean;
}

/** Every answer of one kind of fault. */
interface Account {
  readonly kills: number;
  readonly micros: number[];
  stateful: number;
  activated: number;
}

export async function benchRestart(
  kills: number,
  kinds: readonly string[],
  tell: (done: number) => void = () => undefined,
): Promise<AllFigures> {
  const accounts = kinds.map((_kind, index) => openAccount(Math.floor((kills + index) / kinds.length)));
  let kernelFailures = 0;
  let unrecoveredHangs = 0;
  let done = 0;
  const node = new BenchNode({ insecure: true });
  try {
    await node.boot({ services: [caller("killer", "killer", "victim", "simulator"), entry("victim", "victim")] });
    for (const [index, account] of accounts.entries())
      for (let left = account.kills; left > 0; left -= killsEachOrder) {
        await killSome(node, kinds[index] as string, Math.min(left, killsEachOrder), account);
        done += Math.min(left, killsEachOrder);
        tell(done);
      }
  } catch (error) {
    if (error instanceof Hang) unrecoveredHangs = 1;
    else kernelFailures = 1;
  } finally {
    await node.stop();
  }
  const byFault = Object.fromEntries(accounts.map((account, index) => [kinds[index], close([account])]));
  return {
    ...close(accounts),
    faultsInjected: kills,
    faultsActivated: accounts.reduce((sum, { activated }) => sum + activated, 0),
    kernelFailures,
    unrecoveredHangs,
    byFault,
  };
}

class Hang extends Error {}

async function killSome(node: BenchNode, kind: string, kills: number, account: Account): Promise<void> {
  node.logs.length = 0;
  await node.send("killer", "run", { kills, kind });
  for (let message = await nextInTime(node); message.type === "answered"; message = await nextInTime(node)) {
    const { micros, isStateful } = message.body as Answered;
    account.micros.push(micros);
    if (isStateful) account.stateful++;
  }
  const told = `error: victim faulted: ${faultNames[kind]}: `;
  account.activated += node.logs.filter((line) => line.startsWith(told)).length;
}

function nextInTime(node: BenchNode): ReturnType<BenchNode["next"]> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => reject(new Hang(`no answer in ${hangMillis} ms`)), hangMillis);
    node
      .next()
      .then(resolve, reject)
      .finally(() => clearTimeout(patience));
  });
}

function openAccount(kills: number): Account {
  return { kills, micros: [], stateful: 0, activated: 0 };
}

function close(accounts: readonly Account[]): RestartFigures {
  const sum = (of: (account: Account) => number): number => accounts.reduce((total, account) => total + of(account), 0);
  return {
    kills: sum(({ kills }) => kills),
    recovered: sum(({ micros }) => micros.length),
    stateful: sum(({ stateful }) => stateful),
    microsToAnswer: percentiles(accounts.flatMap(({ micros }) => micros)),
  };
}
