// Does the power-cut campaign find nothing in the store, and every bug that is planted in it? It cuts each operation of the
// standard scenarios once, and at the end prints which case found which bug. Second cuts: `lugh campaign power-cut --double`.

import { afterAll, describe, expect, test } from "@jest/globals";
import type { Violation } from "sim/campaign/outcome";
import { PowerCutRunner } from "sim/campaign/power-cut";
import { cutAtRandom } from "sim/campaign/random-cuts";
import { type OpenStore, storageScenarios, storageWorld } from "sim/campaign/storage-target";
import { runJson } from "tests/cli-run";
import { finders, type PlantedBug, plantedBugs, withBug } from "tests/storage-bugs";

/** The first violation that a scenario, or a random world, leads to. */
async function findViolation(finder: string | number, open: OpenStore): Promise<Violation | undefined> {
  if (typeof finder === "number")
    return (await cutAtRandom((seed) => storageWorld(seed, open), { cuts: 300, seed: finder, violationsMost: 1 }))
      .violations[0];
  const scenario = storageScenarios(open).find(({ name }) => name === finder);
  if (scenario === undefined) throw new Error(`there is no scenario ${finder}`);
  return (await PowerCutRunner.run(scenario, { violationsMost: 1, subsets: 2 })).violations[0];
}

describe("the store", () => {
  test.each(storageScenarios().map((scenario) => [scenario.name, scenario] as const))(
    "survives cuts all along the scenario %s",
    async (_name, scenario) => {
      const outcome = await PowerCutRunner.run(scenario, { subsets: 1 });
      expect(outcome).toMatchObject({
        violations: [],
        lost: 0,
        halfVisible: 0,
        unreadable: 0,
        recovered: outcome.cuts,
      });
      expect(outcome.cuts).toBeGreaterThan(outcome.operations);
    },
    60_000,
  );
});

describe("the campaign finds that", () => {
  const found: string[] = [];

  test.each(plantedBugs.map((bug) => [bug.title, bug] as const))(
    "%s",
    async (_title, bug) => {
      const violation = await withBug(bug, (open) => findViolation(finders[bug.title] ?? "overwrite", open));
      expect(violation).toMatchObject({ scenario: expect.stringMatching(/./), what: expect.stringMatching(/./) });
      found.push(caseOf(bug, violation as Violation));
    },
    60_000,
  );

  afterAll(() => {
    process.stdout.write(`${found.length} of ${plantedBugs.length} planted bugs found\n${found.join("\n")}\n`);
  });
});

/** Some bugs show before any power fails. */
function caseOf({ title }: PlantedBug, { scenario, cuts, kind, what }: Violation): string {
  const at = cuts.length === 0 ? "without a cut" : `cut at ${cuts.join(", then at ")}`;
  return `  ${title}:\n    scenario "${scenario}", ${at}\n    ${kind}: ${what}`;
}

describe("lugh campaign power-cut", () => {
  test("tells how many cuts there were and what became of them", async () => {
    const { code, json } = await runJson<object>(["campaign", "power-cut", "--random", "300", "--seed", "3"]);
    expect(code).toBe(0);
    expect(json).toMatchObject({ campaign: "power-cut", target: "storage", scenario: "random", violations: [] });
    const { cuts, doubleCuts, recovered } = json as { cuts: number; doubleCuts: number; recovered: number };
    expect(cuts + doubleCuts).toBeGreaterThanOrEqual(300);
    expect(recovered).toBe(cuts + doubleCuts);
  }, 60_000);

  test("refuses another campaign, and another target, by name", async () => {
    expect((await runJson(["campaign", "power-cuts"])).json.error.message).toContain("power-cut");
    expect((await runJson(["campaign", "power-cut", "--target", "store"])).json.error.message).toContain("storage");
  });
});
