// Does `lugh test` tell the truth? Tests that ought to fail do, at the right line and with the reason; those that ought to pass
// do; and what cannot be run is said.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { runSuite } from "sim/run/suite";
import { runCli, runJson } from "tests/cli-run";

// Each call compiles and checks types, which takes seconds on a busy machine.
jest.setTimeout(60_000);

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lugh-test-"));
  write("meter.ts", meter);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const meter = `import { type Context, defineService } from "lughos";

let count = 0;

export default defineService({
  version: "1.0.0",
  stateSchema: 2,
  start({ every, configuration }, state) {
    count = (state as { count: number } | undefined)?.count ?? 0;
    if (configuration.broken === true) throw new Error("no volts");
    every(1000, "tick");
  },
  migrate: (state) => ({ count: Number(state) }),
  receive: {
    async tick(_message: unknown, { call, send, commit }: Context) {
      const { value } = await call<{ value: number }>("adc0", "read");
      commit({ count: ++count });
      send("reporter", "reading", { count, value });
    },
    count: (_message: unknown, { log }: Context) => {
      log("info", "asked");
      return { count };
    },
    fail() {
      throw new Error("told to");
    },
    loop(_message: unknown, { send }: Context) {
      send("meter", "loop");
    },
    never: () => undefined,
  },
});
`;

const heading = `import { delayed, expect, refused, test } from "lughos/testing";
import meter from "./meter";

const grants = { calls: ["adc0"], sends: ["reporter"] };
`;

interface Report {
  readonly files: number;
  readonly tests: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly {
    readonly file: string;
    readonly line: number;
    readonly title: string;
    readonly message: string;
  }[];
}

function report(name: string, text: string): Promise<{ code: number | null; json: Report }> {
  return runJson<Report>(["test", write(name, heading + text)]);
}

test("what holds passes: time, answers, commits, schemas, clocks and permissions", async () => {
  const { code, json } = await report(
    "good.xs.test.ts",
    `
test("ticks are due when they are due, and answers come in turn", async (bench) => {
  bench.channel("adc0").answer("read", { value: 1 }, refused("dead"), delayed(20, { value: 3 }));
  await bench.start(meter, grants);
  await bench.advance(3019.9);
  expect(bench.channel("reporter").received("reading")).toEqual([{ count: 1, value: 1 }]);
  await bench.advance(0.1);
  expect(bench.channel("reporter").received()).toEqual([
    { type: "reading", isCall: false, micros: 1_000_000, message: { count: 1, value: 1 } },
    { type: "reading", isCall: false, micros: 3_020_000, message: { count: 2, value: 3 } },
  ]);
  expect(bench.channel("adc0").received()).toHaveLength(3);
});

test("a call takes as long as its reply, and no longer than its deadline", async (bench) => {
  bench.channel("adc0").answer("read", delayed(30_000, { value: 1 }));
  await bench.start(meter, grants);
  await bench.advance(1000);
  expect(await bench.call("count", null, { deadlineMillis: 60_000 })).toEqual({ count: 0 });
  expect(bench.logs()).toEqual([{ level: "info", text: "asked" }]);
});

test("a restart begins from the last commit", async (bench) => {
  bench.channel("adc0").answer("read", { value: 1 });
  await bench.start(meter, { ...grants, state: { count: 41 } });
  await bench.advance(1000);
  await bench.restart();
  expect(await bench.call("count")).toEqual({ count: 42 });
});

test("an older state is migrated", async (bench) => {
  await bench.start(meter, { ...grants, state: 7, stateSchema: 1 });
  expect(await bench.call("count")).toEqual({ count: 7 });
});

test("faults and refusals that are looked at are no failures", async (bench) => {
  await bench.start(meter, {});
  await bench.send("fail");
  await bench.advance(1000);
  expect(bench.faults()).toMatchObject([{ kind: "threw", messageType: "fail", generation: 1 }]);
  expect(bench.refusals()).toEqual([{ permission: "device", name: "adc0", flag: "--allow-device=adc" }]);
});

test("a service that cannot start says why", async (bench) => {
  await expect(bench.start(meter, { configuration: { broken: true } })).toThrow("no volts");
});

test("a full mailbox says so", async (bench) => {
  await bench.start(meter, { mailbox: 1 });
  const answers = await Promise.all([bench.send("never"), bench.send("never")]);
  expect(answers).toContain("sent");
});

test("six hours pass", async (bench) => {
  bench.channel("adc0").answer("read", refused("unavailable"));
  await bench.start(meter, grants);
  await bench.advance(21_600_000);
  expect(bench.channel("adc0").received("read").length).toBe(21_600);
});

// Nothing to test here; it is skipped to be counted.
test.skip("what is skipped is counted", () => undefined);
`,
  );
  expect(json).toEqual({ files: 1, tests: 9, passed: 8, failed: 0, skipped: 1, failures: [] });
  expect(code).toBe(0);
});

