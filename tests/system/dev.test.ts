// The developer's loop: is what was saved what the node runs, with its state, within a second; and is what cannot sent back
// with the reason?

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { type CliResult, runCli } from "tests/cli-run";
import { LiveFleet } from "tests/live-fleet";
import { startLugh } from "tests/lugh-process";
import { decodeLog } from "wire/log";

jest.setTimeout(90_000);

const node = "toledo/node-1";
const folder = mkdtempSync(join(tmpdir(), "lugh-dev-test-"));
const file = join(folder, "tally.ts");
let fleet: LiveFleet;

/** Counts what it is asked for, across its editions. */
function edition(version: string, more = "", schema = 1): void {
  writeFileSync(
    file,
    `import { defineService } from "lughos";
let count = 0;
export default defineService({
  version: "${version}",
  stateSchema: ${schema},
  start({ every, log }, state) {
    count = (state as { readonly count: number } | undefined)?.count ?? 0;
    every(50, "tick");
    log("info", "began with " + String(count > 0));${more}
  },
  receive: { tick() { count++; } },
  suspend: () => ({ count }),
});
`,
  );
}

async function dev(...more: readonly string[]): Promise<CliResult> {
  return fleet.lugh("dev", file, "--node", node, "--service", "reporter", "--once", ...more);
}

async function reporter(): Promise<{ readonly version: string; readonly generation: number }> {
  const { stdout } = await fleet.lugh("ps", node, "--json");
  const { services } = JSON.parse(stdout) as { services: { name: string; version: string; generation: number }[] };
  return services.find(({ name }) => name === "reporter") as { name: string; version: string; generation: number };
}

beforeAll(async () => {
  fleet = await LiveFleet.start();
});

afterAll(async () => {
  await fleet?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test("an edition of a file takes the place of the service that runs, in less than a second", async () => {
  edition("5.0.0", "", 7);
  expect(await dev()).toMatchObject({ code: 1, stderr: expect.stringContaining("wanted 7 or a migrate()") });
  const { stderr } = await dev();
  expect(stderr).toContain("--afresh begins it without one");
  expect(await reporter()).toMatchObject({ version: expect.not.stringContaining("5.") });
  edition("5.0.0", "", 7);
  const { code, stdout } = await dev("--afresh", "--json");
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as { millis: number }).millis).toBeLessThan(1_000);
  expect(await reporter()).toMatchObject({ version: "5.0.0" });
});

test("the next edition has the state of the one before, and the types are told of after it runs", async () => {
  edition(
    "6.0.0",
    '\n    if (count === 0) throw new Error("no state came along");\n    const wrong: number = "text"; void wrong;',
    7,
  );
  const { code, stderr } = await dev();
  expect(await reporter()).toMatchObject({ version: "6.0.0" });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("not assignable to type 'number'") });
});

test("what cannot be compiled, or breaks a rule, is told with its place, and the edition before runs on", async () => {
  const { generation } = await reporter();
  edition("7.0.0", '\n    throw new Error("not today");', 7);
  expect(await dev()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/not today[\s\S]*desk\/reporter\/\w+:10/),
  });
  writeFileSync(file, `${readFileSync(file, "utf8")}\n}}`);
  expect(await dev()).toMatchObject({ code: 1, stderr: expect.stringContaining("Cannot compile tally.ts") });
  expect(await reporter()).toMatchObject({ version: "6.0.0", generation });
});

test("each save of a file that the service imports is an update, too, until it is interrupted", async () => {
  const step = (size: number): void =>
    writeFileSync(join(folder, "step.ts"), `export const step = ${size};\nexport type Step = typeof step;\n`);
  const stepped = (): string[] =>
    fleet.observer.of("log", node).flatMap(({ payload }) => /steps of \d/.exec(decodeLog(payload).text) ?? []);
  step(2);
  edition("8.0.0", '\n    log("info", "steps of " + String(step));', 7);
  writeFileSync(
    file,
    `import { type Step, step } from "./step";\nexport type Mine = Step;\n${readFileSync(file, "utf8")}`,
  );
  const args = ["dev", file, "--node", node, "--service", "reporter", "--broker", fleet.broker];
  const run = startLugh(args, fleet.environment);
  try {
    await fleet.observer.until(() => stepped().includes("steps of 2"), 20_000);
    await run.untilOutput(/runs what tally.ts says/);
    step(3);
    await fleet.observer.until(() => stepped().includes("steps of 3"), 20_000);
    expect(await reporter()).toMatchObject({ version: "8.0.0" });
  } finally {
    expect(await run.interrupt()).toMatchObject({ code: 0 });
  }
});

test("on a terminal it is asked whether an edition that cannot take the state over shall begin without it", async () => {
  edition("9.0.0", "", 9);
  const args = ["dev", file, "--node", node, "--service", "reporter", "--once", "--broker", fleet.broker];
  const answerIt = (answer: string): { status: number | null; stdout: string } =>
    spawnSync("script", ["-qec", `${process.execPath} build/cli/main.js ${args.join(" ")}`, "/dev/null"], {
      input: `${answer}\n`,
      encoding: "utf8",
      env: { ...process.env, ...fleet.environment },
    });
  const refused = answerIt("n");
  expect(refused.stdout).toContain("Begin it without its state? [y/N]");
  expect(refused.status).toBe(1);
  expect(await reporter()).toMatchObject({ version: "8.0.0" });
  expect(answerIt("y").stdout).toContain("runs what tally.ts says");
  expect(await reporter()).toMatchObject({ version: "9.0.0" });
});

test("a simulation that takes no commands takes no code", async () => {
  const args = ["dev", file, "--node", node, "--once", "--broker", fleet.broker];
  const environment = { LUGH_RUN_FILE: join(folder, "none.json") };
  expect(await runCli(args, { environment })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Cannot find a simulation on this desk that takes unsigned code"),
  });
});
