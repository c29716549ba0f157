// Is the machine layer sound? Its own test program asks in C, on the real engine; here it runs, and so does the compile tool.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const { LUGH_NATIVE_DIR: nativeFolder = "build/native" } = process.env;
const binaries = resolve(nativeFolder, "bin");
const TEST_TIMEOUT_MILLIS = 120_000; // the program takes 4 s alone; two busy cores and a sanitizer may stretch it

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lugh-machine-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(program: string, ...parameters: string[]): { status: number | null; output: string; errors: string } {
  const path = join(binaries, program);
  if (!existsSync(path)) throw new Error(`Cannot find ${path}: run npm run build first`);
  const { status, stdout, stderr } = spawnSync(path, parameters, { encoding: "utf8", cwd: folder });
  return { status, output: stdout, errors: stderr };
}

function writeSource(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

test(
  "machines are isolated, bounded and leave nothing behind",
  () => {
    const { status, output, errors } = run("machine-test");
    expect(errors).toBe("");
    expect(output).toMatch(/^\d{3,} passed, 0 failed$/m);
    expect(status).toBe(0);
  },
  TEST_TIMEOUT_MILLIS,
);

test("lugh-xsc writes an image of the modules of a list", () => {
  const good = writeSource("good.js", "export default 1;\n");
  writeSource("modules.list", `good=${good}\n\n`);
  const { status, output, errors } = run("lugh-xsc", "-o", "good.xsi", "@modules.list");
  expect({ status, output, errors }).toEqual({ status: 0, output: "", errors: "" });
  expect(existsSync(join(folder, "good.xsi"))).toBe(true);
});

test("lugh-xsc tells the first error of every wrong file and writes nothing", () => {
  const first = writeSource("first.js", "export const a = 1;\nlet b = ;\n");
  const second = writeSource("second.js", "\n\nconst c;\nexport default 1;\n");
  const { status, errors } = run("lugh-xsc", "-o", "bad.xsi", `first=${first}`, `second=${second}`);
  expect(errors).toMatch(/^first\.js:2: .+\nsecond\.js:3: .+\n$/);
  expect(status).toBe(1);
  expect(existsSync(join(folder, "bad.xsi"))).toBe(false);
});

test("lugh-xsc names a file that is not there", () => {
  const { status, errors } = run("lugh-xsc", "-o", "none.xsi", "gone=gone.js");
  expect(errors).toBe("gone.js:1: Cannot read: No such file or directory\n");
  expect(status).toBe(1);
});

test("lugh-xsc explains itself when it is called wrongly", () => {
  const { status, errors } = run("lugh-xsc", "no-name");
  expect(errors).toMatch(/wanted name=path, found no-name\nusage: /);
  expect(status).toBe(2);
});
