// Does a swap of the scheduler under load lose anything? The bench itself, with few swaps: it fails when a good successor is
// not confirmed, or a bad one is not put out for what it did. And does its count find what it says is not there?

import { describe, expect, test } from "@jest/globals";
import { createTally } from "firmware/bench/tally";
import { benchSwap } from "sim/bench/swap";

const faults = ["hang", "starvation", "nonsense", "memory", "throw"];

test("ten swaps under load, half of them to schedulers that break a rule, lose, double and reorder nothing", async () => {
  const figures = await benchSwap(10, 10_000);
  expect(figures).toMatchObject({ swaps: 10, faulty: 5, lost: 0, duplicated: 0, reordered: 0 });
  expect(figures.messages).toBeGreaterThanOrEqual(10_000);
  expect(Object.keys(figures.fallbackMicros)).toEqual(faults);
  const { median } = figures.fallbackMicros.starvation ?? { median: Number.NaN };
  // A HIGH message did wait; how long beyond that is a matter of the desk.
  expect(median).toBeGreaterThan(50_000);
  for (const { max } of [figures.gapMicros, figures.baselineGapMicros]) expect(max).toBeGreaterThan(0);
}, 60_000);

describe("the sink's tally", () => {
  const cases: readonly [string, readonly number[], object][] = [
    ["finds nothing where nothing is", [0, 1, 2, 3], { lost: 0, duplicated: 0, reordered: 0, expected: 4 }],
    ["finds what never came", [0, 1, 4, 5], { lost: 2, duplicated: 0, reordered: 0, expected: 6 }],
    [
      "finds what came twice, at once and later",
      [0, 1, 1, 2, 0],
      { lost: 0, duplicated: 2, reordered: 0, expected: 3 },
    ],
    ["finds what was overtaken", [0, 2, 3, 1], { lost: 0, duplicated: 0, reordered: 1, expected: 4 }],
    ["tells them apart", [0, 2, 2, 5, 3, 3], { lost: 2, duplicated: 2, reordered: 1, expected: 6 }],
    ["finds a stream that begins late", [2], { lost: 2, duplicated: 0, reordered: 0, expected: 3 }],
  ];
  for (const [title, numbers, count] of cases)
    test(title, () => {
      const tally = createTally();
      for (const n of numbers) tally.take(n);
      expect(tally.count()).toEqual(count);
    });

  test("counts far more than it remembers", () => {
    const tally = createTally();
    tally.take(5_000);
    tally.take(4_999);
    tally.take(10);
    expect(tally.count()).toEqual({ lost: 4_999, duplicated: 1, reordered: 1, expected: 5_001 });
  });
});
