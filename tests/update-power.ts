// Cuts the power at operations of the flash while a node is updated, boots it again and judges: it runs entirely what it ran before or
// entirely what it was to run, its journal says which, and nobody was told otherwise.

import type { BenchNode } from "sim/bench/node";
import { type Closed, type Modules, UpdateNode, type Variant } from "tests/update-node";
import type { Reply } from "wire/command";

const counter = "tests/services/counter";
const next = "tests/services/counter-next";
const journal = "services/journal/service";
const nextJournal = "tests/services/journal-next";
const priority = "services/scheduler/priority";
const roundRobin = "services/scheduler/round-robin";
const deadline = "services/scheduler/deadline";

/** Before, in the middle of and after what the chip does. */
export const points = ["before", "first-half", "all-but-last", "some-bits", "unstable", "after"] as const;
export type Point = (typeof points)[number];

export interface Scenario {
  readonly name: string;
  readonly before: Modules;
  readonly after: Modules;
  /** Swaps that were made before; the last one left what is `before`. */
  readonly history: readonly Modules[];
  /** What is cut: with it the node comes from `before` to `after`, or does not leave `before`. */
  act(node: UpdateNode): Promise<void>;
  readonly variant?: Variant;
  /** How it ends when nobody cuts. */
  readonly ends: "before" | "after";
  /** It is over so long after the boot that follows: a trial by reboot goes on there. */
  readonly settleMillis?: number;
  readonly isReplied: boolean;
}

const swap = (name: string, before: Modules, after: Modules, more: Partial<Scenario> = {}): Scenario => ({
  name,
  before,
  after,
  history: [],
  act: (node) => node.swap(after),
  ends: "after",
  isReplied: true,
  ...more,
});

/** The trial lasts half a second; then the sector of the boot record is erased, which takes 45 ms. */
const whileWrittenMillis = 520;

const several = { one: next, two: next, scheduler: roundRobin };
const table = { one: counter, two: counter, scheduler: priority };

export const scenarios: readonly Scenario[] = [
  swap("a service", { one: counter }, { one: next }),
  swap("a scheduler", { scheduler: priority }, { scheduler: deadline }),
  swap("two services and a scheduler", table, several),
  swap("two services and a scheduler, back to what the table gives", several, table, { history: [several] }),
  swap(
    "a service, undone",
    { one: next },
    { one: counter },
    { history: [{ one: next }], act: (node) => node.order("undo") },
  ),
  swap("the journal itself, and a service", { one: counter, journal }, { one: next, journal: nextJournal }),
  swap("two services and a scheduler, of which one fails its trial", table, several, {
    variant: { broken: "false in health" },
    ends: "before",
  }),
  swap("two services and a scheduler, of which one falls while they are written down", table, several, {
    ends: "before",
    act: async (node) => {
      await node.swap(several);
      await node.advance(whileWrittenMillis);
      if (!(await node.isDark())) await node.kill("one");
    },
  }),
  swap(
    "a scheduler that is put out by a fault later",
    { scheduler: deadline },
    { scheduler: priority },
    {
      history: [{ scheduler: deadline }],
      isReplied: false,
      act: (node) => node.kill("scheduler"),
    },
  ),
];

/** The boot that tries it, and the next one where that was no good. */
const trialMillis = 20_000;

const byReboot = (name: string, before: Modules, after: Modules, ends: "before" | "after"): Scenario =>
  swap(name, before, after, {
    ends,
    settleMillis: trialMillis,
    act: async (node) => {
      await node.swap(after);
      await node.live(trialMillis);
    },
  });

export const rebootScenarios: readonly Scenario[] = [
  byReboot(
    "storage and a service, by a reboot",
    { storage: "services/storage/service", one: counter },
    { storage: "tests/services/storage-next", one: next },
    "after",
  ),
  byReboot(
    "the reincarnation server, by a reboot",
    { reincarnation: "services/reincarnation/service" },
    { reincarnation: "tests/services/reincarnation-next" },
    "after",
  ),
  byReboot(
    "storage by what is none",
    { storage: "services/storage/service" },
    { storage: "tests/services/stillborn" },
    "before",
  ),
  byReboot(
    "the reincarnation server by what is none",
    { reincarnation: "services/reincarnation/service" },
    { reincarnation: "tests/services/nowhere" },
    "before",
  ),
];

/** A cut at the n-th operation of the flash from the order on, counted from 1. */
export interface Cut {
  readonly operation: number;
  readonly point: Point;
  readonly seed: number;
}

export interface Run {
  /** Of the flash, from the order on. */
  readonly operations: number;
  readonly wasCut: boolean;
  /** Whether the second cut happened; without it nothing is judged. */
  readonly wasCutAgain: boolean;
  readonly ended: "before" | "after" | "between";
  /** In words, what must not be; none is the rule. */
  readonly violations: readonly string[];
}

