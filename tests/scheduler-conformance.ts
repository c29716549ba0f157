// What every scheduler must keep, as claims that run against anything with a `plan`: the module on Node, or in a machine on
// XS. Each claim opens its own, one at a time. Adding a policy means running these; docs/SCHEDULERS.md says how.

import type { SchedulerView } from "lughos";
import {
  chance,
  check,
  type Handover,
  type OpenScheduler,
  range,
  SchedulerBench,
  scatter,
  type Waiting,
} from "tests/scheduler-bench";

export interface SchedulerClaim {
  readonly title: string;
  /** Throws a SchedulerViolation when the scheduler breaks the claim. */
  run(open: OpenScheduler): void;
}

/** Beyond one turn for each service: what a policy may let a service wait for the sake of others, in plans. */
const patiencePlans = 8;

/** What a scheduler plans for a fixed sequence of ready sets. */
function history(open: OpenScheduler): string {
  const bench = new SchedulerBench(open, 40);
  const next = chance(3);
  return range(100)
    .map((round) => {
      const waiting = new Map(
        range(40).map((service) => [service, { priority: next() % 3, deadlineMicros: next() % 1000 }]),
      );
      const order = bench.plan(scatter(round + 1, 40), waiting);
      bench.dispatch(order.slice(0, round % 5));
      return order.join();
    })
    .join(" ");
}

interface Rounds {
  readonly count: number;
  /** Of each dispatch. */
  readonly steps: number;
  /** After every plan. */
  readonly isSwapped?: boolean;
  readonly inherited?: Handover;
}

/** Plans until every service was at the head of one, when only the head of each is dispatched. */
function plansUntilAllRan(open: OpenScheduler, { count, steps, isSwapped = false, inherited }: Rounds): number {
  const bench = new SchedulerBench(open, count, inherited);
  const ran = new Set<number>();
  for (let plans = 1; plans <= 10 * count; plans++) {
    const head = bench.plan(range(count)).slice(0, 1);
    bench.dispatch(head, steps);
    ran.add(head[0] as number);
    if (ran.size === count) return plans;
    if (isSwapped) bench.swap();
  }
  return Number.POSITIVE_INFINITY;
}

interface Flood {
  readonly count: number;
  /** The service whose wait is looked at, and what waits for it. */
  readonly waiter: number;
  readonly waiting: Waiting;
  /** What waits for each of the others, always. */
  others(round: number, service: number): Waiting;
  readonly isSwapped?: boolean;
}

/** The most plans in a row that passed one service over, when each is cut short behind its HIGH and one service more. */
function longestWait(open: OpenScheduler, { count, waiter, waiting, others, isSwapped = false }: Flood): number {
  const bench = new SchedulerBench(open, count);
  let waited = 0;
  let longest = 0;
  for (let round = 0; round < 4 * (count + patiencePlans); round++) {
    const all = new Map(
      range(count).map((service) => [service, service === waiter ? waiting : others(round, service)]),
    );
    const order = bench.plan(range(count), all);
    const ran = order.slice(0, order.findIndex((service) => all.get(service)?.priority !== 0) + 1);
    bench.dispatch(ran);
    waited = ran.includes(waiter) ? 0 : waited + 1;
    longest = Math.max(longest, waited);
    if (isSwapped) bench.swap();
  }
  return longest;
}

const crowds = [2, 7, 16, 33];

/** Now and then a HIGH for one of the others, and MEDIUM for the rest. */
function flood(round: number, service: number): Waiting {
  return { priority: round % 3 === 0 && service === round % 5 ? 0 : 1 };
}

function checkWait(open: OpenScheduler, of: Omit<Flood, "count" | "waiter">): void {
  for (const count of crowds)
    for (const waiter of [0, count - 1]) {
      const plans = longestWait(open, { ...of, count, waiter });
      check(
        plans < count + patiencePlans,
        `wanted each of ${count} to have run after ${patiencePlans} + ${count} plans, found ${waiter} waiting for ${plans}`,
      );
    }
}

function checkTurns(open: OpenScheduler, of: Omit<Rounds, "count">): void {
  for (const count of crowds) {
    const plans = plansUntilAllRan(open, { ...of, count });
    check(plans <= count, `wanted all ${count} to have run after ${count} plans, found ${plans}`);
  }
}

/** What another policy, another version or nobody may leave; as `Turns` (services/scheduler/line) most make no sense. */
const strangeStates: readonly unknown[] = [
  ...[null, 5, "line", [1, 2], {}, { turns: ["sensor", "mqtt"] }],
  ...[
    { line: 7, passed: "no" },
    { line: [], passed: [], planned: [] },
  ],
  { line: [Number.NaN, -1, 1.5, 1e9, "0", null, {}, 0, 0], passed: ["x", -1, 1e9, 0.5] },
  { line: range(64), passed: range(64).map(() => 1e9), planned: range(64) },
  { line: range(16), planned: [7, 7, 7, -1, 1e9, "7", ...range(2000)] },
];

