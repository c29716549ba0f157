// Is every change whole or was not, and the journal's chain and head as they were, whenever the power fails? On the engine, with the
// firmware's own services; tests/system/journal-power goes through many more cuts.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { BenchNode } from "sim/bench/node";
import { runJournalCuts } from "tests/journal-power";
import { startUpdateWorker } from "tests/update-node";

let bench: BenchNode;

beforeAll(() => {
  bench = startUpdateWorker();
});
afterAll(() => bench.stop());

test("changes that are cut at their operations of the flash, one after the other, are made or are not", async () => {
  const { violations, ...reached } = await runJournalCuts(bench, 0, 108);
  expect(violations).toEqual([]);
  expect(reached).toMatchObject({ cuts: 108, points: 18 });
  expect(Math.min(reached.committed, reached.undone, reached.doubleCuts)).toBeGreaterThan(3);
}, 60_000);

test.each([
  [
    "makes no setting durable with its record",
    "tests/services/journal-hasty",
    /its settings are|was answered and is undone/,
  ],
  ["leaves open what the power cut off", "tests/services/journal-forgetful", /stands open/],
])(
  "a journal that %s is found",
  async (_, journal, wanted) => {
    const { violations } = await runJournalCuts(bench, 1 + (journal.includes("hasty") ? 0 : 1), 60, { journal });
    expect(violations.join()).toMatch(wanted);
  },
  60_000,
);
