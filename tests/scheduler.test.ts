// Do the schedulers keep their contract? And would the claims notice one that does not?

import { describe, expect, test } from "@jest/globals";
import { defineService, type SchedulerView, type ServiceDefinition } from "lughos";
import deadline from "services/scheduler/deadline";
import priority from "services/scheduler/priority";
import roundRobin from "services/scheduler/round-robin";
import { type OpenScheduler, openScheduler, SchedulerViolation } from "tests/scheduler-bench";
import { type SchedulerClaim, schedulerClaims } from "tests/scheduler-conformance";
import { listPolicies } from "tests/scheduler-image";
import { claimsOf, deadlineClaims, urgencyClaims } from "tests/scheduler-policies";

for (const name of listPolicies()) {
  const { default: definition } = (await import(`services/scheduler/${name}`)) as { default: ServiceDefinition };
  describe(name, () => {
    for (const claim of claimsOf(name)) test(claim.title, () => claim.run(openScheduler(definition)));
  });
}

test("our three policies are among those that are held to the claims", () => {
  expect(listPolicies()).toEqual(expect.arrayContaining(["deadline", "priority", "round-robin"]));
});

/** Swapped for another after every plan: what one leaves, the next one takes. */
function alternating(...definitions: readonly ServiceDefinition[]): OpenScheduler {
  let opened = 0;
  return (inherited) => openScheduler(definitions[opened++ % definitions.length] as ServiceDefinition)(inherited);
}

function claimed(title: RegExp): SchedulerClaim {
  const claims = [...schedulerClaims, ...urgencyClaims, ...deadlineClaims].filter((claim) => title.test(claim.title));
  expect(claims).toHaveLength(1);
  return claims[0] as SchedulerClaim;
}

describe("policies that are swapped for each other after every plan", () => {
  test("keep the turns", () => claimed(/keeps the turns/).run(alternating(priority, roundRobin, deadline)));
  // Round-robin lets nobody wait and has nothing to tell of it.
  test("know who waits", () => claimed(/knows who waits/).run(alternating(priority, deadline)));
});

/** Round-robin, spoiled afterwards: what a bug does to an order that was right. */
function spoiled(spoil: (view: SchedulerView, length: number) => number, policy = roundRobin): OpenScheduler {
  return (inherited) => {
    const right = openScheduler(policy)(inherited);
    return { ...right, plan: (view, count) => spoil(view, right.plan(view, count)) };
  };
}

/** Begins behind the service dispatched last, wherever that was: the mistake that round-robin avoids. */
function openBehindLast(): ReturnType<OpenScheduler> {
  let first = 0;
  return {
    plan(view, count) {
      const services = view.priority.length;
      for (let service = 0; service < services; service++)
        if ((view.steps[service] as number) > 0) first = (service + 1) % services;
      let length = 0;
      for (let index = 0; length < count; index++) {
        const service = (first + index) % services;
        if (view.priority[service] !== 3) view.order[length++] = service;
      }
      return length;
    },
  };
}

/** Orders by what a service shows, and lets nobody's wait count. */
function sorting(key: (view: SchedulerView, service: number) => number): OpenScheduler {
  return (inherited) => {
    const right = openScheduler(priority)(inherited);
    return {
      ...right,
      plan(view, count) {
        const length = right.plan(view, count);
        const sorted = view.order.slice(0, length).sort((one, other) => key(view, one) - key(view, other));
        view.order.splice(0, length, ...sorted);
        return length;
      },
    };
  };
}

let plans = 0;

