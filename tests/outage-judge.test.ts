// Does the judge of the outage campaign find what it is there to find? Each broken promise is planted once.

import { describe, expect, test } from "@jest/globals";
import { type Came, judgeNode, type PowerCut } from "sim/outage/judge";

const begin = 1_800_000_000;

/** Readings with these numbers, one a second from `fromSeconds` on. */
function run(first: number, last: number, fromSeconds: number): Came[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    sequence: first + index,
    timeSeconds: begin + fromSeconds + index,
    isHistorical: false,
  }));
}

const cut = (offSeconds: number, onSeconds: number): PowerCut => ({
  offSeconds: begin + offSeconds,
  onSeconds: begin + onSeconds,
});

describe("the judge", () => {
  test("finds nothing where everything came, in any order and twice", () => {
    const came = [...run(11, 20, 10), ...run(1, 10, 0), ...run(5, 8, 4)];
    expect(judgeNode("a/b", came, [])).toMatchObject({
      readings: 20,
      repeated: 4,
      lostBeyondWindow: 0,
      violations: [],
    });
  });

  test("finds one reading that is missing while the power was on", () => {
    const verdict = judgeNode("a/b", [...run(1, 10, 0), ...run(12, 20, 11)], [cut(15.5, 16)]);
    expect(verdict.lostBeyondWindow).toBe(1);
    expect(verdict.violations).toEqual(["a/b lost readings 11 to 11 although its power was on"]);
  });

  test("allows what a power cut may cost, and counts it", () => {
    const verdict = judgeNode("a/b", [...run(1, 10, 0), ...run(31, 40, 20)], [cut(14.9, 18)]);
    expect(verdict).toMatchObject({ lostWithinWindow: 5, lostBeyondWindow: 0, worstSeconds: 5, violations: [] });
  });

  test("finds a loss from before the window", () => {
    const verdict = judgeNode("a/b", [...run(1, 10, 0), ...run(51, 60, 40)], [cut(30, 38)]);
    expect(verdict).toMatchObject({ lostWithinWindow: 10, lostBeyondWindow: 10, worstSeconds: 20 });
    expect(verdict.violations).toEqual(["a/b lost 10 readings from more than 10 s before a power cut"]);
  });

  test("finds a loss of a whole life between two cuts", () => {
    const came = [...run(1, 10, 0), ...run(91, 100, 80)];
    expect(judgeNode("a/b", came, [cut(10.7, 12), cut(24, 78)])).toMatchObject({ lostBeyondWindow: 0, violations: [] });
    expect(judgeNode("a/b", came, [cut(10.7, 12), cut(60, 78)])).toMatchObject({ lostBeyondWindow: 35 });
  });

  describe("of a broker that crashed", () => {
    // Readings 11 to 13 were acknowledged and forgotten; at 17 the node says that it has them no more.
    const came = [...run(1, 10, 0), ...run(14, 30, 13)];
    const crashes = [{ offSeconds: begin + 12, onSeconds: begin + 13 }];
    const goneSeconds = (sequence: number): number | undefined => (sequence < 14 ? begin + 17 : undefined);

    test("allows what a node lost its ring with before it could say it again, and counts it", () => {
      const verdict = judgeNode("a/b", came, [], { crashes, ringLosses: [begin + 15], goneSeconds });
      expect(verdict).toMatchObject({ lostWithBroker: 3, lostBeyondWindow: 0, violations: [] });
    });

    test.each([
      ["a node that kept its ring", { crashes, ringLosses: [], goneSeconds }],
      ["a ring that was lost after the answer", { crashes, ringLosses: [begin + 18], goneSeconds }],
      ["a ring that was lost long before", { crashes, ringLosses: [begin + 1], goneSeconds }],
      ["a node that never answered", { crashes, ringLosses: [begin + 15], goneSeconds: () => undefined }],
      ["a broker that was there", { crashes: [], ringLosses: [begin + 15], goneSeconds }],
      [
        "a crash at another time",
        { crashes: [{ offSeconds: begin + 40, onSeconds: begin + 41 }], ringLosses: [begin + 41], goneSeconds },
      ],
    ])("finds the loss of %s", (_, excuses) => {
      const verdict = judgeNode("a/b", came, [], excuses);
      expect(verdict).toMatchObject({ lostWithBroker: 0, lostBeyondWindow: 3 });
      expect(verdict.violations).toEqual(["a/b lost readings 11 to 13 although its power was on"]);
    });
  });

  test("finds a number that was used for two readings", () => {
    const verdict = judgeNode("a/b", [...run(1, 10, 0), ...run(9, 20, 30)], [cut(12, 20)]);
    expect(verdict.violations).toContain(`a/b used number 9 twice: for ${begin + 8} and ${begin + 30}`);
  });
});
