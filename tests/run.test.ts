// Is `lugh run` a desk that one can trust? The service runs on the real engine; what it is not allowed its machine refuses.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type CliResult, runCli, runJson } from "tests/cli-run";

// Each call compiles and boots; the type check alone takes seconds on a busy machine.
jest.setTimeout(60_000);

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lugh-run-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** A service whose start, and whose handler of "go", is this code. */
function writeService(name: string, start: string, go = "", more = ""): string {
  return write(
    `${name}.ts`,
    `import { type Context, defineService } from "lughos";
export default defineService({
  version: "1.0.0",${more}
  start(context) {
    void context;
    ${start}
  },
  receive: {
    async go(message: unknown, context: Context) {
      void [message, context];
      ${go}
    },
  },
});
`,
  );
}

interface Line {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** What happened in a second, without what it takes to get there. */
async function happen(file: string, args: readonly string[] = [], input = ""): Promise<Line[]> {
  const result = await runCli(["run", file, "--seconds", "1", "--json", ...args], { input });
  expect(result).toMatchObject({ code: 0 });
  return linesOf(result);
}

function linesOf({ stdout }: CliResult): Line[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

function only(lines: readonly Line[], event: string): Line[] {
  return lines.filter((line) => line.event === event);
}

test("a service that is allowed nothing is refused everything, and told the flag of each", async () => {
  const start = `
    context.send("reporter", "x");
    void context.call("updater", "x").catch(() => 0);
    void context.call("i2c1", "x").catch(() => 0);
    context.publish("news", 1);
    context.subscribe("waveform", "go");
    void context.store({ a: 1 });
    context.send("socket", "open", { connection: 1, host: "127.0.0.1", port: 9 });`;
  const file = writeService("meter", start, "", "storesState: true,");
  const refused = only(await happen(file), "refused");
  expect(refused.map(({ text }) => text)).toEqual([
    'NotCapable: "meter" needs channel "reporter"; grant it with --allow-send=reporter',
    'NotCapable: "meter" needs channel "updater"; grant it with --allow-call=updater',
    'NotCapable: "meter" needs device "i2c1"; grant it with --allow-device=i2c',
    'NotCapable: "meter" needs topic "news"; grant it with --allow-publish=news',
    'NotCapable: "meter" needs topic "waveform"; grant it with --allow-subscribe=waveform',
    'NotCapable: "meter" needs storage "meter"; grant it with --allow-store=meter',
    'NotCapable: "meter" needs connection "127.0.0.1:9"; grant it with --allow-net=127.0.0.1:9',
  ]);
  expect(refused[0]).toMatchObject({ permission: "send", name: "reporter", flag: "--allow-send=reporter" });
  const { stdout } = await runCli(["run", file, "--seconds", "1"]);
  expect(stdout).toMatch(
    /^ +0\.\d{3} s {2}refused +NotCapable: "meter" needs channel "reporter"; grant it with --allow/,
  );
});

describe("a service that is allowed something", () => {
  test("is heard, and answered by the simulated converter, a script or nobody", async () => {
    const code = `
      for (const [channel, type] of [["adc0", "read"], ["adc0", "tune"], ["clock", "ask"], ["clock", "ask"], ["clock", "ask"]] as const)
        context.send("reporter", "got", [await context.call(channel, type).catch((error) => String(error.answer))]);`;
    const answers = write(
      "answers.json",
      '{"clock": {"ask": [{"reply": 5}, {"refuse": "dead"}, {"reply": {"a": [1, null]}, "delayMillis": 50}]}}',
    );
    const args = ["--allow-device=adc", "--allow-call=clock", "--allow-send=reporter", "--answers", answers];
    const lines = await happen(writeService("meter", 'context.after(0, "go")', code), args);
    const got = only(lines, "send").map(({ message }) => (message as unknown[])[0]);
    expect(got).toEqual([expect.objectContaining({ sequence: 0 }), "unavailable", 5, "dead", { a: [1, null] }]);
    const { value } = got[0] as { readonly value: number };
    expect(value).toBeGreaterThan(229);
    expect(value).toBeLessThan(231);
    expect(only(lines, "answer").map(({ by }) => by)).toEqual(["device", "nobody", "script", "script", "script"]);
    const [asked, , delayed] = only(lines, "call").slice(-1).concat(only(lines, "answer").slice(-2));
    expect(Number(delayed?.micros) - Number(asked?.micros)).toBeGreaterThan(45_000);
  });

  test("gets blocks of the world's wave", async () => {
    const code = `context.log("info", String((message as { samples: Int32Array }).samples.length));`;
    const file = writeService("meter", 'context.subscribe("waveform", "go")', code);
    const logs = only(await happen(file, ["--allow-subscribe=waveform"]), "log");
    expect(logs.length).toBeGreaterThan(20);
    expect(logs[0]).toMatchObject({ service: "meter", text: "240" });
  });

  test("publishes, logs and finds its configuration, and takes the lines of standard input", async () => {
    const code = `
      const { volts, label } = context.configuration;
      context.publish("news", { message: message ?? null, volts, label });`;
    const input = 'go {"n": 1}\ngo\nsay what\n';
    const args = ["--allow-publish=news", "--config", "volts=230", "--config", "label=of mine"];
    const lines = await happen(writeService("meter", "", code), args, input);
    expect(only(lines, "publish").map(({ topic, message }) => [topic, message])).toEqual([
      ["news", { message: { n: 1 }, volts: 230, label: "of mine" }],
      ["news", { message: null, volts: 230, label: "of mine" }],
    ]);
  });

  test("connects where it may, and nowhere else", async () => {
    const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { readonly port: number };
    const start = `
      context.send("socket", "open", { connection: 1, host: "127.0.0.1", port: ${port} });
      context.after(300, "go");`;
    const go = `context.send("socket", "open", { connection: 2, host: "127.0.0.1", port: ${port === 9 ? 10 : 9} });`;
    const file = writeService("meter", start, go);
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace(
        "receive: {",
        'receive: { opened: (_m, c: Context) => c.log("info", "opened"),',
      ),
    );
    const lines = await happen(file, [`--allow-net=127.0.0.1:${port}`]).finally(() => server.close());
    expect(only(lines, "log").map(({ text }) => text)).toContain("opened");
    expect(only(lines, "refused").map(({ name }) => name)).toEqual([`127.0.0.1:${port === 9 ? 10 : 9}`]);
  });

  test("is refused what is denied, whatever is allowed", async () => {
    const start = `
      context.send("reporter", "x");
      void context.call("adc1", "read").catch(() => 0);
      void context.call("adc2", "read").catch(() => 0);
      context.publish("news", 1);
      void context.call("updater", "x").catch(() => 0);`;
    const allow = ["--allow-send=reporter", "--allow-device=adc", "--allow-publish=news,other", "--allow-update"];
    const deny = ["--deny-send=reporter", "--deny-device=adc1", "--deny-publish=*", "--deny-update"];
    const lines = await happen(writeService("meter", start), [...allow, ...deny]);
    expect(only(lines, "refused").map(({ name }) => name)).toEqual(["reporter", "adc1", "news", "updater"]);
    expect(only(lines, "call").map(({ channel }) => channel)).toEqual(["adc2"]);
  });

  test("may do all that is not denied with --allow-all, which is said loudly", async () => {
    const start = `
      context.send("anybody", "x");
      context.send("denied", "x");
      context.publish("news", 1);
      context.publish("news", 2);`;
    const args = ["run", writeService("meter", start), "--seconds", "1", "--json", "--allow-all", "--deny-send=denied"];
    const result = await runCli(args);
    const lines = linesOf(result);
    expect(result.stderr).toContain("ALLOW-ALL: this service may do whatever it likes");
    expect(only(lines, "granted").map(({ name, by }) => [name, by])).toEqual([
      ["anybody", "allow-all"],
      ["news", "allow-all"],
    ]);
    expect(only(lines, "send").map(({ channel }) => channel)).toEqual(["anybody"]);
    expect(only(lines, "publish").map(({ message }) => message)).toEqual([1, 2]);
    expect(only(lines, "refused").map(({ name }) => name)).toEqual(["denied"]);
  });

  test("leaves an audit trail of each decision", async () => {
    const audit = join(folder, "audit.jsonl");
    const file = writeService("meter", 'context.send("a", "x"); context.send("b", "x");');
    await happen(file, ["--allow-send=a", "--audit", audit]);
    const records = readFileSync(audit, "utf8").trimEnd().split("\n");
    expect(records.map((record) => JSON.parse(record) as unknown)).toEqual([
      { time: expect.any(String), service: "meter", permission: "send", name: "a", decision: "granted", by: "flag" },
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        service: "meter",
        permission: "send",
        name: "b",
        decision: "refused",
        text: 'NotCapable: "meter" needs channel "b"; grant it with --allow-send=b',
      },
    ]);
  });
});

