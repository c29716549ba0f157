// Does the host's hot path in C do what kernel/turn.ts, mailboxes.ts and order.ts say? Random programs run on both: sends, calls,
// replies, timers, publications, faults, deadlines, under no scheduler, good ones, bad ones and ones that are swapped. All
// that the services tell, the order of all dispatches and all accounts must be the same.

import { expect, test } from "@jest/globals";
import type { ServiceEntry, SystemTable } from "kernel/mod";
import type { Dispatch, KernelStatistics } from "services/api/kernel";
import {
  call,
  type Figures,
  forget,
  type Heard,
  type Step,
  send,
  service,
  talker,
  to,
  useNodes,
} from "tests/kernel-node";
import { schedulerTable, statistics } from "tests/scheduler-node";

const boot = useNodes();

const names = ["a", "b", "c", "d", "e"];
const programs = 32;
const messagesEach = 24;

const policies = ["round-robin", "priority", "deadline"].map((name) => `services/scheduler/${name}`);
const bad = ["tests/services/bad-scheduler", "tests/services/strange-scheduler"];
const crimes = [
  "leaves out the least urgent",
  "asks for the time",
  "makes an element of its order a function",
  "grows without end",
  "shortens its arrays",
];

const manners = ["orders one twice", "orders who is not ready", "answers a promise", "empties the order"];

interface Told {
  readonly service: string;
  readonly steps: readonly Step[];
  readonly priority: 0 | 1 | 2;
  /** That pass before the next one. */
  readonly millis: number;
}

/** Anyone may send to anyone, and call whoever comes later: circles of calls are refused at boot. "ghost" never lives. */
const services: readonly ServiceEntry[] = [
  ...names.map((name, index) =>
    talker(name, {
      mailbox: 4,
      sends: to([...names, "ghost"]),
      calls: to([...names.slice(index + 1), "ghost", ...(index === 0 ? ["kernel"] : [])]),
      publishes: to(["news"]),
      subscribes: ["news"],
      budgetSteps: 200_000,
    }),
  ),
  service("stillborn", "ghost"),
];

function table(pick: Pick): SystemTable {
  const module = pick([undefined, ...policies, ...bad]);
  if (module === undefined) return { services };
  return schedulerTable(module, { crime: pick(crimes), how: pick(manners), atPlan: pick([1, 5, 20]) }, services);
}

type Pick = <Item>(items: readonly Item[]) => Item;

function program(random: () => number, pick: Pick): readonly Told[] {
  return Array.from({ length: messagesEach }, () => {
    const index = Math.floor(random() * names.length);
    return {
      service: names[index] as string,
      steps: Array.from({ length: 1 + Math.floor(random() * 5) }, () => step(index, random, pick)),
      priority: pick([0, 1, 2] as const),
      millis: pick([0, 0, 0, 0, 2, 60]),
    };
  });
}

function step(index: number, random: () => number, pick: Pick): Step {
  const later = names.slice(index + 1);
  const options = { priority: pick(["HIGH", "MEDIUM", "LOW"] as const), deadlineMillis: pick([1, 5, 1_000]) };
  const kind = random();
  if (kind < 0.06) return { verb: "publish", to: "news", message: random(), options };
  if (kind < 0.09) return { verb: "subscribe", to: "news", type: "note" };
  if (kind < 0.15) return { verb: pick(["after", "every"]), type: "tick", millis: pick([1, 3, 20]) };
  if (kind < 0.18) return { verb: "commit", message: random() };
  if (index === 0 && kind < 0.25)
    return call("kernel", "swap", { service: "scheduler", module: pick([...policies, ...bad]) });
  if (later.length === 0 || kind < 0.4)
    return send(pick([...names, "ghost"]), pick(["note", "echo"]), random(), options);
  if (kind < 0.6) return forget(pick([...later, "ghost"]), "echo", { value: random() }, options);
  if (kind < 0.8) return call(pick([...later, "ghost"]), "echo", { value: random() }, options);
  if (kind < 0.84) return call(pick(later), "hang", null, options);
  if (kind < 0.88) return call(pick(later), "fail", null, options);
  return later.length > 1
    ? call(later[0] as string, "relay", { to: later[1] as string, type: "echo", message: random() }, options)
    : call(pick(later), "nothing-of-the-kind", null, options);
}

/** A small generator of our own: the same seed is the same program wherever it runs (xorshift32, Marsaglia 2003). */
function chance(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

type Accounts = Omit<Figures, "bytes">;

interface Outcome {
  readonly heard: Heard[];
  readonly logs: string[];
  readonly dispatches: readonly Dispatch[];
  /** But for the bytes: the specification itself takes some. */
  readonly figures: Accounts;
  readonly statistics: KernelStatistics | null;
}

async function run(seed: number, isSpecification: boolean): Promise<Outcome> {
  const random = chance(seed);
  const pick: Pick = (items) => items[Math.floor(random() * items.length)] as (typeof items)[number];
  const system = table(pick);
  const node = await boot(system, { isSpecification });
  for (const { service: name, steps, priority, millis } of program(random, pick)) {
    await node.tell(name, "do", steps, priority).catch((error: Error) => node.logs.push(error.message));
    if (millis > 0 || random() < 0.3) await node.pass(millis);
  }
  await node.pass(1_100);
  const heard = node.heard();
  const { dispatches, messages, poolBytes, refused } = await node.measure();
  const trace = await node.trace();
  const kept = system.scheduler === undefined ? null : await statistics(node);
  await node.cutPower();
  const figures = { dispatches, messages, poolBytes, refused };
  return { heard, logs: node.logs, dispatches: trace, figures, statistics: kept };
}

test("the host's turn does what the kernel's specification does, on random programs", async () => {
  const told = new Map<string, number>();
  for (let seed = 1; seed <= programs; seed++) {
    const specified = await run(seed * 7919, true);
    const done = await run(seed * 7919, false);
    expect({ seed, ...done }).toEqual({ seed, ...specified });
    const outcomes = done.heard.map(({ type, body }) =>
      type === "swapped" ? (body as { outcome: string }).outcome : type,
    );
    const faults = done.logs.flatMap((line) => /scheduler faulted: ([a-z-]+)/.exec(line)?.[1] ?? []);
    for (const each of [...outcomes, ...faults]) told.set(each, (told.get(each) ?? 0) + 1);
  }
  // The programs do exercise something: less than this means that they ran into a wall.
  expect(told.get("did")).toBeGreaterThan(programs * messagesEach);
  const wanted = ["noted", "ticked", "confirmed", "returned", "nonsense", "threw", "out-of-memory"];
  expect(wanted.filter((each) => !told.has(each))).toEqual([]);
}, 60_000);
