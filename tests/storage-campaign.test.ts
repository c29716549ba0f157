// Does the power-cut campaign count rightly, where it tries each distinct flash once, and is the store right about a flash that
// fails or lies? The whole of it is `lugh campaign`, larger parts and planted bugs are in tests/system/storage-campaign.test.ts.

import { describe, expect, test } from "@jest/globals";
import { failFlash } from "sim/campaign/flash-errors";
import { lieAboutSyncs } from "sim/campaign/lying-syncs";
import type { Outcome } from "sim/campaign/outcome";
import { cutPower } from "sim/campaign/power-cut";
import { storageScenarios } from "sim/campaign/storage-scenarios";
import type { OpenStore } from "sim/campaign/storage-target";
import { type PlantedBug, plantedBugs, withBug } from "tests/storage-bugs";

const few = { isDouble: true, stride: 19, subsets: 1, violationsMost: 1_000_000 };

function scenarioOf(name: string, open?: OpenStore): ReturnType<typeof storageScenarios>[0] {
  const scenario = storageScenarios(open).find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return scenario;
}

const run = (name: string, more: { readonly isEachTried: boolean }, open?: OpenStore): Promise<Outcome> =>
  cutPower(scenarioOf(name, open), { ...few, ...more });

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

describe("the store", () => {
  test("answers an error where its flash fails, or gets over it, and loses nothing", async () => {
    const outcome = await failFlash(scenarioOf("idle"), { stride: 23 });
    expect(outcome).toMatchObject({ violations: [], recovered: outcome.cuts });
    expect(outcome.answered).toBeGreaterThan(0);
    expect(outcome.errors).toBeGreaterThan(outcome.answered);
  });

  test("is as it once was, or says what is wrong, where syncs lied before the power failed", async () => {
    const outcome = await lieAboutSyncs(scenarioOf("transactions"), { stride: 7 });
    expect(outcome).toMatchObject({ violations: [], recovered: outcome.cuts - outcome.unreadable });
    expect(outcome.older).toBeGreaterThan(0);
    expect(outcome.unreadable).toBeGreaterThan(0);
  });
});
