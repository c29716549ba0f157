// `lugh test`: runs tests of services on XS, in virtual time.

import type { Command } from "cli/command";
import { Failure } from "cli/failure";
import { type Output, printable } from "cli/output";
import { shortPath } from "sim/run/problem";
import { findTests, runSuite, type SuiteFile } from "sim/run/suite";
import type { Coverage, TestResult } from "sim/run/test-file";

export const test: Command = {
  name: "test",
  summary: "run tests of services on the engine, in virtual time",
  arguments: ["[FILES…]"],
  options: {},
  explanation: [
    "FILES are tests that end in .xs.test.ts, or folders that hold some; without any, those below this folder. A test is",
    'a module on XS that imports "lughos/testing" and the services that it drives; docs/SERVICES.md shows how.',
    "",
    "With --json: { files, tests, passed, failed, skipped, failures: [{ file, line, title, message }] }.",
  ].join("\n"),
  async run(invocation, output) {
    const files = find(invocation.positionals);
    const suite = await runSuite(files, (file) => {
      if (!output.isJson) printFile(file, output);
    });
    const results = suite.flatMap((file) => file.results);
    const count = (outcome: TestResult["outcome"]): number =>
      results.filter((result) => result.outcome === outcome).length;
    const [passed, failed, skipped] = [count("passed"), count("failed"), count("skipped")];
    const tests = results.length;
    if (output.isJson)
      output.json({ files: files.length, tests, passed, failed, skipped, failures: failuresOf(results) });
    else output.line(`${tests} tests in ${files.length} files: ${passed} passed, ${failed} failed, ${skipped} skipped`);
    for (const file of suite) printCoverage(file, output);
    if (failed > 0) throw new Failure("failed", `${failed} of ${tests} tests failed`, { isTold: true });
  },
};

function find(paths: readonly string[]): string[] {
  let files: string[];
  try {
    files = findTests(paths.length === 0 ? ["."] : paths);
  } catch (error) {
    throw new Failure("usage", (error as Error).message, { cause: error });
  }
  if (files.length > 0) return files;
  throw new Failure(
    "usage",
    `Cannot run tests: wanted files that end in .xs.test.ts, found none in ${paths.join(", ") || "this folder"}`,
  );
}

function printFile({ file, results }: SuiteFile, output: Output): void {
  output.line(output.paint("bold", shortPath(file)));
  for (const { outcome, title, millis, message, place } of results) {
    const mark = { passed: "✓", failed: "✗", skipped: "○" }[outcome];
    const colour = ({ passed: "green", failed: "red", skipped: "yellow" } as const)[outcome];
    output.line(
      `  ${output.paint(colour, mark)} ${printable(title)} ${output.paint("dim", `(${Math.round(millis)} ms)`)}`,
    );
    if (outcome !== "failed") continue;
    output.line(`      ${shortPath(place.file)}:${place.line}`);
    for (const line of message.split("\n")) output.line(`      ${printable(line)}`);
  }
}

/** With --json on standard error, for the result has one shape. */
function printCoverage({ coverage }: SuiteFile, output: Output): void {
  for (const each of coverage) {
    const line = describeCoverage(each);
    if (output.isJson) output.progress(line);
    else output.line(line);
  }
}

function describeCoverage({ service, handled, missed }: Coverage): string {
  const share = `${handled.length} of ${handled.length + missed.length} messages handled`;
  return missed.length === 0
    ? `${shortPath(service)}: ${share}`
    : `${shortPath(service)}: ${share}; never ${missed.join(", ")}`;
}

function failuresOf(results: readonly TestResult[]): object[] {
  return results
    .filter(({ outcome }) => outcome === "failed")
    .map(({ place, title, message }) => ({ file: shortPath(place.file), line: place.line, title, message }));
}
