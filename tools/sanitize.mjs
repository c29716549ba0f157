// Builds everything that is C with the address and undefined-behaviour sanitizers and runs its tests with it: those of the
// machine layer and of the codec, hostile programs, a part of the audit, and nodes that swap, fault, store and publish. What
// is passed over in the engine, and why, stands in docs/decisions/0008-what-the-sanitizers-pass-over.md.
//
//   node tools/sanitize.mjs [--outputFile FILE]      FILE: the count, in the form of Jest's own

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pathOf, root } from "./bootstrap/project.mjs";

const folder = "build/sanitize";
const reports = pathOf(`${folder}/reports`);
const results = pathOf(`${folder}/results.json`);

/**
 * Not among them: what wants the speed of a build without sanitizers, and tests/kernel-pool.test.ts, which wants memory back
 * that the sanitizer keeps for a while to find late uses of it.
 */
const suites =
  /^(audit|body|command|flash-node|kernel-(?!pool|timers).*|machine|mqtt.*|reincarnation|scheduler-xs|trace-engine|wire-xs|xs)\.test\.ts$/;

const environment = {
  ...process.env,
  LUGH_NATIVE_DIR: folder,
  ASAN_OPTIONS: `log_path=${reports}/address`,
  UBSAN_OPTIONS: `log_path=${reports}/behaviour:print_stacktrace=1`,
};

function run(command, parameters) {
  const { status, error } = spawnSync(command, parameters, { cwd: root, stdio: "inherit", env: environment });
  if (error) throw error;
  return status === 0;
}

function build() {
  const jobs = ["--parallel", "2"];
  if (run("cmake", ["-S", ".", "-B", folder, "-DLUGH_SANITIZE=ON"]) && run("cmake", ["--build", folder, ...jobs]))
    return;
  throw new Error("Cannot build with the sanitizers: cmake failed");
}

/** A process that dies of what a sanitizer saw may go unnoticed by its test, so each report counts as a failure. */
function readReports() {
  return readdirSync(reports).map((name) => readFileSync(join(reports, name), "utf8"));
}

function runTests() {
  const named = readdirSync(pathOf("tests")).filter((name) => suites.test(name));
  run(process.execPath, [
    "tools/jest.mjs",
    "--json",
    "--testTimeout=60000", // everything takes several times as long
    `--outputFile=${results}`,
    ...named.map((name) => `tests/${name}`),
  ]);
  return JSON.parse(readFileSync(results, "utf8"));
}

const { outputFile } = parseArgs({ options: { outputFile: { type: "string" } } }).values;
build();
rmSync(reports, { recursive: true, force: true });
rmSync(results, { force: true });
mkdirSync(reports);

const isContained = run(join(root, folder, "bin/hostile-bench"), ["--brief", "--kills", "20"]);
const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = runTests();
const found = readReports();
for (const report of found) console.log(report);

const passed = numPassedTests + (isContained ? 1 : 0);
const failed = numFailedTests + numRuntimeErrorTestSuites + (isContained ? 0 : 1) + found.length;
if (outputFile !== undefined)
  writeFileSync(
    outputFile,
    JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numRuntimeErrorTestSuites: 0 }),
  );
console.log(`with sanitizers: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
