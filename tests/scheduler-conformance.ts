// What every scheduler must keep, as claims that run against anything with a `plan`: the module on Node, or a service in
// its own machine. Each claim opens its own, one at a time. Adding a policy means running these.

import type { SchedulerView } from "lughos";

/** A scheduler freshly started; opening the next one ends it. */
export interface SchedulerUnderTest {
  plan(view: SchedulerView, count: number): number;
}

export interface SchedulerClaim {
  readonly title: string;
  /** Throws a SchedulerViolation when the scheduler breaks the claim. */
  run(open: () => SchedulerUnderTest): void;
}

export class SchedulerViolation extends Error {}

/** Below `none` of services/api/scheduler: no deadline waits. */
const noDeadline = 2 ** 30 - 1;
const wordBits = 30;

/** A node as a scheduler sees it: sets what is ready, asks for a plan and plays the kernel that works it off. */
export class SchedulerBench {
  readonly #scheduler: SchedulerUnderTest;
  readonly #view: { ready: number[]; priority: number[]; deadlineMicros: number[]; steps: number[]; order: number[] };
  readonly #count: number;

  constructor(scheduler: SchedulerUnderTest, count: number) {
    const zeros = (length: number): number[] => Array.from({ length }, () => 0);
    this.#scheduler = scheduler;
    this.#count = count;
    this.#view = {
      ready: zeros(Math.ceil(count / wordBits)),
      priority: zeros(count),
      deadlineMicros: zeros(count).fill(noDeadline),
      steps: zeros(count),
      order: zeros(count),
    };
  }

  /** Plans for these ready services. `priorities` says what waits for each; default MEDIUM. */
  plan(ready: readonly number[], priorities: ReadonlyMap<number, number> = new Map()): readonly number[] {
    const view = this.#view;
    view.ready.fill(0);
    for (const service of ready) {
      const word = Math.floor(service / wordBits);
      view.ready[word] = (view.ready[word] as number) | (1 << (service % wordBits));
    }
    for (let service = 0; service < this.#count; service++) view.priority[service] = priorities.get(service) ?? 1;
    const length = this.#scheduler.plan(view, this.#count);
    view.steps.fill(0);
    const order = view.order.slice(0, length);
    checkOrder(order, ready, length);
    return order;
  }

  /** Dispatches the first so many of a plan, each at the cost of some steps. */
  dispatch(services: readonly number[], steps = 100): void {
    for (const service of services) this.#view.steps[service] = (this.#view.steps[service] as number) + steps;
  }
}

function checkOrder(order: readonly number[], ready: readonly number[], length: number): void {
  const isOrder =
    length === ready.length && new Set(order).size === length && order.every((service) => ready.includes(service));
  if (!isOrder)
    throw new SchedulerViolation(`wanted each of [${ready.join()}] once, found length ${length}: [${order.join()}]`);
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new SchedulerViolation(what);
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Every ready set of a pattern, by a fixed generator: no chance, no repetition of a whole cycle. */
function scatter(seed: number, count: number): number[] {
  let state = seed * 2654435761 + 1;
  return range(count).filter(() => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state & 3) === 0;
  });
}

/** What a scheduler plans for a fixed sequence of ready sets. */
function history(scheduler: SchedulerUnderTest): string {
  const bench = new SchedulerBench(scheduler, 40);
  return range(100)
    .map((round) => {
      const order = bench.plan(scatter(round + 1, 40));
      bench.dispatch(order.slice(0, round % 5));
      return order.join();
    })
    .join(" ");
}

/** Rounds until every service was at the head of a plan, when only the head of each plan is dispatched. */
function roundsUntilAllRan(open: () => SchedulerUnderTest, count: number, steps: number): number {
  const bench = new SchedulerBench(open(), count);
  const ran = new Set<number>();
  for (let round = 1; round <= 10 * count; round++) {
    const head = bench.plan(range(count)).slice(0, 1);
    bench.dispatch(head, steps);
    ran.add(head[0] as number);
    if (ran.size === count) return round;
  }
  return Number.POSITIVE_INFINITY;
}

