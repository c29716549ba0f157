// Runs the tests of one file, each on fresh nodes, and says where they failed in the TypeScript.

import type { Clone } from "sim/run/clone";
import type { Compiled } from "sim/run/compile";
import { buildImage } from "sim/run/image";
import { LineMap, type Place } from "sim/run/lines";
import { TestDrive } from "sim/run/test-drive";
import { type Listed, testerModule, type Verdict, writeTester } from "sim/run/tester";

export type Outcome = "passed" | "failed" | "skipped";

export interface TestResult {
  readonly title: string;
  /** Where the test stands; of a failure, where it failed. */
  readonly place: Place;
  readonly outcome: Outcome;
  /** Of a failure. */
  readonly message: string;
  readonly millis: number;
}

/** Which of the messages that a service takes the tests had it handle. */
export interface Coverage {
  /** File of the service. */
  readonly service: string;
  readonly handled: readonly string[];
  readonly missed: readonly string[];
}

export interface FileReport {
  /** Absolute. */
  readonly file: string;
  readonly results: readonly TestResult[];
  readonly coverage: readonly Coverage[];
}

/** Of real time: a test that is not over then never will be. */
export const usualPatienceMillis = 60_000;

export async function runTestFile(
  file: string,
  compiled: Compiled,
  clone: Clone,
  patienceMillis: number,
): Promise<FileReport> {
  const lines = new LineMap(clone, compiled.modules);
  const module = compiled.modules[0]?.name ?? "";
  const written = new Map([[testerModule, writeTester(module, compiled.defaultImports)]]);
  const image = await buildImage(clone, compiled.modules, written, lines);
  const translate = (text: string): string => lines.translate(text);
  const open = (): TestDrive => new TestDrive(clone.executable, image.path, translate, patienceMillis);
  let drive = open();
  try {
    const listed = await drive.list();
    const results: TestResult[] = [];
    const handled = new Map<string, Set<string>>();
    for (const [index, { title, isSkipped, stack }] of listed.tests.entries()) {
      if (drive.isOver) {
        await drive.stop();
        drive = open();
      }
      const begun = performance.now();
      const verdict = isSkipped ? undefined : await drive.run(index);
      const millis = performance.now() - begun;
      const place = lines.firstPlace(stack, (each) => each === file) ?? { file, line: 1 };
      results.push({ title, millis, ...(await judge(verdict, place, lines, file)) });
      addTypes(handled, drive.handled);
    }
    const coverage = coverageOf(listed, handled).map((each) => ({ ...each, service: lines.fileOf(each.service) }));
    return { file, results, coverage };
  } finally {
    await drive.stop();
    image.remove();
  }
}

/** A failure is told at the innermost line of the file; of a fault, at that of the service. */
async function judge(
  verdict: Verdict | undefined,
  place: Place,
  lines: LineMap,
  file: string,
): Promise<Omit<TestResult, "title" | "millis">> {
  if (verdict === undefined) return { outcome: "skipped", place, message: "" };
  if (verdict.isPassed) return { outcome: "passed", place, message: "" };
  const { message, stack } = verdict;
  const found = lines.firstPlace(stack, (each) => each === file) ?? lines.firstPlace(stack, () => true);
  const failed = { outcome: "failed", message: lines.translate(message) } as const;
  if (found === undefined) return { ...failed, place };
  const { firstLineOf } = await import("sim/run/check");
  return { ...failed, place: { file: found.file, line: firstLineOf(found.file, found.line) } };
}

function addTypes(all: Map<string, Set<string>>, some: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [module, types] of some) all.set(module, new Set([...(all.get(module) ?? []), ...types]));
}

function coverageOf({ services }: Listed, handled: ReadonlyMap<string, ReadonlySet<string>>): Coverage[] {
  return services.map(({ module, types }) => {
    const seen = handled.get(module) ?? new Set();
    const [hit, missed] = [types.filter((type) => seen.has(type)), types.filter((type) => !seen.has(type))];
    return { service: module, handled: hit, missed };
  });
}
