// Is `lugh` pleasant to call wrongly, and does it say the same to programs and to people?

import { readFileSync } from "node:fs";
import { describe, expect, jest, test } from "@jest/globals";
import { nearest } from "cli/nearest";
import { createOutput, printable } from "cli/output";
import { formatDuration } from "cli/units";
import { runCli, runJson } from "tests/cli-run";

// Each call is a process, and other tests run beside it.
jest.setTimeout(30_000);

const commands = ["start", "sim", "ps", "logs", "fault", "decode"];

describe("help", () => {
  test.each([[[]], [["--help"]], [["help"]], [["-h"]]])("lugh %j lists the commands", async (args) => {
    const { code, stdout } = await runCli(args);
    expect(code).toBe(0);
    for (const command of [...commands, "bench"]) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  test.each(commands)("lugh %s --help says how to call it and names every option", async (command) => {
    const { code, stdout } = await runCli([command, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: lugh ${command} `);
    expect(stdout).toMatch(/^ {2}--json /m);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  test("--version prints that of the package", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect((await runCli(["--version"])).stdout).toBe(`lugh ${version}\n`);
    expect((await runJson(["--version"])).json).toEqual({ version });
  });
});

describe("a wrong call", () => {
  test.each([
    [["pss"], "Cannot run lugh pss: there is no such command; did you mean ps?"],
    [["frobnicate"], "Cannot run lugh frobnicate: there is no such command; lugh --help lists all"],
    [["--quiet"], "Cannot run lugh --quiet: there is no such option before a command"],
    [["ps", "--brokr", "x"], "Cannot run lugh ps: it has no option --brokr; did you mean --broker?"],
    [["ps", "-x"], "Cannot run lugh ps: it has no option -x"],
    [["ps", "--broker"], "Cannot run lugh ps: wanted --broker mqtt://HOST[:PORT], found no value"],
    [["logs", "--follow=yes"], 'Cannot run lugh logs: --follow takes no value, found "yes"'],
    [["ps", "a/b", "c/d"], "Cannot run lugh ps: wanted [NODE], found a/b c/d"],
    [["fault", "toledo/node-1"], "Cannot run lugh fault: wanted NODE SERVICE [KIND], found toledo/node-1"],
    [["ps", "node-1"], 'Cannot parse node name: wanted <site>/<node>, found "node-1"'],
    [
      ["ps", "--broker", "http://localhost"],
      'Cannot read --broker: wanted mqtt://HOST[:PORT], found "http://localhost"',
    ],
    [["sim", "--nodes", "many"], 'Cannot read --nodes: wanted a whole number from 1 to 1000, found "many"'],
    [["sim", "--site", "To ledo"], 'Cannot read --site: wanted a name of a-z, 0-9 and "-", found "To ledo"'],
    [["sim", "--broker", "mqtt://a", "--mqtt", "1883"], "Cannot run lugh sim: wanted --broker or --mqtt, found both"],
    [["decode", "--kind", "telemtry"], 'Cannot decode "telemtry": there is no such kind; did you mean telemetry?'],
    [["decode", "--topic", "a/b"], "Cannot parse topic: wanted lugh/1/<site>/<node>/<kind>"],
  ])("lugh %j is refused with exit code 2, for people and for programs", async (args, message) => {
    const plain = await runCli(args);
    expect(plain.code).toBe(2);
    expect(plain.stdout).toBe("");
    expect(plain.stderr).toContain(`lugh: ${message}`);
    expect(plain.stderr.trimEnd().split("\n")).toHaveLength(1);
    const { code, json } = await runJson(args);
    expect(code).toBe(2);
    expect(json).toEqual({ error: { code: "usage", message: expect.stringContaining(message) } });
  });

  test.each(["start"])("lugh %s refuses a setting from the environment that is none", async (command) => {
    const { code, stderr } = await runCli([command], { environment: { LUGH_NODES: "-3" } });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'lugh: Cannot read LUGH_NODES: wanted a whole number from 1 to 1000, found "-3"\n',
    });
  });
});

describe("output", () => {
  const paint = (isTTY: boolean, environment: NodeJS.ProcessEnv, isJson = false): string =>
    createOutput(isJson, { isTTY, write: () => true }, { write: () => true }, environment).paint("red", "x");

  test("is coloured on a terminal only, and never with NO_COLOR or --json", () => {
    expect(paint(true, {})).toBe("\u001b[31mx\u001b[0m");
    expect(paint(false, {})).toBe("x");
    expect(paint(true, { NO_COLOR: "1" })).toBe("x");
    expect(paint(true, {}, true)).toBe("x");
  });

  test("shows what came over a wire without obeying it", () => {
    expect(printable("a\u001b[2Jb\u202ec\r\n")).toBe("a\\u{1b}[2Jb\\u{202e}c\\u{d}\\u{a}");
    expect(printable("Überspannung 112 %")).toBe("Überspannung 112 %");
  });

  test("guesses what was meant, and nothing when nothing is near", () => {
    expect(nearest("telemtry", ["telemetry", "event"])).toBe("telemetry");
    expect(nearest("toledo/node-25", ["toledo/node-1", "toledo/node-2", "toledo/node-24"])).toBe("toledo/node-2");
    expect(nearest("xyz", ["telemetry", "event"])).toBeUndefined();
  });

  test("names durations as people do", () => {
    expect([0, 850_000, 12_000_000, 185_000_000, 7_800_000_000, 356_400_000_000].map(formatDuration)).toEqual([
      "0 ms",
      "850 ms",
      "12 s",
      "3 min 5 s",
      "2 h 10 min",
      "4 d 3 h",
    ]);
  });
});
