// Is the life of a flash told from what was erased, and not told before that means something?

import { expect, test } from "@jest/globals";
import { lifetimeYears } from "services/command/lifetime";

const yearSeconds = 31_557_600;

test("a log whose sectors were each written a hundred times in a year lasts a thousand years", () => {
  expect(lifetimeYears({ sectors: 46, sectorsWritten: 4_600 }, yearSeconds)).toBeCloseTo(1_000, 6);
});

test("the goal of 15 years is met with 182 sectors a day on ten of them, and missed with 183", () => {
  expect(lifetimeYears({ sectors: 10, sectorsWritten: 182 }, 86_400)).toBeGreaterThan(15);
  expect(lifetimeYears({ sectors: 10, sectorsWritten: 183 }, 86_400)).toBeLessThan(15);
});

test("three sectors tell nothing, and neither does a node without flash or without a past", () => {
  expect(lifetimeYears({ sectors: 46, sectorsWritten: 3 }, 86_400)).toBeNull();
  expect(lifetimeYears({ sectors: 0, sectorsWritten: 0 }, 86_400)).toBeNull();
  expect(lifetimeYears({ sectors: 46, sectorsWritten: 9 }, 0)).toBeNull();
});
