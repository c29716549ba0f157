// Does the power-cut campaign find nothing in the store, and every bug that is planted in it? It cuts each operation of the
// standard scenarios once, and at the end prints which case found which bug. Second cuts: `lugh campaign power-cut --double`.

import { afterAll, describe, expect, test } from "@jest/globals";
import { failFlash } from "sim/campaign/flash-errors";
import { type LieOutcome, lieAboutSyncs } from "sim/campaign/lying-syncs";
import type { Violation } from "sim/campaign/outcome";
import { cutPower } from "sim/campaign/power-cut";
import { cutAtRandom } from "sim/campaign/random-cuts";
import { storageScenarios, storageWorld } from "sim/campaign/storage-scenarios";
import type { OpenStore } from "sim/campaign/storage-target";
import { runJson } from "tests/cli-run";
import { finders, type PlantedBug, plantedBugs, withBug } from "tests/storage-bugs";
import { flashBugs, type PlantedFlashBug } from "tests/storage-flash-bugs";

/** The longest takes some twenty seconds of a processor; on a busy machine these get a tenth of one. */
const hangMillis = 300_000;

/** The first violation that a scenario, or a random world, leads to. */
async function findViolation(finder: string | number, open: OpenStore): Promise<Violation | undefined> {
  if (typeof finder === "number")
    return (await cutAtRandom((seed) => storageWorld(seed, open), { cuts: 300, seed: finder, violationsMost: 1 }))
      .violations[0];
  return (await cutPower(scenarioOf(finder, open), { violationsMost: 1, subsets: 2 })).violations[0];
}

async function findFlashViolation(
  { campaign, scenario }: PlantedFlashBug,
  open: OpenStore,
): Promise<Violation | undefined> {
  const run = campaign === "errors" ? failFlash : lieAboutSyncs;
  return (await run(scenarioOf(scenario, open), { violationsMost: 1, subsets: 1 })).violations[0];
}

function scenarioOf(name: string, open?: OpenStore): ReturnType<typeof storageScenarios>[0] {
  const scenario = storageScenarios(open).find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return scenario;
}

describe("the store", () => {
  test.each(storageScenarios().map((scenario) => [scenario.name, scenario] as const))(
    "survives cuts all along the scenario %s",
    async (_name, scenario) => {
      const outcome = await cutPower(scenario, { subsets: 1 });
      expect(outcome).toMatchObject({
        violations: [],
        lost: 0,
        halfVisible: 0,
        unreadable: 0,
        recovered: outcome.cuts,
      });
      expect(outcome.cuts).toBeGreaterThan(outcome.operations);
    },
    hangMillis,
  );
});

describe("a store whose flash fails", () => {
  test.each(storageScenarios().map((scenario) => [scenario.name, scenario] as const))(
    "answers an error or gets over it, all along the scenario %s",
    async (_name, scenario) => {
      const outcome = await failFlash(scenario, { stride: 11 });
      expect(outcome).toMatchObject({ violations: [], recovered: outcome.cuts });
      expect(outcome.answered).toBeGreaterThan(20);
      expect(outcome.errors - outcome.answered).toBeGreaterThan(20);
    },
    hangMillis,
  );

  test.each(storageScenarios().map((scenario) => [scenario.name, scenario] as const))(
    "is as it once was, or says what is wrong, where syncs lie in the scenario %s",
    async (_name, scenario) => {
      const outcome = await lieAboutSyncs(scenario, { stride: 5 });
      expect(outcome).toMatchObject({ violations: [], recovered: outcome.cuts - outcome.unreadable });
      expect(outcome.older).toBeGreaterThan(20);
      expect(outcome.unreadable).toBeGreaterThan(20);
    },
    hangMillis,
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
    hangMillis,
  );

  test.each(flashBugs.map((bug) => [bug.title, bug] as const))(
    "%s, of a flash that fails or lies",
    async (_title, bug) => {
      const violation = await withBug(bug, (open) => findFlashViolation(bug, open));
      expect(violation).toMatchObject({ scenario: bug.scenario, what: expect.stringMatching(/./) });
      found.push(caseOf(bug, violation as Violation));
    },
    hangMillis,
  );

  afterAll(() => {
    process.stdout.write(
      `${found.length} of ${plantedBugs.length + flashBugs.length} planted bugs found\n${found.join("\n")}\n`,
    );
  });
});

/** Some bugs show before any power fails. */
function caseOf({ title }: PlantedBug, { scenario, cuts, kind, what }: Violation): string {
  const at = cuts.length === 0 ? "without a cut" : `at ${cuts.join(", then at ")}`;
  return `  ${title}:\n    scenario "${scenario}", ${at}\n    ${kind}: ${what}`;
}

describe("lugh campaign power-cut", () => {
  test(
    "tells how many cuts there were and what became of them",
    async () => {
      const { code, json } = await runJson<object>(["campaign", "power-cut", "--random", "300", "--seed", "3"]);
      expect(code).toBe(0);
      expect(json).toMatchObject({ campaign: "power-cut", target: "storage", scenario: "random", violations: [] });
      const { cuts, doubleCuts, recovered } = json as { cuts: number; doubleCuts: number; recovered: number };
      expect(cuts + doubleCuts).toBeGreaterThanOrEqual(300);
      expect(recovered).toBe(cuts + doubleCuts);
    },
    hangMillis,
  );

  test(
    "tells how often the flash failed, and what became of it",
    async () => {
      const { code, json } = await runJson<object>(["campaign", "flash-errors", "--scenario", "large"]);
      expect(code).toBe(0);
      expect(json).toMatchObject({
        campaign: "flash-errors",
        scenario: "large",
        violations: [],
        lost: 0,
        halfVisible: 0,
      });
      const { errors, answered, cuts, recovered, lies } = json as { [figure: string]: number } & { lies: LieOutcome };
      expect(answered).toBeLessThan(errors as number);
      expect(recovered).toBe(cuts);
      expect(lies.recovered + lies.unreadable).toBe(lies.cuts);
      expect(lies.older).toBeGreaterThan(0);
    },
    hangMillis,
  );

  test("refuses another campaign, target and scenario by name", async () => {
    expect((await runJson(["campaign", "power-cuts"])).json.error.message).toContain("power-cut");
    for (const name of ["power-cut", "flash-errors"]) {
      expect((await runJson(["campaign", name, "--target", "store"])).json.error.message).toContain("storage");
      expect((await runJson(["campaign", name, "--scenario", "huge"])).json.error.message).toContain("large");
    }
  });
});
