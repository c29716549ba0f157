// Is docs/SERVICES.md true? In a copy of the clone a reader follows it: files are written as the page shows them, commands are
// typed, and what it says comes out has to come out.
//
// A block "ts PATH" (or json) is a file; "ts example: TITLE" is one below examples/; a block that names the system table and a
// service in quotes replaces the service's entry. In a block "console" each line after "$ " is a command; the others are lines of
// its output, in order, where "…" stands for anything: alone on a line for any lines, inside of one for any characters.

import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";

// The copy is built anew several times, because the page changes its sources.
jest.setTimeout(600_000);

interface Block {
  readonly language: string;
  readonly title: string;
  readonly text: string;
  readonly line: number;
}

interface Typed {
  readonly command: string;
  readonly lines: readonly string[];
}

const page = readFileSync("docs/SERVICES.md", "utf8");
const leftOut = ["node_modules", ".git"];
let copy = "";
let fleet: ChildProcess | undefined;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "lugh-docs-"));
  cpSync(".", copy, { recursive: true, filter: (path) => !leftOut.includes(path.split("/")[0] ?? "") });
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  for (const { title, text } of readBlocks()) if (isExample(title)) write(pathOf(title), text);
});

afterAll(async () => {
  const ended = new Promise((over) => fleet?.on("close", over) ?? over(undefined));
  fleet?.kill("SIGINT");
  await ended;
  rmSync(copy, { recursive: true, force: true });
});

function readBlocks(): Block[] {
  return [...page.matchAll(/^```(\S+) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = "", 2: title = "", 3: text = "", index }) => ({
      language,
      title,
      text,
      line: page.slice(0, index).split("\n").length,
    }),
  );
}

function isExample(title: string): boolean {
  return /^example/.test(title);
}

function pathOf(title: string): string {
  const example = /^example: (.*)$/.exec(title)?.[1];
  return example === undefined ? title : `examples/${example.replaceAll(" ", "-")}.ts`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), text);
}

/** The entry that `lugh new` wrote, as the page would have it. */
function replaceEntry(path: string, name: string, entry: string): void {
  const text = readFileSync(join(copy, path), "utf8");
  const begin = text.indexOf(`  {\n    name: "${name}",`);
  const end = text.indexOf("\n  },\n", begin) + "\n  },\n".length;
  expect(begin).toBeGreaterThan(0);
  write(path, text.slice(0, begin) + entry + text.slice(end));
}

function readTyped(text: string): Typed[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = "", ...lines] = part.trimEnd().split("\n");
      return { command, lines };
    });
}

/** What the command prints, on both outputs; of `npm start`, until it is up. */
function type(command: string): Promise<string> {
  const isFleet = command === "npm start";
  // The copy is as built as the clone is; all else that the build makes is made when it is needed.
  const build = `${process.execPath} tools/bootstrap.mjs image`;
  const typed = command.replace("npx lugh", `${process.execPath} cli/lugh.mjs`).replace("npm run build", build);
  const child = spawn("sh", ["-c", isFleet ? `exec ${process.execPath} cli/lugh.mjs start` : typed], {
    cwd: copy,
    env: {
      ...process.env,
      NODE_OPTIONS: "",
      NO_COLOR: "1",
      LUGH_NODES: "2",
      LUGH_HTTP_PORT: "0",
      LUGH_MQTT_PORT: "0",
      LUGH_RUN_FILE: join(copy, "run.json"),
    },
  });
  if (isFleet) fleet = child;
  return new Promise((over, reject) => {
    let output = "";
    const take = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      if (isFleet && /^LughOS is up.*\n/m.test(output)) over(output);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("close", () => over(output));
    child.stdin.end();
  });
}

/** Lines that stand in the output in this order; without "…" alone between them nothing stands there but the build's progress. */
function expectLines(output: string, wanted: readonly string[]): void {
  const lines = output.split("\n");
  let from = 0;
  for (const line of wanted.filter((each) => each.trim() !== "…")) {
    const pattern = new RegExp(
      line
        .trim()
        .split("…")
        .map((part) =>
          part
            .trim()
            .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
            .replace(/ +/g, " +"),
        )
        .join(".*"),
    );
    const at = lines.findIndex((each, index) => index >= from && pattern.test(each));
    if (at < 0) throw new Error(`wanted the line "${line}" in what was printed:\n${output}`);
    from = at + 1;
  }
}

test("a reader who follows the page sees what it says", async () => {
  for (const { language, title, text, line } of readBlocks()) {
    const [, path, name] = /^(\S+) "(.*)"$/.exec(title) ?? [];
    if (path !== undefined && name !== undefined) replaceEntry(path, name, text);
    else if (language !== "console") write(pathOf(title), text);
    if (language !== "console") continue;
    for (const { command, lines } of readTyped(text)) {
      const output = await type(command);
      try {
        expectLines(output, lines);
      } catch (error) {
        throw new Error(`docs/SERVICES.md:${line}: ${command}: ${(error as Error).message}`);
      }
    }
  }
});

test("each block says what it is", () => {
  const strange = readBlocks().filter(({ language, title }) => language !== "console" && title === "");
  expect(strange.map(({ line }) => line)).toEqual([]);
  expect(readBlocks().length).toBeGreaterThan(15);
});

test("its examples of services are compiled", async () => {
  const { openClone } = await import("sim/run/clone");
  const { compile } = await import("sim/run/compile");
  const { SourceError } = await import("sim/run/problem");
  const examples = readBlocks().filter(
    ({ language, title }) => language === "ts" && isExample(title) && !/test/.test(title),
  );
  const entries = examples.map(({ title }) => ({ path: join(copy, pathOf(title)), kind: "service" as const }));
  const results = await compile(entries, openClone());
  const broken = entries.filter((entry) => results.get(entry) instanceof SourceError).map(({ path }) => path);
  expect(broken).toEqual([join(copy, "examples/a-mistake.ts")]);
});
