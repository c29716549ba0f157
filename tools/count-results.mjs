// Adds up results in the form of Jest's and prints one line, "N passed, N failed". A file of tests that could not run at
// all counts as one failure, and so does a result file that is missing: a run that did not happen has not passed.

import { existsSync, readFileSync } from "node:fs";

const counts = process.argv.slice(2).map((file) => {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const results = JSON.parse(readFileSync(file, "utf8"));
  return { passed: results.numPassedTests, failed: results.numFailedTests + results.numRuntimeErrorTestSuites };
});
const passed = counts.reduce((sum, each) => sum + each.passed, 0);
const failed = counts.reduce((sum, each) => sum + each.failed, 0);

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
