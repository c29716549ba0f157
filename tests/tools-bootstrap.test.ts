// The build's promises: what is up to date is left alone, what failed or was interrupted is done again, two builds do not
// run at once, and a missing tool is one clear line. Each test works on a copy of the build tool in a folder of its own.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const project = resolve(import.meta.dirname, "..");
let clone = "";

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "lugh-bootstrap-"));
  cpSync(join(project, "tools/bootstrap"), join(clone, "tools/bootstrap"), { recursive: true });
  cpSync(join(project, "tools/bootstrap.mjs"), join(clone, "tools/bootstrap.mjs"));
});

afterEach(() => rmSync(clone, { recursive: true, force: true }));

/** Runs a script beside the copied build tool and answers what it printed. */
function runScript(source: string): string {
  writeFileSync(join(clone, "script.mjs"), source);
  const { stdout, stderr, status } = spawnSync(process.execPath, ["script.mjs"], { cwd: clone, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** Runs a plan of steps that print their names when they run; `fails` and `key` may be given for each. */
function runSteps(steps: readonly { name: string; after?: string[]; fails?: boolean; key?: string }[]): string[] {
  const printed = runScript(`
    import { runPlan } from "./tools/bootstrap/plan.mjs";
    const ran = [];
    const steps = ${JSON.stringify(steps)}.map((step) => ({
      after: [],
      outputs: [],
      ...step,
      key: () => step.key ?? "same",
      run: async () => {
        await new Promise((resolve) => setTimeout(resolve, step.name === "first" ? 20 : 0));
        ran.push(step.name);
        if (step.fails) throw new Error("planted");
      },
    }));
    const errors = await runPlan(steps, { begin: () => () => {} });
    console.log(JSON.stringify([...ran, ...errors.map(({ step, error }) => step.name + " " + error.message)]));
  `);
  return JSON.parse(printed);
}

test("steps run after those they need, and not again while nothing changed", () => {
  const steps = [{ name: "third", after: ["second"] }, { name: "second", after: ["first"] }, { name: "first" }];
  expect(runSteps(steps)).toEqual(["first", "second", "third"]);
  expect(runSteps(steps)).toEqual([]);
  expect(runSteps([{ name: "first", key: "changed" }, ...steps.slice(0, 2)])).toEqual(["first"]);
});

test("a failed step is told, is done again next time, and keeps only its dependants waiting", () => {
  const steps = [{ name: "first", fails: true }, { name: "second", after: ["first"] }, { name: "other" }];
  expect(runSteps(steps)).toEqual(["other", "first", "first planted"]);
  expect(runSteps([{ name: "first" }, ...steps.slice(1)])).toEqual(["first", "second"]);
});

test("a step whose output was removed runs again", () => {
  const step = `{ name: "one", after: [], outputs: ["made"], key: () => "same", run: async () => writeFileSync("made", "") }`;
  const script = `
    import { writeFileSync, rmSync } from "node:fs";
    import { isFresh, runPlan } from "./tools/bootstrap/plan.mjs";
    const step = ${step};
    await runPlan([step], { begin: () => () => {} });
    const before = isFresh(step);
    rmSync("made");
    console.log(before, isFresh(step));`;
  expect(runScript(script)).toBe("true false");
});

test("a fingerprint follows contents, names and the recipe, and nothing else", () => {
  mkdirSync(join(clone, "wire"));
  writeFileSync(join(clone, "wire/a.ts"), "one");
  const script = `
    import { renameSync, utimesSync, writeFileSync } from "node:fs";
    import { filesBelow, fingerprint } from "./tools/bootstrap/fingerprint.mjs";
    const take = (recipe = "") => fingerprint(recipe, filesBelow("wire"));
    const first = take();
    utimesSync("wire/a.ts", 1, 1);
    const touched = take();
    writeFileSync("wire/a.ts", "two");
    const changed = take();
    renameSync("wire/a.ts", "wire/b.ts");
    console.log(first === touched, first === changed, changed === take(), take() === take("other"));`;
  expect(runScript(script)).toBe("true false false false");
});

test("missing tools are one line each, with the cure, and nothing is built", () => {
  const programs = join(clone, "programs");
  mkdirSync(programs);
  symlinkSync(process.execPath, join(programs, "node"));
  const { stderr, status } = spawnSync("node", ["tools/bootstrap.mjs", "engine sources"], {
    cwd: clone,
    encoding: "utf8",
    env: { PATH: programs },
  });
  expect(status).toBe(1);
  expect(stderr.trim().split("\n")).toEqual([
    "Cannot build LughOS: wanted a C compiler (cc or gcc), found none; cure: sudo apt-get install gcc libc6-dev",
    "Cannot build LughOS: wanted make, found none; cure: sudo apt-get install make",
    "Cannot build LughOS: wanted cmake 3.18 or later, found none; cure: sudo apt-get install cmake",
    "Cannot build LughOS: wanted npm, found none; cure: sudo apt-get install npm",
  ]);
  expect(existsSync(join(clone, "build"))).toBe(false);
});

test("a step that does not exist is refused with those that do", () => {
  const { stderr, status } = spawnSync(process.execPath, ["tools/bootstrap.mjs", "engin"], {
    cwd: clone,
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Cannot build "engin": wanted one of dependencies, engine sources, /);
});

/** Replaces the table of steps by one step that runs a program. */
function plantStep(program: string, args: readonly string[]): void {
  const source = `
    import { run } from "./command.mjs";
    export const steps = [
      { name: "planted", after: [], outputs: [], key: () => "same", run: () => run(${JSON.stringify(program)}, ${JSON.stringify(args)}) },
    ];`;
  writeFileSync(join(clone, "tools/bootstrap/steps.mjs"), source);
}

function runBootstrap(): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(clone, "tools/bootstrap.mjs")], { cwd: tmpdir(), encoding: "utf8" });
}

test("a build tells one line a step on standard error, and nothing when all is up to date", () => {
  plantStep("true", []);
  const first = runBootstrap();
  expect(first).toMatchObject({ status: 0, stdout: "" });
  expect(first.stderr).toMatch(/^planted … \d+\.\d s\n$/);
  expect(runBootstrap()).toMatchObject({ status: 0, stdout: "", stderr: "" });
});

test("a failing program is shown with what it said", () => {
  plantStep("sh", ["-c", "echo main.c:7: error: planted >&2; exit 3"]);
  expect(runBootstrap()).toMatchObject({
    status: 1,
    stderr: 'Cannot finish "planted":\nmain.c:7: error: planted\nsh ended with 3\n',
  });
});

test("an interrupted build ends its programs, gives the lock back and is done again", async () => {
  plantStep("sh", ["-c", "touch begun; exec sleep 60"]);
  const build = spawn(process.execPath, ["tools/bootstrap.mjs"], { cwd: clone, stdio: "ignore" });
  while (!existsSync(join(clone, "begun"))) await new Promise((resolve) => setTimeout(resolve, 10));
  build.kill("SIGINT");
  await ended(build);
  expect(build.exitCode).toBe(130);
  expect(existsSync(join(clone, "build/lock"))).toBe(false);
  plantStep("true", []);
  expect(runBootstrap().stderr).toMatch(/^planted … /);
});

const holdLock = `
  import { takeLock } from "./tools/bootstrap/lock.mjs";
  import { appendFileSync } from "node:fs";
  const giveBack = await takeLock((text) => appendFileSync("told", text + "\\n"));
  appendFileSync("order", process.argv[2] + " takes\\n");
  await new Promise((resolve) => setTimeout(resolve, Number(process.argv[3])));
  appendFileSync("order", process.argv[2] + " gives\\n");
  giveBack();
`;

function startHolder(name: string, holdMillis: number): ChildProcess {
  return spawn(process.execPath, ["holder.mjs", name, String(holdMillis)], { cwd: clone, stdio: "ignore" });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

async function untilOrderHas(text: string): Promise<void> {
  while (!existsSync(join(clone, "order")) || !readFileSync(join(clone, "order"), "utf8").includes(text)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a second build waits for the first, and says for whom", async () => {
  writeFileSync(join(clone, "holder.mjs"), holdLock);
  const first = startHolder("first", 400);
  await untilOrderHas("first takes");
  const second = startHolder("second", 0);
  await Promise.all([ended(first), ended(second)]);
  expect(readFileSync(join(clone, "order"), "utf8").trim().split("\n")).toEqual([
    "first takes",
    "first gives",
    "second takes",
    "second gives",
  ]);
  expect(readFileSync(join(clone, "told"), "utf8")).toContain(`waiting for the build of process ${first.pid}`);
  expect(existsSync(join(clone, "build/lock"))).toBe(false);
});

test("the lock of a build that was killed is taken over", async () => {
  writeFileSync(join(clone, "holder.mjs"), holdLock);
  const first = startHolder("first", 60_000);
  await untilOrderHas("first takes");
  first.kill("SIGKILL");
  await ended(first);
  await Promise.all([ended(startHolder("second", 50)), ended(startHolder("third", 50))]);
  const order = readFileSync(join(clone, "order"), "utf8").trim().split("\n").slice(1);
  const names = order.map((line) => line.split(" ")[0]);
  expect(order).toHaveLength(4);
  expect(names[0]).toBe(names[1]);
  expect(names[2]).toBe(names[3]);
});
