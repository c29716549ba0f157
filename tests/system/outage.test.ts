// Does a live fleet lose nothing beyond the stated window while its nodes, links, services and broker are killed? The short form of
// `lugh campaign outage --minutes 10`, with mosquitto as broker and witness.

import { expect, jest, test } from "@jest/globals";
import { runCli } from "tests/cli-run";

jest.setTimeout(180_000);

test("half a minute of faults costs a fleet no reading from more than ten seconds before a power cut", async () => {
  const args = ["campaign", "outage", "--seconds", "30", "--nodes", "4", "--seed", "5", "--json"];
  const { code, stdout, stderr } = await runCli(args);
  const verdict = JSON.parse(stdout) as { [figure: string]: number };
  expect({ code, stderr, violations: verdict.violations, lost: verdict.lostBeyondWindow }).toMatchObject({
    code: 0,
    violations: [],
    lost: 0,
  });
  expect(verdict.powerCuts).toBeGreaterThan(3);
  expect(verdict.readings).toBeGreaterThan(60);
  // Numbers that a power cut skipped are asked for too, and the nodes answer that they have none.
  expect(verdict.gapRequests).toBeGreaterThan(0);
});
