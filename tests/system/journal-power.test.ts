// The whole of tests/journal-power: thousands of cuts in one life of a journal, through every turn of its 64 records and of the log.

import { expect, test } from "@jest/globals";
import { runJournalCuts } from "tests/journal-power";
import { startUpdateWorker } from "tests/update-node";

const cuts = 1_500;

test("thousands of cuts in the midst of changes leave the chain whole and no change half made", async () => {
  const bench = startUpdateWorker();
  try {
    const { violations, ...reached } = await runJournalCuts(bench, 0, cuts);
    process.stdout.write(`changes whose power was cut: ${JSON.stringify(reached)}\n`);
    expect(violations).toEqual([]);
    expect(Math.min(reached.committed, reached.undone, reached.doubleCuts)).toBeGreaterThan(cuts / 50);
  } finally {
    await bench.stop();
  }
}, 600_000);