describe("a service that breaks", () => {
  test("is started again, and each fault is shown with the line of its TypeScript", async () => {
    const go = `
      switch (message) {
        case "throw":
          throw new Error("told to");
        case "spin":
          for (;;) void 0;
        case "send":
          context.send("a", "x", { fine: 1, list: [{ bad: () => 1 }] });
      }
      await import("services/mqtt/service");`;
    const file = writeService("meter", 'context.log("info", "started");', go);
    writeFileSync(file, `// @ts-nocheck\n${readFileSync(file, "utf8")}`);
    const lines = await happen(file, ["--allow-send=a"], 'go "throw"\ngo "spin"\ngo "send"\ngo "import"\n');
    const faults = only(lines, "fault");
    expect(faults.map(({ kind, type, line }) => [kind, type, line])).toEqual([
      ["threw", "go", 15],
      ["out-of-budget", "go", 17],
      ["threw", "go", 19],
      ["threw", "go", 21],
    ]);
    expect(faults[0]).toMatchObject({ file, reason: expect.stringContaining("Error: told to\n at go (") });
    expect(faults[2]?.reason).toContain("list[0].bad");
    expect(faults[3]?.reason).toContain('Cannot import "services/mqtt/service": machine "meter" was not granted it');
    expect(only(lines, "log").filter(({ text }) => text === "started")).toHaveLength(5);
  });

  test("as it starts ends the run, and says where", async () => {
    const { code, stderr } = await runCli(["run", writeService("meter", 'throw new Error("no volts");')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/it faulted as it started: Error: no volts\n at start \(.*meter\.ts:6\)/);
  });

  test("is not loaded when its module would be shared and writable", async () => {
    const file = write(
      "shared.ts",
      'import { defineService } from "lughos";\nconst seen = new Map();\n'.concat(
        'export default defineService({ version: "1", receive: { go: () => seen.size } });\n',
      ),
    );
    const { code, json } = await runJson(["run", file]);
    expect(code).toBe(1);
    expect(json.error.message).toContain(`${file}, default > receive > go > seen: found a Map at module level`);
  });
});

describe("a source that cannot be compiled", () => {
  test.each([
    [
      "a type error",
      'import { defineService } from "lughos";\nconst volts: number = "many";\nexport default defineService({ version: "1", receive: {} });\n',
      "2:7: Type 'string' is not assignable to type 'number'. (TS2322)\n    2 | const volts: number = \"many\";\n      |       ^~~~~",
    ],
    [
      "a syntax error",
      "export default {\n\tvolts: ,\n};\n",
      "2:9: Expression expected. (TS1109)\n    2 | \tvolts: ,\n      | \t       ^",
    ],
    [
      "a global that no node has",
      "export default [Buffer];\n",
      "1:17: Cannot find name 'Buffer'; a node has neither Node's globals nor a browser's (TS2591)\n    1 | export default [Buffer];\n      |                 ^~~~~~",
    ],
    [
      "an import of a module of Node",
      'import { readFileSync } from "node:fs";\nexport default readFileSync;\n',
      '1:30: Cannot import "node:fs": a service is granted "lughos", "services/api/…", "wire/…" and files of its own folder\n    1 | import { readFileSync } from "node:fs";\n      |                              ^~~~~~~~~',
    ],
    [
      "an import of another service",
      'import mqtt from "services/mqtt/service";\nexport default mqtt;\n',
      '1:18: Cannot import "services/mqtt/service": a service is granted',
    ],
    [
      "an import from above its folder",
      'import x from "../x";\nexport default x;\n',
      '1:15: Cannot import "../x": a service is granted',
    ],
  ])("%s is told with file, line and a mark under it", async (_what, text, message) => {
    const file = write("broken.ts", text);
    const { code, json } = await runJson(["run", file]);
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "bad-input" });
    expect(json.error.message).toContain(`${file}:${message}`);
  });

  test("files beside it are compiled with it, and their mistakes are theirs", async () => {
    const limits = write("limits.ts", "export const limit: number = 5;\n");
    const file = write(
      "split.ts",
      'import { defineService } from "lughos";\nimport { limit } from "./limits";\n'.concat(
        'export default defineService({ version: "1", start: ({ log }) => log("info", String(limit)), receive: {} });\n',
      ),
    );
    expect(only(await happen(file), "log")).toEqual([expect.objectContaining({ text: "5" })]);
    writeFileSync(limits, "export const limit: number = true;\n");
    expect((await runJson(["run", file])).json.error.message).toContain(`${limits}:1:14: Type 'boolean'`);
    writeFileSync(limits, "export const limit: number = 6;\n");
    expect(only(await happen(file), "log")).toEqual([expect.objectContaining({ text: "6" })]);
  });
});

