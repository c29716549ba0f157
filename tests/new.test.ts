// Is what `lugh new` writes a service like the others? In a copy of the clone it is tested, judged by the lint and started.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { checkName, importName } from "cli/new-names";
import { addToManifest, addToSystem, readPorts, readSystem } from "cli/new-table";
import { runCli, runJson } from "tests/cli-run";

// A copy is built, which takes a minute where others build too.
jest.setTimeout(300_000);

describe("the name", () => {
  test.each([
    ["Peak", 'words of a-z and 0-9 with "-" between them'],
    ["peak_counter", 'words of a-z and 0-9 with "-" between them'],
    ["peak--counter", 'words of a-z and 0-9 with "-" between them'],
    ["../peak", 'words of a-z and 0-9 with "-" between them'],
    ["2nd-peak", 'words of a-z and 0-9 with "-" between them'],
    ["p".repeat(32), "at most 31 characters"],
    ["peak-data", 'a name that says what it is; "data" says nothing'],
    ["helper", '"helper" says nothing'],
    ["api", "this one has a meaning of its own"],
    ["sensor", "there is a service or a device port of this one"],
  ])("%s is refused with the rule", (name, message) => {
    expect(() => checkName(name, ["sensor"])).toThrow(`Cannot make service "${name}": wanted `);
    expect(() => checkName(name, ["sensor"])).toThrow(message);
  });

  test.each(["scheduler", "waveform"])("%s is taken by a service or a port of this clone", async (name) => {
    const { code, json } = await runJson(["new", name, "--dry-run"]);
    expect({ code, message: json.error.message }).toEqual({
      code: 2,
      message: `Cannot make service "${name}": wanted a name that is free; there is a service or a device port of this one`,
    });
  });

  test("becomes that of an import that can stand in the file", () => {
    expect(["peak", "peak-counter-2", "class", "a-1"].map((name) => importName(name, []))).toEqual([
      "peak",
      "peakCounter2",
      "classService",
      "a1",
    ]);
    expect(importName("services", ["services", "kilobyte"])).toBe("servicesService");
  });
});

describe("an edit", () => {
  const text = readFileSync("firmware/system.ts", "utf8");
  const names = ["a", "zebra", "mqtt-2", "mqtt-10", "commands", "reporter-x", "scheduler-b", "class"];

  test("of the system table keeps every line, and its imports and entries stand as the lint wants them", () => {
    let system = readSystem(text);
    for (const name of names) system = readSystem(addToSystem(system, name, importName(name, system.declared)));
    expect(system.services).toEqual([...readSystem(text).services, ...names]);
    const left = system.text.split("\n");
    for (const line of text.split("\n")) expect(left.splice(0, left.indexOf(line) + 1).at(-1)).toBe(line);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["node_modules/@biomejs/biome/bin/biome", "check", "--write", "--stdin-file-path=firmware/system.ts"],
      { input: system.text, encoding: "utf8" },
    );
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toBe(system.text);
  });

  test("of the manifest puts the module where npm run manifest would", () => {
    let manifest = readFileSync("manifest.json", "utf8");
    for (const name of names) manifest = addToManifest(manifest, name);
    const paths = Object.values((JSON.parse(manifest) as { modules: { [name: string]: string } }).modules);
    expect(paths.map((path) => `${path}.ts`)).toEqual(paths.map((path) => `${path}.ts`).sort());
    expect(paths).toEqual(expect.arrayContaining(names.map((name) => `./services/${name}/service`)));
  });

  test("finds the ports that firmware/boot lists", () => {
    expect(readPorts(readFileSync("firmware/boot.ts", "utf8"))).toEqual(expect.arrayContaining(["waveform", "socket"]));
  });
});

test("a dry run shows every line and writes nothing", async () => {
  const { code, stdout } = await runCli(["new", "peak-counter", "--dry-run"]);
  expect(code).toBe(0);
  expect(stdout).toContain("would write services/peak-counter/service.ts\n  + // Counts the seconds that peak-counter");
  expect(stdout).toContain("would add to firmware/system.ts\n  + import peakCounter from");
  expect(stdout).toContain('would add to manifest.json\n  +     "services/peak-counter/service"');
  expect(readdirSync("services")).not.toContain("peak-counter");
});

describe("in a copy of the clone", () => {
  const left = ["node_modules", ".git"];
  let copy = "";

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), "lugh-new-"));
    cpSync(".", copy, { recursive: true, filter: (path) => !left.includes(path.split("/")[0] ?? "") });
    symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  function run(program: string, ...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: copy, encoding: "utf8" });
    if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stdout}${stderr}`);
    return stdout;
  }

  const lugh = (...args: string[]): string => run(process.execPath, "cli/lugh.mjs", ...args);

  test("a new service passes its test and the lint, runs on the desk and stands in the fleet", async () => {
    expect(lugh("new", "peak-counter")).toContain("wrote services/peak-counter/service.ts\n");
    expect(JSON.parse(lugh("test", "tests/peak-counter.xs.test.ts", "--json"))).toEqual({
      files: 1,
      tests: 2,
      passed: 2,
      failed: 0,
      skipped: 0,
      failures: [],
    });
    run(
      process.execPath,
      "node_modules/@biomejs/biome/bin/biome",
      "check",
      "--error-on-warnings",
      "firmware",
      "services",
      "tests/peak-counter.xs.test.ts",
    );
    run(process.execPath, "node_modules/typescript/bin/tsc", "-p", "tsconfig.device.json");
    run(process.execPath, "build/tools/tidy.js");
    const events = lugh("run", "services/peak-counter/service.ts", "--seconds", "1", "--json");
    expect(events).not.toMatch(/"event":"(fault|refused)"/);
    expect(await servicesOfFleet()).toContain("peak-counter");
  });

  async function servicesOfFleet(): Promise<string[]> {
    const fleet = spawn(
      process.execPath,
      ["build/cli/main.js", "sim", "--nodes", "1", "--mqtt", "0", "--world", "steady", "--json"],
      { cwd: copy },
    );
    try {
      const address = await new Promise<string>((take, reject) => {
        let output = "";
        fleet.on("close", (code) => reject(new Error(`the fleet ended with ${code}`)));
        fleet.stdout.on("data", (chunk: Buffer) => {
          output += chunk.toString("utf8");
          if (output.includes("\n")) take((JSON.parse(output) as { readonly mqtt: string }).mqtt);
        });
      });
      const listed = JSON.parse(
        run(process.execPath, "build/cli/main.js", "ps", "toledo/node-1", "--broker", address, "--json"),
      ) as {
        readonly services: readonly { readonly name: string; readonly state: string }[];
      };
      return listed.services.filter(({ state }) => state === "running").map(({ name }) => name);
    } finally {
      fleet.kill("SIGINT");
    }
  }

  test("a name that is taken by now is refused", () => {
    expect(() => lugh("new", "peak-counter")).toThrow("there is a service or a device port of this one");
  });
});
