// What single policies promise beyond the contract: claims for those that put the more urgent message first, and for those
// that put the earlier deadline first.

import { chance, check, noDeadline, range, SchedulerBench, scatter, type Waiting } from "tests/scheduler-bench";
import { type SchedulerClaim, schedulerClaims } from "tests/scheduler-conformance";

type WaitingOf = ReadonlyMap<number, Required<Waiting>>;

/** What waits in a round, by priority alone. */
function mixPriorities(round: number, count: number): WaitingOf {
  return new Map(
    range(count).map((service) => [service, { priority: (service * (round + 1)) % 3, deadlineMicros: noDeadline }]),
  );
}

/** Every second plan is cut short, and its ready set planned and worked off again: so that nobody is lifted. */
function dispatchSome(bench: SchedulerBench, order: readonly number[], round: number): readonly number[] {
  const ran = round % 2 === 1 ? order : order.slice(0, (round % 3) + 1);
  bench.dispatch(ran);
  return ran;
}

/** Throws when a service stands behind one whose rank is higher. */
function checkAscending(order: readonly number[], rank: (service: number) => number, what: string): void {
  const ranks = order.map(rank);
  check(
    ranks.every((each, index) => index === 0 || each >= (ranks[index - 1] as number)),
    `wanted ${what}, found [${order.join()}] with ${ranks.join()}`,
  );
}

/** Runs rounds in which equals can be told apart by when they were dispatched last. */
function checkLeastRecent(
  open: ConstructorParameters<typeof SchedulerBench>[0],
  waitingOf: (round: number) => WaitingOf,
): void {
  const count = 12;
  const bench = new SchedulerBench(open, count);
  const last = range(count).map((service) => service - count);
  const lastOf = (service: number): number => last[service] as number;
  for (let round = 0; round < 200; round++) {
    const waiting = waitingOf(round);
    const order = bench.plan(scatter(round >> 1, count), waiting);
    const kinds = new Set([...waiting.values()].map((each) => JSON.stringify(each)));
    for (const kind of kinds)
      checkAscending(
        order.filter((service) => JSON.stringify(waiting.get(service)) === kind),
        lastOf,
        "the least recently dispatched first",
      );
    const ran = dispatchSome(bench, order, round);
    for (const [index, service] of ran.entries()) last[service] = round * count + index;
  }
}

export const urgencyClaims: readonly SchedulerClaim[] = [
  {
    title: "puts HIGH before MEDIUM before LOW",
    run(open) {
      const bench = new SchedulerBench(open, 60);
      for (let round = 0; round < 100; round++) {
        const waiting = mixPriorities(round, 60);
        const order = bench.plan(scatter(round >> 1, 60), waiting);
        checkAscending(order, (service) => (waiting.get(service) as Waiting).priority as number, "HIGH, MEDIUM, LOW");
        dispatchSome(bench, order, round);
      }
    },
  },
  {
    title: "puts HIGH before all, whoever has waited",
    run(open) {
      const bench = new SchedulerBench(open, 60);
      for (let round = 0; round < 100; round++) {
        const waiting = mixPriorities(round, 60);
        const order = bench.plan(range(60), waiting);
        checkAscending(order, (service) => ((waiting.get(service) as Waiting).priority === 0 ? 0 : 1), "HIGH first");
        bench.dispatch(order.slice(0, 1));
      }
    },
  },
  {
    title: "puts the least recently dispatched of equally urgent ones first",
    run: (open) => checkLeastRecent(open, (round) => mixPriorities(round, 12)),
  },
];

/** What waits in a round: some without a deadline, and few different ones, so that there are equals. */
function mixDeadlines(round: number, count: number): WaitingOf {
  const next = chance(round + 1);
  return new Map(
    range(count).map((service) => {
      const deadlineMicros = next() % 4 === 0 ? noDeadline : (next() % 5) * 1000;
      return [service, { priority: next() % 3, deadlineMicros }];
    }),
  );
}

/** HIGH without a deadline goes before all deadlines, the others without one behind them. */
function rankDeadline({ priority, deadlineMicros }: Required<Waiting>): number {
  return deadlineMicros === noDeadline && priority === 0 ? -1 : deadlineMicros;
}

export const deadlineClaims: readonly SchedulerClaim[] = [
  {
    title: "puts the earliest deadline first, and HIGH without one before it",
    run(open) {
      const bench = new SchedulerBench(open, 60);
      for (let round = 0; round < 100; round++) {
        const waiting = mixDeadlines(round, 60);
        const order = bench.plan(scatter(round >> 1, 60), waiting);
        checkAscending(order, (service) => rankDeadline(waiting.get(service) as Required<Waiting>), "by deadline");
        dispatchSome(bench, order, round);
      }
    },
  },
  {
    title: "puts the more urgent of equal deadlines first",
    run(open) {
      const bench = new SchedulerBench(open, 60);
      for (let round = 0; round < 100; round++) {
        const waiting = mixDeadlines(round, 60);
        const order = bench.plan(scatter(round >> 1, 60), waiting);
        const rank = (service: number): number => {
          const of = waiting.get(service) as Required<Waiting>;
          return rankDeadline(of) * 3 + of.priority;
        };
        checkAscending(order, rank, "by deadline, then by priority");
        dispatchSome(bench, order, round);
      }
    },
  },
  {
    title: "puts the least recently dispatched of equal deadlines and priorities first",
    run: (open) => checkLeastRecent(open, (round) => mixDeadlines(round, 12)),
  },
];

/** What each policy of ours promises, by its name. */
export const promises: { readonly [policy: string]: readonly SchedulerClaim[] } = {
  priority: urgencyClaims,
  deadline: [...urgencyClaims, ...deadlineClaims],
};

/** What a policy, ours or not, is held to. */
export function claimsOf(policy: string): readonly SchedulerClaim[] {
  return [...schedulerClaims, ...(promises[policy] ?? [])];
}
