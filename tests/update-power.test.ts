// Is an update of several services, a scheduler among them, all or none, whenever the power fails? On the engine, with the firmware's own
// services. Here each operation of the flash is cut at one point; tests/system/update-power cuts at every one.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { BenchNode } from "sim/bench/node";
import { startUpdateWorker } from "tests/update-node";
import {
  type Point,
  points,
  type Run,
  rebootScenarios,
  runScenario,
  type Scenario,
  scenarios,
} from "tests/update-power";

let bench: BenchNode;
let index = 0;

beforeAll(() => {
  bench = startUpdateWorker();
});
afterAll(() => bench.stop());

const named = (part: string): Scenario => {
  const found = scenarios.find(({ name }) => name.includes(part));
  if (found === undefined) throw new Error(`no scenario is named so: ${part}`);
  return found;
};

async function cutAll(scenario: Scenario): Promise<{ readonly whole: Run; readonly cuts: readonly Run[] }> {
  const whole = await runScenario(bench, index++, scenario);
  const cuts: Run[] = [];
  for (let operation = 1; operation <= whole.operations; operation++) {
    const point = points[operation % points.length] as Point;
    cuts.push(await runScenario(bench, index++, scenario, { cut: { operation, point, seed: operation } }));
  }
  return { whole, cuts };
}

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("an update of %s", (_name, scenario) => {
  test("is whole or was not, whichever operation of the flash is cut, and the journal knows which", async () => {
    const { whole, cuts } = await cutAll(scenario);
    expect(whole.violations).toEqual([]);
    expect(cuts.flatMap(({ violations }) => violations)).toEqual([]);
    expect(cuts.every(({ wasCut }) => wasCut)).toBe(true);
    // A fallback never ends new but where the record of it was made and not yet taken back.
    const ends = new Set(cuts.map(({ ended }) => ended));
    expect(ends.has("before")).toBe(true);
    expect(ends.has("after")).toBe(!scenario.name.includes("fails its trial"));
  });
});

describe.each(rebootScenarios.map((scenario) => [scenario.name, scenario] as const))(
  "an update of %s",
  (_name, scenario) => {
    test("is tried by the next boots and ends as it should, whichever operation of the flash is cut", async () => {
      const { whole, cuts } = await cutAll(scenario);
      expect(whole.violations).toEqual([]);
      expect(cuts.flatMap(({ violations }) => violations)).toEqual([]);
      expect(cuts.every(({ wasCut }) => wasCut)).toBe(true);
      expect(new Set(cuts.map(({ ended }) => ended)).has("after")).toBe(scenario.ends === "after");
    });
  },
);

describe("the judge finds a journal", () => {
  test("that says what the boot record does not have", async () => {
    const run = await runScenario(bench, index++, {
      ...named("a service"),
      variant: { journal: "tests/services/journal-hasty" },
    });
    expect(run.violations).toContain("confirmed was answered, and it runs what was before");
  });

  test("that does not take back what it has written", async () => {
    const scenario = { ...named("falls while"), variant: { journal: "tests/services/journal-stubborn" } };
    const { violations } = await runScenario(bench, index++, scenario);
    expect(violations).toContain("it ended between though nothing went wrong");
  });
});
