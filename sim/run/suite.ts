// All tests of some files: what `lugh test` runs, and tests/xs.test.ts with the rest of our own.

import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { openClone } from "sim/run/clone";
import { compile } from "sim/run/compile";
import type { Entry } from "sim/run/imports";
import { SourceError } from "sim/run/problem";
import { type Coverage, runTestFile, type TestResult, usualPatienceMillis } from "sim/run/test-file";

const ending = ".xs.test.ts";
const skippedFolders = ["node_modules", "build", ".git"];

export interface SuiteFile {
  /** Absolute. */
  readonly file: string;
  readonly results: readonly TestResult[];
  readonly coverage: readonly Coverage[];
}

/** Files named as they are, and those below folders that end in .xs.test.ts. Throws an Error for what is neither. */
export function findTests(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw new Error(`Cannot run tests: there is no ${path}`);
    if (stats.isDirectory()) return testsBelow(path);
    if (path.endsWith(ending)) return [path];
    throw new Error(`Cannot run tests of ${path}: wanted a file that ends in ${ending}, or a folder`);
  });
  return [...new Set(found.map((file) => resolve(file)))];
}

function testsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skippedFolders.includes(entry.name) ? [] : testsBelow(path);
      return entry.name.endsWith(ending) ? [path] : [];
    })
    .sort();
}

/** One after the other, each told as soon as it is over. A file that cannot be compiled or loaded is one failed test. */
export async function runSuite(
  files: readonly string[],
  tell: (file: SuiteFile) => void,
  patienceMillis = usualPatienceMillis,
): Promise<SuiteFile[]> {
  const clone = openClone();
  const entries = files.map((path): Entry => ({ path, kind: "test" }));
  const compiled = await compile(entries, clone);
  const suite: SuiteFile[] = [];
  for (const entry of entries) {
    const begun = performance.now();
    const result = compiled.get(entry);
    const file =
      result === undefined || result instanceof SourceError
        ? broken(entry.path, result ?? new Error("it was not compiled"), begun)
        : await runTestFile(entry.path, result, clone, patienceMillis).catch((error: Error) =>
            broken(entry.path, error, begun),
          );
    suite.push(file);
    tell(file);
  }
  return suite;
}

function broken(file: string, error: Error, begun: number): SuiteFile {
  const line = error instanceof SourceError ? (error.problems[0]?.line ?? 1) : 1;
  const place = { file: (error instanceof SourceError && error.problems[0]?.file) || file, line };
  const millis = performance.now() - begun;
  const result = {
    title: "the file is compiled and loaded",
    place,
    outcome: "failed",
    message: error.message,
    millis,
  } as const;
  return { file, results: [result], coverage: [] };
}
