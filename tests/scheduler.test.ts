// Do the schedulers keep their contract? And would the claims notice one that does not?

import { describe, expect, test } from "@jest/globals";
import type { SchedulerView, ServiceDefinition } from "lughos";
import priority from "services/scheduler/priority";
import roundRobin from "services/scheduler/round-robin";
import {
  type SchedulerUnderTest,
  SchedulerViolation,
  schedulerClaims,
  urgencyClaims,
} from "tests/scheduler-conformance";

/** A module has one state; its start makes it fresh. */
function open(definition: ServiceDefinition): () => SchedulerUnderTest {
  return () => {
    definition.start?.(undefined as never, undefined);
    return { plan: (view, count) => definition.plan?.(view, count) ?? -1 };
  };
}

describe("round-robin", () => {
  for (const claim of schedulerClaims) test(claim.title, () => claim.run(open(roundRobin)));
});

describe("priority", () => {
  for (const claim of [...schedulerClaims, ...urgencyClaims]) test(claim.title, () => claim.run(open(priority)));
});

/** Round-robin, spoiled afterwards: what a bug does to an order that was right. */
function spoiled(spoil: (view: SchedulerView, length: number) => number): () => SchedulerUnderTest {
  return () => {
    const right = open(roundRobin)();
    return { plan: (view, count) => spoil(view, right.plan(view, count)) };
  };
}

/** Begins behind the service dispatched last, wherever that was: the mistake that round-robin avoids. */
function openBehindLast(): SchedulerUnderTest {
  let first = 0;
  return {
    plan(view, count) {
      for (let service = 0; service < count; service++)
        if ((view.steps[service] as number) > 0) first = (service + 1) % count;
      let length = 0;
      for (let index = 0; index < count; index++) {
        const service = (first + index) % count;
        if (((view.ready[Math.floor(service / 30)] as number) >> (service % 30)) & 1) view.order[length++] = service;
      }
      return length;
    },
  };
}

let plans = 0;

const planted: { bug: string; claim: RegExp; open: () => SchedulerUnderTest }[] = [
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
    bug: "plans by chance",
    claim: /same history/,
    open: spoiled(({ order }, length) => {
      if (++plans % 7 === 0) order.splice(0, length, ...order.slice(0, length).reverse());
      return length;
    }),
  },
  { bug: "ignores urgency", claim: /HIGH before MEDIUM/, open: open(roundRobin) },
  { bug: "ignores who ran last", claim: /least recently/, open: open(roundRobin) },
];

describe("the claims find a scheduler that", () => {
  for (const { bug, claim, open: openPlanted } of planted)
    test(bug, () => {
      const matching = [...schedulerClaims, ...urgencyClaims].filter(({ title }) => claim.test(title));
      expect(matching).toHaveLength(1);
      expect(() => matching[0]?.run(openPlanted)).toThrow(SchedulerViolation);
    });
});