test("what does not hold fails, at its line of the TypeScript and with the reason", async () => {
  const text = `
test("an expectation", async (bench) => {
  await bench.start(meter, grants);
  expect(await bench.call("count")).toEqual({
    count: 1,
  });
});

test("a fault", async (bench) => {
  await bench.start(meter, grants);
  await bench.send("fail");
});

test("a refusal", async (bench) => {
  await bench.start(meter, {});
  await bench.advance(1000);
});

test("an error", () => {
  (undefined as unknown as { a: number }).a;
});

test("a loop", () => {
  for (;;);
});

test("a wait", () => new Promise<void>(() => undefined));

test("a call that is refused", async (bench) => {
  await bench.start(meter, grants);
  await bench.call("nothing");
});

test("a start of what is no import", async (bench) => {
  await bench.start({ ...meter });
});

test("a table that cannot be", async (bench) => {
  await bench.start(meter, { calls: ["adc0", "adc0"] });
});
`;
  const { code, json } = await report("bad.xs.test.ts", text);
  const lineOf = (part: string): number => (heading + text).split("\n").findIndex((line) => line.includes(part)) + 1;
  expect(code).toBe(1);
  expect(json).toMatchObject({ files: 1, tests: 9, passed: 0, failed: 9, skipped: 0 });
  const told = json.failures.map(({ title, file, line }) => [title, file, line]);
  const file = join(folder, "bad.xs.test.ts");
  expect(told).toEqual([
    ["an expectation", file, lineOf("toEqual")],
    ["a fault", join(folder, "meter.ts"), meter.split("\n").findIndex((line) => line.includes("told to")) + 1],
    ["a refusal", file, lineOf('"a refusal"')],
    ["an error", file, lineOf("undefined as unknown")],
    ["a loop", file, lineOf("for (;;)")],
    ["a wait", file, lineOf('"a wait"')],
    ["a call that is refused", file, lineOf('call("nothing")')],
    ["a start of what is no import", file, lineOf("{ ...meter }")],
    ["a table that cannot be", file, lineOf('"adc0", "adc0"')],
  ]);
  const messages = json.failures.map(({ message }) => message);
  expect(messages).toEqual([
    "wanted { count: 1 }, found { count: 0 }\nat count: wanted 1, found 0",
    expect.stringMatching(/^meter faulted at "fail": threw: Error: told to\n at fail \(.*meter\.ts:25\)$/),
    expect.stringMatching(/^the service was refused device "adc0"; its entry does not grant it/),
    expect.stringMatching(/^TypeError: cannot coerce undefined to object|^TypeError: .*undefined/),
    expect.stringMatching(/^the test faulted: out-of-budget: ran past its budget of 100000000 steps/),
    "the test faulted: stalled: its handler awaits what no message can bring",
    expect.stringMatching(/^call of "nothing" was answered not-capable/),
    "Cannot start: wanted a service that this file imports as the default export of its module",
    expect.stringContaining('wanted each name once, found "adc0" twice'),
  ]);
});

test("a service that comes to no end is given up, and the next test runs", async () => {
  const file = write(
    "endless.xs.test.ts",
    `${heading}
test("endless", async (bench) => {
  await bench.start(meter, { sends: ["meter"] });
  await bench.send("loop");
});

test("the next", async (bench) => {
  await bench.start(meter, grants);
  expect(await bench.call("count")).toEqual({ count: 0 });
});
`,
  );
  const [suite] = await runSuite([file], () => undefined, 1_500);
  expect(suite?.results.map(({ outcome, message }) => [outcome, message])).toEqual([
    ["failed", "it was not over after 1.5 s"],
    ["passed", ""],
  ]);
});

