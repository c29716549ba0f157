// The last line of .ci/run is what a reader believes: it must count what did not run as not passed.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const tool = resolve(import.meta.dirname, "../tools/count-results.mjs");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lugh-results-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeResults(name: string, numPassedTests: number, numFailedTests = 0, numRuntimeErrorTestSuites = 0): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites }));
  return file;
}

function count(...files: string[]): { line: string; exitCode: number | null } {
  const { stdout, status } = spawnSync(process.execPath, [tool, ...files], { encoding: "utf8" });
  return { line: stdout.trim(), exitCode: status };
}

test("results of several runs are added up", () => {
  const files = [writeResults("tests.json", 40), writeResults("system.json", 2)];
  expect(count(...files)).toEqual({ line: "42 passed, 0 failed", exitCode: 0 });
});

test("failures and files that could not run both count as failed", () => {
  expect(count(writeResults("tests.json", 40, 2, 1))).toEqual({ line: "40 passed, 3 failed", exitCode: 1 });
});

test("a run that left no results counts as failed", () => {
  const files = [writeResults("tests.json", 40), join(folder, "system.json")];
  expect(count(...files)).toEqual({ line: "40 passed, 1 failed", exitCode: 1 });
});

test("nothing run at all is not a success", () => {
  expect(count(writeResults("tests.json", 0)).exitCode).toBe(1);
});
