// The tests that run on the engine, each one reported here by its title. Where one fails, Jest shows the line of its TypeScript.

import { relative } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { findTests, runSuite } from "sim/run/suite";
import type { TestResult } from "sim/run/test-file";

const suite = await runSuite(findTests(["tests"]), () => undefined);

for (const { file, results, coverage } of suite)
  describe(relative(process.cwd(), file), () => {
    for (const result of results) {
      const { title, outcome } = result;
      if (outcome === "skipped")
        // Skipped there, for the reason that the file gives.
        test.skip(title, () => undefined);
      else
        test(title, () => {
          if (outcome === "failed") throw failure(result);
        });
    }
    afterAll(() => {
      expect(coverage.every(({ handled, missed }) => handled.length + missed.length > 0)).toBe(true);
    });
  });

/** Its stack is the place in the test, so that Jest shows the lines around it. */
function failure({ title, message, place }: TestResult): Error {
  const error = new Error(message);
  error.stack = `Error: ${message}\n    at ${title} (${place.file}:${place.line}:1)`;
  return error;
}