/** The kernel waits five seconds for a word, and the journal is asked again after five more. */
const patienceMillis = 15_000;

/** An update takes half a second of trial; a flash at its slowest some more. */
const updateMillis = 1_500;

/** What goes wrong meanwhile. Without any of it the power fails when all is over. */
export interface Trouble {
  readonly cut?: Cut;
  /** In the boot that follows, counted from its start. */
  readonly cutAgain?: Cut;
  /** A service falls so long after the order. */
  readonly kill?: { readonly service: string; readonly afterMillis: number };
}

export async function runScenario(
  bench: BenchNode,
  index: number,
  scenario: Scenario,
  { cut, cutAgain, kill }: Trouble = {},
): Promise<Run> {
  const node = await UpdateNode.boot(bench, index, scenario.variant);
  for (const modules of scenario.history) {
    await node.swap(modules);
    await node.advance(updateMillis);
    if (outcomeOf(node.takeReply()) !== "confirmed") throw new Error("what went before was not confirmed");
  }
  const from = Number((await node.flash()).operations);
  if (cut !== undefined) await plan(node, from, cut);
  await scenario.act(node);
  if (kill !== undefined) {
    await node.advance(kill.afterMillis);
    await node.kill(kill.service);
  }
  await node.advance(kill === undefined ? updateMillis : patienceMillis);
  const reply = node.takeReply();
  const wasCut = node.wasCut();
  const operations = Number((await node.flash()).operations) - from;
  const ran = wasCut ? null : await node.modules();
  await node.cutPower();
  const wasCutAgain = cutAgain !== undefined && (await bootAndCut(node, cutAgain));
  if (cutAgain !== undefined && !wasCutAgain)
    return { operations, wasCut, wasCutAgain, ended: scenario.ends, violations: [] };
  await node.boot();
  if (scenario.settleMillis !== undefined) await node.live(scenario.settleMillis);
  const { ended, violations } = await judge(node, scenario, reply);
  if (ran !== null && !runs(ran, scenario[ended === "after" ? "after" : "before"]))
    violations.push(`it ran ${JSON.stringify(ran)} before the boot, and what was ${ended} after it`);
  if (!wasCut && kill === undefined) {
    if (ended !== scenario.ends) violations.push(`it ended ${ended} though nothing went wrong`);
    if (scenario.isReplied && reply === undefined) violations.push("nobody was answered");
  }
  await node.cutPower();
  return { operations, wasCut, wasCutAgain, ended, violations };
}

async function plan(node: UpdateNode, from: number, { operation, point, seed }: Cut): Promise<void> {
  await node.flash({ plan: { operation: from + operation, happening: "cut", point, unsynced: "subset", seed } });
}

/** Whether the boot came as far as that. */
async function bootAndCut(node: UpdateNode, cut: Cut): Promise<boolean> {
  await plan(node, Number((await node.flash()).operations), cut);
  await node.boot();
  await node.cutPower();
  return node.wasCut();
}

async function judge(
  node: UpdateNode,
  scenario: Scenario,
  reply: Reply | undefined,
): Promise<{ readonly ended: Run["ended"]; readonly violations: string[] }> {
  const modules = await node.modules();
  const changes = await node.changes();
  const ended = runs(modules, scenario.before) ? "before" : runs(modules, scenario.after) ? "after" : "between";
  const violations: string[] = [];
  if (ended === "between") violations.push(`it runs ${JSON.stringify(modules)}`);
  const told = outcomeOf(reply);
  if (told !== null && told !== "trial" && told !== (ended === "after" ? "confirmed" : "returned"))
    violations.push(`${told} was answered, and it runs what was ${ended}`);
  const written = describe(changes, scenario);
  if (!(ended === "after" ? ["committed"] : ["none", "undone"]).includes(written))
    violations.push(`it runs what was ${ended}, and the journal has ${written}`);
  return { ended, violations };
}

function runs(modules: Modules, wanted: Modules): boolean {
  return Object.entries(wanted).every(([service, module]) => modules[service] === module);
}

/** What the journal says of the one change that the scenario may have made; one that nobody ordered is tried until it is made. */
function describe(changes: readonly Closed[], { history, after, isReplied }: Scenario): string {
  const more = changes.slice(history.length);
  const last = more.at(-1);
  if (last === undefined) return "none";
  const isTriedOnce = more.length === 1 || (!isReplied && more.slice(0, -1).every(({ kind }) => kind === "undone"));
  return isTriedOnce && more.every(({ moves }) => runs(moves, after)) ? last.kind : JSON.stringify(more);
}

function outcomeOf(reply: Reply | undefined): unknown {
  return reply?.ok === true ? (reply.result as { readonly outcome: unknown }).outcome : null;
}
