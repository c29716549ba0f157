// Is an update all or none whenever the power fails: at every operation of the flash, at every point of it, again in the boot that
// follows, and when a service that leads the update falls in the midst of it?

import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
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
  type Trouble,
} from "tests/update-power";

jest.setTimeout(300_000);

const each = (some: readonly Scenario[]) => some.map((scenario) => [scenario.name, scenario] as const);
/** Where chance has a part in what is left. */
const seedsOf = (point: Point): readonly number[] => (point === "some-bits" || point === "unstable" ? [1, 2] : [1]);
/** Services that lead an update, and moments: while it is begun, and while it is written down. */
const leaders = ["reincarnation", "journal", "storage", "command"];
const moments = [...range(0, 30, 5), 250, ...range(496, 600, 5)];

let bench: BenchNode;
let index = 0;
const reached = { before: 0, after: 0, between: 0, cuts: 0, doubleCuts: 0, kills: 0 };

beforeAll(() => {
  bench = startUpdateWorker();
});
afterAll(async () => {
  await bench.stop();
  process.stdout.write(`updates whose power was cut: ${JSON.stringify(reached)}\n`);
});

async function attempt(scenario: Scenario, trouble: Trouble): Promise<Run> {
  const run = await runScenario(bench, index++, scenario, trouble);
  reached[run.ended]++;
  if (run.violations.length > 0) throw new Error(`${JSON.stringify(trouble)}: ${run.violations.join("; ")}`);
  return run;
}

describe.each(each([...scenarios, ...rebootScenarios]))("an update of %s is whole or was not", (_name, scenario) => {
  test("with every operation cut at every point", async () => {
    const { operations } = await attempt(scenario, {});
    for (let operation = 1; operation <= operations; operation++)
      for (const point of points)
        for (const seed of seedsOf(point)) {
          expect((await attempt(scenario, { cut: { operation, point, seed } })).wasCut).toBe(true);
          reached.cuts++;
        }
  });

  test("with a second cut in the boot after the first", async () => {
    const { operations } = await attempt(scenario, {});
    for (let operation = 1; operation <= operations; operation++)
      for (const point of ["first-half", "after"] as const)
        for (let again = 1, isMore = true; isMore; again++) {
          const cutAgain = {
            operation: again,
            point: points[(operation + again) % points.length] ?? "after",
            seed: again,
          };
          isMore = (await attempt(scenario, { cut: { operation, point, seed: 1 }, cutAgain })).wasCutAgain;
          if (isMore) reached.doubleCuts++;
        }
  });
});

describe.each(each(scenarios))("an update of %s is whole or was not", (_name, scenario) => {
  test.each(leaders)("when %s falls in the midst of it", async (service) => {
    for (const afterMillis of moments) {
      await attempt(scenario, { kill: { service, afterMillis } });
      reached.kills++;
    }
  });
});

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) }, (_, count) => from + count * step);
}