/** As states of the schema that all have who declare none, of a foreign one, and of the scheduler's own. */
function strangeHandovers(open: OpenScheduler): Handover[] {
  const own = open().suspend?.()?.schema ?? 0;
  return [...new Set([0, 7, own])].flatMap((schema) => strangeStates.map((state) => ({ schema, state })));
}

export const schedulerClaims: readonly SchedulerClaim[] = [
  {
    title: "orders every ready service once and no other",
    run(open) {
      const bench = new SchedulerBench(open, 100);
      const next = chance(1);
      for (let seed = 1; seed <= 300; seed++) {
        const waiting = new Map(
          range(100).map((service) => [service, { priority: next() % 3, deadlineMicros: next() % 5000 }]),
        );
        bench.dispatch(bench.plan(scatter(seed, 100), waiting).slice(0, seed % 7));
      }
    },
  },
  {
    title: "finds services at the edges of the words of the ready set",
    run(open) {
      const bench = new SchedulerBench(open, 91);
      for (const edge of [0, 29, 30, 59, 60, 89, 90]) bench.dispatch(bench.plan([edge, 45]));
      bench.plan([0, 29, 30, 59, 60, 89, 90]);
    },
  },
  {
    title: "orders nothing when nothing is ready",
    run(open) {
      const bench = new SchedulerBench(open, 16);
      bench.dispatch(bench.plan(range(16)));
      check(bench.plan([]).length === 0, "wanted an empty order");
    },
  },
  {
    title: "lets each of equally urgent services run within as many plans as there are services",
    run: (open) => checkTurns(open, { steps: 100 }),
  },
  {
    title: "lets each run though the meter sees no step of a short dispatch",
    run: (open) => checkTurns(open, { steps: 0 }),
  },
  {
    title: "skips nobody when plans are cut short and one service is dispatched out of turn",
    run(open) {
      const bench = new SchedulerBench(open, 8);
      const dispatches = range(8).map(() => 0);
      for (let round = 0; round < 800; round++) {
        const order = bench.plan(range(8)).slice(0, 2);
        bench.dispatch([...order, 7]);
        for (const service of order) dispatches[service] = (dispatches[service] as number) + 1;
      }
      const least = Math.min(...dispatches.slice(0, 7));
      check(least >= 100, `wanted at least 100 turns of 800 plans for each, found ${dispatches.join()}`);
    },
  },
  {
    title: "lets LOW wait only so long, whatever is sent at MEDIUM",
    run: (open) => checkWait(open, { waiting: { priority: 2 }, others: flood }),
  },
  {
    title: "lets LOW wait only so long, whatever deadlines the others have",
    run: (open) =>
      checkWait(open, {
        waiting: { priority: 2 },
        others: (round, service) => ({ ...flood(round, service), deadlineMicros: (round * 7919 + service) % 1000 }),
      }),
  },
  {
    title: "lets HIGH wait only so long, whatever deadlines the others have",
    run(open) {
      for (const deadlineMicros of [60_000_000, 2 ** 30 - 1])
        checkWait(open, {
          waiting: { priority: 0, deadlineMicros },
          others: (round, service) => ({ priority: 1, deadlineMicros: (round * 7919 + service) % 1000 }),
        });
    },
  },
  {
    title: "plans the same from the same history",
    run(open) {
      const [one, other] = [history(open), history(open)];
      check(one === other, `found ${one} and then ${other}`);
    },
  },
  {
    title: "uses nothing of its context while it plans",
    run(open) {
      const bench = new SchedulerBench(open, 16);
      for (let round = 0; round < 100; round++) bench.dispatch(bench.plan(scatter(round, 16)).slice(0, round % 3));
    },
  },
  {
    title: "keeps the turns when it is swapped after every plan",
    run(open) {
      checkTurns(open, { steps: 100, isSwapped: true });
      checkTurns(open, { steps: 0, isSwapped: true });
    },
  },
  {
    title: "knows who waits when it is swapped after every plan",
    run: (open) => checkWait(open, { waiting: { priority: 2 }, others: flood, isSwapped: true }),
  },
  {
    title: "begins from any state that a predecessor may leave",
    run(open) {
      for (const inherited of strangeHandovers(open))
        checkTurns(openSafely(open, inherited), { steps: 100, inherited });
    },
  },
  {
    title: "orders a thousand services, and all of them again",
    run(open) {
      const bench = new SchedulerBench(open, 1000);
      for (let round = 0; round < 5; round++) bench.dispatch(bench.plan(range(1000)));
    },
  },
];

/** A scheduler that throws at a state is one that no predecessor can be swapped for. */
function openSafely(open: OpenScheduler, state: Handover): OpenScheduler {
  return (inherited) => {
    try {
      const { plan } = open(inherited);
      return { plan: (view: SchedulerView, count: number) => plan(view, count) };
    } catch (error) {
      check(false, `wanted a start from ${JSON.stringify(state)}, found ${error}`);
    }
  };
}