export const schedulerClaims: readonly SchedulerClaim[] = [
  {
    title: "orders every ready service once and no other",
    run(open) {
      const bench = new SchedulerBench(open(), 100);
      for (let seed = 1; seed <= 300; seed++) {
        const order = bench.plan(scatter(seed, 100));
        bench.dispatch(order.slice(0, seed % 7));
      }
    },
  },
  {
    title: "finds services at the edges of the words of the ready set",
    run(open) {
      const bench = new SchedulerBench(open(), 91);
      for (const edge of [0, 29, 30, 59, 60, 89, 90]) bench.dispatch(bench.plan([edge, 45]));
      bench.plan([0, 29, 30, 59, 60, 89, 90]);
    },
  },
  {
    title: "orders nothing when nothing is ready",
    run(open) {
      const bench = new SchedulerBench(open(), 16);
      bench.dispatch(bench.plan(range(16)));
      check(bench.plan([]).length === 0, "wanted an empty order");
    },
  },
  {
    title: "lets each of equally urgent services run within as many plans as there are services",
    run(open) {
      for (const count of [2, 7, 16, 31, 64]) {
        const rounds = roundsUntilAllRan(open, count, 100);
        check(rounds <= count, `wanted all ${count} to have run after ${count} plans, found ${rounds}`);
      }
    },
  },
  {
    title: "lets each run though the meter sees no step of a short dispatch",
    run(open) {
      check(roundsUntilAllRan(open, 16, 0) <= 16, "wanted all 16 to have run after 16 plans");
    },
  },
  {
    title: "skips nobody when plans are cut short and one service is dispatched out of turn",
    run(open) {
      const bench = new SchedulerBench(open(), 8);
      const dispatches = range(8).map(() => 0);
      for (let round = 0; round < 800; round++) {
        const order = bench.plan(range(8)).slice(0, 2);
        const all = [...order, 7];
        bench.dispatch(all);
        for (const service of order) dispatches[service] = (dispatches[service] as number) + 1;
      }
      const least = Math.min(...dispatches.slice(0, 7));
      check(least >= 100, `wanted at least 100 turns of 800 plans for each, found ${dispatches.join()}`);
    },
  },
  {
    title: "plans the same from the same history",
    run(open) {
      const [one, other] = [history(open()), history(open())];
      check(one === other, `found ${one} and then ${other}`);
    },
  },
  {
    title: "orders a thousand services, and all of them again",
    run(open) {
      const bench = new SchedulerBench(open(), 1000);
      for (let round = 0; round < 5; round++) bench.dispatch(bench.plan(range(1000)));
    },
  },
];

/** Claims of the policies that put the more urgent message first. */
export const urgencyClaims: readonly SchedulerClaim[] = [
  {
    title: "puts HIGH before MEDIUM before LOW",
    run(open) {
      const bench = new SchedulerBench(open(), 60);
      for (let seed = 1; seed <= 100; seed++) {
        const priorities = new Map(range(60).map((service) => [service, (service * seed) % 3]));
        const order = bench.plan(scatter(seed, 60), priorities);
        const found = order.map((service) => priorities.get(service) as number);
        check(
          found.every((priority, index) => index === 0 || priority >= (found[index - 1] as number)),
          `found priorities ${found.join()}`,
        );
        bench.dispatch(order.slice(0, 3));
      }
    },
  },
  {
    title: "puts the least recently dispatched of equals first",
    run(open) {
      const bench = new SchedulerBench(open(), 8);
      const last = range(8).map((service) => service - 8);
      for (let round = 0; round < 200; round++) {
        const ready = scatter(round + 1, 8);
        const order = bench.plan(ready);
        check(
          order.every(
            (service, index) =>
              index === 0 || (last[service] as number) >= (last[order[index - 1] as number] as number),
          ),
          `found ${order.join()}`,
        );
        const ran = order.slice(0, (round % 3) + 1);
        bench.dispatch(ran);
        for (const [index, service] of ran.entries()) last[service] = round * 8 + index;
      }
    },
  },
];
