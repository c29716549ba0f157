// Does a swap of the scheduler under load lose anything? The bench itself, with few swaps: it fails when a good successor is
// not confirmed or a bad one is not put out, and what it counts is held against what was sent.

import { expect, test } from "@jest/globals";
import { benchSwap } from "sim/bench/swap";

test("twenty swaps under load, half of them to schedulers that break a rule, lose, double and reorder nothing", async () => {
  const figures = await benchSwap(20, 20_000);
  expect(figures).toMatchObject({ swaps: 20, faulty: 10, lost: 0, duplicated: 0, reordered: 0 });
  expect(figures.messages).toBeGreaterThanOrEqual(20_000);
  expect(Object.keys(figures.fallbackMicros)).toEqual(["hang", "starvation", "nonsense", "memory", "throw"]);
}, 60_000);