describe("a wrong call", () => {
  test.each([
    [["none.ts"], "Cannot run none.ts: there is no such file"],
    [["README.md"], "Cannot run README.md: wanted a service in TypeScript (.ts)"],
    [["--allow-call=adc0"], "wanted the name of a channel; a device is granted with --allow-device=adc"],
    [["--allow-send=socket"], "the socket is granted by place, with --allow-net=HOST:PORT"],
    [["--allow-device=disk"], "wanted adc, i2c, spi, gpio, serial, or one of them, such as adc0"],
    [["--allow-net=localhost"], 'wanted HOST:PORT, found "localhost"'],
    [["--allow-send=*"], 'wanted names of 1 to 31 characters, with commas between them, found "*"'],
    [["--allow-store=a,b"], "Cannot read --allow-store: wanted one prefix, found a, b"],
    [["--allow-cal=x"], "it has no option --allow-cal; did you mean --allow-call?"],
    [["--config", "volts"], 'Cannot read --config: wanted NAME=VALUE, found "volts"'],
  ])("lugh run %j is refused with exit code 2", async (args, message) => {
    const file = args.some((arg) => arg.startsWith("-")) ? [writeService("meter", "")] : [];
    const { code, stderr } = await runCli(["run", ...file, ...args]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  test.each([
    ["{", "wanted JSON"],
    ["[]", "wanted an object of channels"],
    ['{"a": {"b": []}}', '"a" "b": wanted a list of answers, found []'],
    ['{"a": {"b": [{"refuse": "no"}]}}', '"a" "b"[0] "refuse": wanted full, late, dead'],
    ['{"a": {"b": [{"reply": 1, "refuse": "dead"}]}}', '"a" "b"[0]: wanted "reply" or "refuse", found "both"'],
    ['{"a": {"b": [{"delayMillis": -1}]}}', "wanted a number from 0 to 60000, found -1"],
    ['{"a": {"b": [{"answer": 1}]}}', 'wanted "reply" or "refuse", and "delayMillis", found "answer"'],
  ])("answers %s are refused with their place", async (text, message) => {
    const answers = write("wrong.json", text);
    const { code, json } = await runJson(["run", writeService("meter", ""), "--answers", answers]);
    expect({ code, message: json.error.message }).toEqual({ code: 1, message: expect.stringContaining(message) });
  });
});

describe("on a terminal", () => {
  /** script(1) gives a program a terminal; what is typed follows what was printed. */
  function converse(
    args: readonly string[],
    says: readonly (readonly [after: string, line: string])[],
  ): Promise<string> {
    const command = [process.execPath, "build/cli/main.js", "run", ...args].join(" ");
    const child = spawn("script", ["-qec", command, "/dev/null"], { env: { ...process.env, NO_COLOR: "1" } });
    let output = "";
    let from = 0;
    const left = [...says];
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
      const [next] = left;
      const at = next === undefined ? -1 : output.indexOf(next[0], from);
      if (next === undefined || at < 0) return;
      from = at + next[0].length;
      left.shift();
      child.stdin.write(`${next[1]}\n`);
    });
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", () => resolve(output));
    });
  }

  test("permissions are asked once each, answers are typed, and the node's clock stands still meanwhile", async () => {
    const code = `
      for (let time = 0; time < 2; time++) {
        context.send("a", "x");
        context.send("b", "x");
      }
      context.log("info", JSON.stringify(await context.call("c", "ask").catch((error) => error.answer)));
      context.log("info", JSON.stringify(await context.call("c", "ask").catch((error) => error.answer)));
      context.log("info", context.monotonicMicros() < 500_000 ? "no time has passed" : "time has passed");`;
    const audit = join(folder, "terminal.jsonl");
    const file = writeService("meter", 'context.after(0, "go")', code);
    const output = await converse(
      [file, "--seconds", "4", "--deny-publish=x", "--audit", audit],
      [
        ['send to "a"? [y/N]', "y"],
        ['send to "b"? [y/N]', ""],
        ['call "c"? [y/N]', "yes"],
        ['Answer of c to "ask"', "{oops"],
        ['Answer of c to "ask"', '{"volts": 230}'],
        ['Answer of c to "ask"', "!dead"],
      ],
    );
    expect(output.match(/\[y\/N\]/g)).toHaveLength(3);
    expect(output).toContain('meter: {"volts":230}');
    expect(output).toContain('meter: "dead"');
    expect(output).toContain("no time has passed");
    expect(output.match(/needs channel "b"; grant it with --allow-send=b/g)).toHaveLength(2);
    const decisions = readFileSync(audit, "utf8").trimEnd().split("\n");
    expect(
      decisions.map((line) => JSON.parse(line) as Line).map(({ name, decision, by }) => [name, decision, by]),
    ).toEqual([
      ["a", "granted", "person"],
      ["b", "refused", undefined],
      ["b", "refused", undefined],
      ["c", "granted", "person"],
    ]);
  });
});