test("people read titles, places, reasons and which messages were handled", async () => {
  const file = write(
    "people.xs.test.ts",
    `${heading}\ntest("counts", async (bench) => {\n  await bench.start(meter, grants);\n  expect(await bench.call("count")).toBe(1);\n});\n`,
  );
  const { code, stdout } = await runCli(["test", file]);
  expect(code).toBe(1);
  expect(stdout.replace(/\d+ ms/g, "N ms")).toBe(
    [
      file,
      "  ✗ counts (N ms)",
      `      ${file}:8`,
      "      wanted 1, found { count: 0 }",
      "1 tests in 1 files: 0 passed, 1 failed, 0 skipped",
      `${join(folder, "meter.ts")}: 1 of 5 messages handled; never tick, fail, loop, never`,
      "",
    ].join("\n"),
  );
});

describe("what cannot be run", () => {
  test.each([
    ["a syntax error", "test(;\n", "expected. (TS1005)\n    5 | test(;"],
    ["a type error", "test(5, () => undefined);\n", "Argument of type 'number' is not assignable"],
    ["an import of Node's", 'import "node:fs";\n', 'Cannot import "node:fs": a test is granted "lughos/testing"'],
  ])("%s is one failure, with file, line and a mark", async (_what, text, message) => {
    const { code, json } = await report("broken.xs.test.ts", text);
    expect(code).toBe(1);
    expect(json).toMatchObject({ files: 1, tests: 1, failed: 1 });
    expect(json.failures[0]).toMatchObject({ file: join(folder, "broken.xs.test.ts"), line: 5 });
    expect(json.failures[0]?.message).toContain(message);
    expect(json.failures[0]?.message).toMatch(/\n {6}\| +\^/);
  });

  test("a type error of the service is told at the service", async () => {
    write(
      "wrong.ts",
      'import { defineService } from "lughos";\nexport default defineService({ version: 1, receive: {} });\n',
    );
    const text =
      'import { test } from "lughos/testing";\nimport wrong from "./wrong";\ntest("x", (bench) => bench.start(wrong));\n';
    const { json } = await runJson<Report>(["test", write("wrong.xs.test.ts", text)]);
    expect(json.failures).toMatchObject([{ file: join(folder, "wrong.ts"), line: 2 }]);
  });

  test("a file that throws as it is loaded is told with its line", async () => {
    const { json } = await report("throws.xs.test.ts", '\nthrow new Error("at the top");\n');
    expect(json.failures[0]?.message).toMatch(/^Error: at the top\n at .*throws\.xs\.test\.ts:6\)$/);
  });

  test("a test that registers another is told so", async () => {
    const { json } = await report("late.xs.test.ts", 'test("early", () => test("late", () => undefined));\n');
    expect(json.failures[0]?.message).toContain('Cannot register test "late": wanted it at the top level of its file');
  });

  test.each([
    [["none.xs.test.ts"], "there is no none.xs.test.ts"],
    [["README.md"], "Cannot run tests of README.md: wanted a file that ends in .xs.test.ts, or a folder"],
    [["docs"], "wanted files that end in .xs.test.ts, found none in docs"],
  ])("lugh test %j is refused with exit code 2", async (args, message) => {
    const { code, stderr } = await runCli(["test", ...args]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  test("a folder stands for all tests below it", async () => {
    mkdirSync(join(folder, "below/deep"), { recursive: true });
    const text = 'import { expect, test } from "lughos/testing";\ntest("one", () => expect(1).toBe(1));\n';
    write("below/one.xs.test.ts", text);
    write("below/deep/two.xs.test.ts", text);
    const { json } = await runJson<Report>(["test", join(folder, "below")]);
    expect(json).toEqual({ files: 2, tests: 2, passed: 2, failed: 0, skipped: 0, failures: [] });
  });
});
