// Does the power-cut campaign count rightly, where it tries each distinct flash once? The whole of it is `lugh campaign power-cut`,
// larger parts and planted bugs are in tests/system/storage-campaign.test.ts.

import { describe, expect, test } from "@jest/globals";
import type { Outcome } from "sim/campaign/outcome";
import { PowerCutRunner } from "sim/campaign/power-cut";
import { type OpenStore, storageScenarios } from "sim/campaign/storage-target";
import { type PlantedBug, plantedBugs, withBug } from "tests/storage-bugs";

const few = { isDouble: true, stride: 19, subsets: 1, violationsMost: 1_000_000 };

async function run(name: string, more: { readonly isEachTried: boolean }, open?: OpenStore): Promise<Outcome> {
  const scenario = storageScenarios(open).find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return PowerCutRunner.run(scenario, { ...few, ...more });
}

const figures = ({ cuts, doubleCuts, recovered, lost, halfVisible, unreadable }: Outcome): number[] => [
  cuts,
  doubleCuts,
  recovered,
  lost,
  halfVisible,
  unreadable,
];

describe("a double campaign", () => {
  test.each(["transactions", "large", "idle"])("counts %s as if each cut were tried by itself", async (name) => {
    const each = await run(name, { isEachTried: true });
    const once = await run(name, { isEachTried: false });
    expect(figures(once)).toEqual(figures(each));
    expect(each.distinct).toBe(each.cuts + each.doubleCuts);
    expect(once.distinct).toBeLessThan(each.distinct / 2);
    expect(once).toMatchObject({ recovered: each.distinct, violations: [] });
  });

  test("counts what a bug costs as if each cut were tried by itself", async () => {
    const bug = plantedBugs.find(({ title }) => title === "only every second commit is synced") as PlantedBug;
    await withBug(bug, async (open) => {
      const each = await run("transactions", { isEachTried: true }, open);
      const once = await run("transactions", { isEachTried: false }, open);
      expect(figures(once)).toEqual(figures(each));
      expect(once.lost).toBeGreaterThan(0);
      expect(once.violations[0]).toMatchObject({ scenario: "transactions", kind: "lost" });
    });
  });
});