const planted: { bug: string; claim: RegExp; open: OpenScheduler }[] = [
  { bug: "forgets one", claim: /every ready service once/, open: spoiled((_, length) => Math.max(0, length - 1)) },
  {
    bug: "names one twice",
    claim: /every ready service once/,
    open: spoiled(({ order }, length) => {
      if (length > 1) order[1] = order[0] as number;
      return length;
    }),
  },
  {
    bug: "loses the last bit of a word",
    claim: /edges of the words/,
    open: spoiled(({ order }, length) => {
      const kept = order.slice(0, length).filter((service) => service % 30 !== 29);
      order.splice(0, length, ...kept);
      return kept.length;
    }),
  },
  {
    bug: "answers one when nothing is ready",
    claim: /nothing is ready/,
    open: spoiled((_, length) => Math.max(1, length)),
  },
  {
    bug: "always begins with the same",
    claim: /within as many plans/,
    open: spoiled(({ order }, length) => {
      order.splice(0, length, ...order.slice(0, length).sort((one, other) => one - other));
      return length;
    }),
  },
  { bug: "waits for steps before it goes on", claim: /no step of a short dispatch/, open: openBehindLast },
  { bug: "begins behind the last dispatched", claim: /skips nobody/, open: openBehindLast },
  {
    bug: "lets MEDIUM starve LOW",
    claim: /LOW wait only so long, whatever is sent/,
    open: sorting(({ priority }, service) => priority[service] as number),
  },
  {
    bug: "lets deadlines starve what has none",
    claim: /LOW wait only so long, whatever deadlines/,
    open: sorting(({ deadlineMicros }, service) => deadlineMicros[service] as number),
  },
  {
    bug: "lets deadlines starve HIGH",
    claim: /HIGH wait only so long/,
    open: sorting(({ deadlineMicros }, service) => deadlineMicros[service] as number),
  },
  {
    bug: "plans by chance",
    claim: /same history/,
    open: spoiled(({ order }, length) => {
      if (++plans % 7 === 0) order.splice(0, length, ...order.slice(0, length).reverse());
      return length;
    }),
  },
  { bug: "logs what it plans", claim: /nothing of its context/, open: openScheduler(talkative()) },
  {
    bug: "begins anew when it is swapped",
    claim: /keeps the turns when it is swapped/,
    open: () => openScheduler(roundRobin)(),
  },
  {
    bug: "leaves nothing to its successor",
    claim: /keeps the turns when it is swapped/,
    open: (inherited) => ({ plan: openScheduler(priority)(inherited).plan }),
  },
  {
    bug: "forgets who waits when it is swapped",
    claim: /knows who waits when it is swapped/,
    open: (inherited) => {
      const { line } = (inherited?.state ?? {}) as { readonly line?: unknown };
      return openScheduler(priority)(line === undefined ? undefined : { schema: 0, state: { line } });
    },
  },
  {
    bug: "trusts what a predecessor leaves",
    claim: /any state that a predecessor/,
    open: (inherited) => {
      const { line } = (inherited?.state ?? { line: [] }) as { readonly line: readonly number[] };
      return openScheduler(priority)({ schema: 0, state: { line: line.map((service) => service) } });
    },
  },
  {
    bug: "cannot migrate",
    claim: /any state that a predecessor/,
    open: openScheduler(defineService({ version: "1.0.0", receive: {}, plan: () => 0 })),
  },
  { bug: "ignores urgency", claim: /HIGH before MEDIUM/, open: openScheduler(roundRobin) },
  {
    bug: "lifts LOW above HIGH",
    claim: /HIGH before all/,
    open: sorting(({ priority }, service) => (service === 7 ? -1 : (priority[service] as number))),
  },
  { bug: "ignores who ran last", claim: /least recently dispatched of equally/, open: openScheduler(roundRobin) },
  { bug: "ignores deadlines", claim: /earliest deadline first/, open: openScheduler(priority) },
  {
    bug: "ignores urgency where deadlines are equal",
    claim: /more urgent of equal deadlines/,
    open: sorting(({ priority, deadlineMicros }, service) => {
      const isAtOnce = priority[service] === 0 && deadlineMicros[service] === 2 ** 30 - 1;
      return isAtOnce ? -1 : (deadlineMicros[service] as number) - (priority[service] === 2 ? 1 : 0);
    }),
  },
  {
    bug: "ignores who ran last where deadlines are equal",
    claim: /least recently dispatched of equal deadlines/,
    open: openScheduler(roundRobin),
  },
];

function talkative(): ServiceDefinition {
  let log: (text: string) => void;
  return defineService({
    ...roundRobin,
    start(context, state) {
      log = (text) => context.log("info", text);
      roundRobin.start?.(context, state);
    },
    plan(view, count) {
      log(`plans ${count}`);
      return roundRobin.plan?.(view, count) ?? 0;
    },
  });
}

describe("the claims find a scheduler that", () => {
  for (const { bug, claim, open: openPlanted } of planted)
    test(bug, () => {
      expect(() => claimed(claim).run(openPlanted)).toThrow(SchedulerViolation);
    });

  test("breaks any of them", () => {
    const unplanted = [...schedulerClaims, ...urgencyClaims, ...deadlineClaims].filter(
      ({ title }) => !planted.some(({ claim }) => claim.test(title)),
    );
    // A scheduler too slow for a thousand is found by its budget, on XS.
    expect(unplanted.map(({ title }) => title)).toEqual(["orders a thousand services, and all of them again"]);
  });
});
