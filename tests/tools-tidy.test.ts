// The rules of the house find what is planted, and let stand what looks alike and is allowed.

import { describe, expect, test } from "@jest/globals";
import { moduleName } from "tools/tidy/imports";
import { countLines } from "tools/tidy/line-count";
import { createProject } from "tools/tidy/project";
import { checkAll } from "tools/tidy/rules";

const opening = "// Planted.\n";
const manifestWith = (modules: Record<string, string>) => JSON.stringify({ modules });

/** What the rules say about these files, as "path:line: rule"; each gets an opening line, and the manifest names them. */
function judge(files: Record<string, string>, manifest?: string): string[] {
  const texts = new Map(
    Object.entries(files).map(([path, text]) => [path, path.endsWith(".ts") ? opening + text : text]),
  );
  texts.set("manifest.json", manifest ?? manifestFor(Object.keys(files)));
  return checkAll(createProject(texts)).map(({ path, line, rule }) => `${path}:${line}: ${rule}`);
}

function manifestFor(paths: readonly string[]): string {
  const names = paths.filter((path) => /^(kernel|services|wire|firmware|hosts\/xs)\/.*\.ts$/.test(path));
  return manifestWith(Object.fromEntries(names.map((path) => [moduleName(path), `./${path.replace(/\.ts$/, "")}`])));
}

describe("the import law", () => {
  const empty = "export const one = 1;\n";
  const files = {
    "wire/cbor.ts": empty,
    "kernel/mod.ts": empty,
    "kernel/host.ts": empty,
    "kernel/mailbox.ts": empty,
    "services/api/mod.ts": empty,
    "services/api/reading.ts": empty,
    "services/reporter/pack.ts": empty,
    "services/sensor/drivers/ade7953.ts": empty,
    "firmware/system.ts": empty,
    "sim/world/steady.ts": empty,
    "hosts/xs/image.ts": empty,
    "hosts/sim/twin.ts": empty,
    "cli/main.ts": empty,
    "dashboard/page/table.ts": empty,
    "tests/scenario.ts": empty,
    "tools/tidy.ts": empty,
  };
  const importing = (path: string, specifier: string) =>
    judge({ ...files, [path]: `import { one } from "${specifier}";\nexport const two = one;\n` }).filter(
      (found) => found === `${path}:2: import-law`,
    ).length > 0;

  test.each([
    ["wire/topics.ts", "wire/cbor"],
    ["kernel/timers.ts", "kernel/mailbox"],
    ["services/api/service.ts", "kernel/mod"],
    ["services/api/service.ts", "wire/cbor"],
    ["services/meter/service.ts", "lughos"],
    ["services/meter/service.ts", "services/api/reading"],
    ["services/meter/service.ts", "wire/cbor"],
    ["services/sensor/service.ts", "services/sensor/drivers/ade7953"],
    ["hosts/sim/worker.ts", "hosts/xs/image"],
    ["hosts/sim/worker.ts", "kernel/host"],
    ["hosts/esp32/clock.ts", "embedded:io/digital"],
    ["firmware/boot.ts", "services/reporter/pack"],
    ["sim/node.ts", "firmware/system"],
    ["sim/node.ts", "services/sensor/drivers/ade7953"],
    ["sim/broker.ts", "aedes"],
    ["cli/decode.ts", "node:fs"],
    ["dashboard/server.ts", "ws"],
    ["tests/kernel.test.ts", "kernel/mailbox"],
  ])("lets %s import %s", (path, specifier) => {
    expect(importing(path, specifier)).toBe(false);
  });

  test.each([
    ["wire/topics.ts", "kernel/mod"],
    ["kernel/timers.ts", "wire/cbor"],
    ["services/api/service.ts", "kernel/mailbox"],
    ["services/meter/service.ts", "services/reporter/pack"],
    ["services/meter/service.ts", "services/api/mod"],
    ["services/meter/service.ts", "kernel/mod"],
    ["services/meter/service.ts", "cbor-x"],
    ["services/meter/service.ts", "node:fs"],
    ["services/sensor/drivers/atm90e32.ts", "wire/cbor"],
    ["services/sensor/drivers/atm90e32.ts", "embedded:io/i2c"],
    ["hosts/xs/module.ts", "hosts/sim/twin"],
    ["hosts/sim/worker.ts", "kernel/mailbox"],
    ["firmware/boot.ts", "kernel/mailbox"],
    ["sim/node.ts", "kernel/mailbox"],
    ["sim/node.ts", "services/reporter/pack"],
    ["cli/decode.ts", "kernel/mod"],
    ["dashboard/page/node.ts", "sim/world/steady"],
    ["cli/decode.ts", "tools/tidy"],
    ["sim/node.ts", "tests/scenario"],
    ["wire/topics.ts", "./cbor"],
    ["attic/old.ts", "wire/cbor"],
  ])("keeps %s from importing %s", (path, specifier) => {
    const found = judge({ ...files, [path]: `import { one } from "${specifier}";\nexport const two = one;\n` });
    expect(found.filter((each) => each.startsWith(`${path}:`) && each.endsWith(": import-law"))).toHaveLength(1);
  });

  test("sees imports in types, re-exports and calls", () => {
    const text = `export type A = import("kernel/mod").B;\nexport const load = () => import("kernel/host");\n`;
    expect(judge({ ...files, "wire/late.ts": text })).toEqual(
      expect.arrayContaining(["wire/late.ts:2: import-law", "wire/late.ts:3: import-law"]),
    );
  });
});

test("passing on another file's exports is found outside the two barrels", () => {
  const passOn = 'export { one } from "kernel/one";\n';
  const files = { "kernel/one.ts": "export const one = 1;\n", "kernel/mod.ts": passOn, "kernel/index.ts": passOn };
  expect(judge(files)).toEqual(["kernel/index.ts:2: barrel"]);
});

test("a circle of imports is found once, with the way round", () => {
  const files = {
    "wire/a.ts": 'import type { B } from "wire/b";\nexport type A = B;\n',
    "wire/b.ts": 'import type { C } from "wire/c";\nexport type B = C;\n',
    "wire/c.ts": 'import type { A } from "wire/a";\nexport type C = A;\n',
    "wire/d.ts": 'import type { A } from "wire/a";\nexport type D = A;\n',
  };
  expect(judge(files)).toEqual(["wire/a.ts:1: circle"]);
  const texts = new Map(Object.entries(files));
  const [circle] = checkAll(createProject(texts)).filter(({ rule }) => rule === "circle");
  expect(circle?.message).toBe("wire/a.ts imports wire/b.ts imports wire/c.ts imports wire/a.ts");
});

describe("the manifest", () => {
  const files = {
    "wire/cbor.ts": "export const one = 1;\n",
    "wire/topics.ts": 'import { one } from "wire/cbor";\nexport const two = one;\n',
  };

  test("that names every file of a node is accepted", () => {
    expect(judge(files)).toEqual([]);
  });

  test("that lacks a module is found, at the manifest and at each import of it", () => {
    const found = judge(files, manifestWith({ "wire/topics": "./wire/topics" }));
    expect(found).toEqual(["manifest.json:1: manifest", "wire/topics.ts:2: manifest", "wire/topics.ts:2: manifest"]);
  });

  test("that names a file which is not there is found", () => {
    const modules = { "wire/cbor": "./wire/cbor", "wire/topics": "./wire/topics", "wire/gone": "./wire/gone" };
    expect(judge(files, manifestWith(modules))).toEqual(["manifest.json:1: manifest"]);
  });

  test("has one name for each file: lughos for the library, host/… for what the machine layer brings", () => {
    const named = { "services/api/mod.ts": "export const one = 1;\n", "hosts/xs/kernel.ts": "export const two = 2;\n" };
    const modules = { lughos: "./services/api/mod", "host/kernel": "./hosts/xs/kernel" };
    expect(judge(named, manifestWith(modules))).toEqual([]);
    expect(judge(named, manifestWith({ ...modules, "hosts/xs/kernel": "./hosts/xs/kernel" }))).toEqual([
      "manifest.json:1: manifest",
    ]);
  });

  test("binds host modules for each platform apart", () => {
    const boot = { "firmware/boot.ts": 'import { one } from "host/clock";\nexport const two = one;\n' };
    const bound = JSON.stringify({
      modules: { "firmware/boot": "./firmware/boot" },
      platforms: { "lugh-sim": { include: "./hosts/sim/manifest.json" } },
    });
    const host = {
      "hosts/sim/manifest.json": manifestWith({ "host/clock": "./clock" }),
      "hosts/sim/clock.ts": "export const one = 1;\n",
    };
    const messages = checkAll(
      createProject(new Map([...Object.entries({ ...boot, ...host }), ["manifest.json", bound]])),
    ).filter(({ rule }) => rule === "manifest");
    expect(messages.map(({ message }) => message)).toEqual(['imports "host/clock", which no manifest links on esp32']);
  });
});

test.each([
  "export const table = new Map();",
  "const bytes = new Uint8Array(8);\nexport const first = () => bytes[0];",
  "export const start = new Date(0);",
  "export const pattern = /a+/;",
  "export const seven = Uint8Array.of(7);",
  "export const ready = Promise.resolve(1);",
  "export class Pool {\n  static slots = new Set();\n}",
  "export const nested = Object.freeze({ inner: [new ArrayBuffer(8)] });",
  "export const late = await load();\nfunction load() {\n  return 1;\n}",
])("a preloaded module may not hold: %s", (text) => {
  expect(judge({ "kernel/planted.ts": text }).map((found) => found.split(": ")[1])).toContain("preload");
  expect(judge({ "sim/planted.ts": text })).toEqual([]);
});

test("a preloaded module may make anything inside functions and instances", () => {
  const text = [
    "export class Pool {\n  slots = new Set<number>();\n}",
    "export const createTable = () => new Map<string, number>();",
    "export function isName(text: string): boolean {\n  return /^[a-z]+$/.test(text);\n}",
    "export type Table = Map<string, number>;",
    "export const limits = Object.freeze([1, 2, 3]);",
  ].join("\n");
  expect(judge({ "kernel/planted.ts": text })).toEqual([]);
});

test.each([
  "export const now = () => Date.now();",
  "export const now = () => new Date();",
  "export const chance = () => Math.random();",
  "export const later = (work: () => void) => setTimeout(work, 1);",
  "export const hold = (thing: object) => new WeakRef(thing);",
  "export const run = (text: string) => eval(text);",
])("a node may not reach past its host: %s", (text) => {
  expect(judge({ "services/meter/planted.ts": text })).toEqual(["services/meter/planted.ts:2: ambient"]);
  expect(judge({ "sim/planted.ts": text })).toEqual([]);
});

test.each([
  ["any", "export const loose: any = 1;"],
  ["erasable", "export enum Colour { red }"],
  ["erasable", "export namespace Space {\n  export const one = 1;\n}"],
  ["swallowed-error", "export function quiet(): void {\n  try {\n    quiet();\n  } catch {}\n}"],
  ["silenced", `// @ts-${"ignore"}\nexport const one: number = "1";`],
  ["marker", `// ${"TO"}DO: mend this\nexport const one = 1;`],
  ["machine-path", `export const place = "/${"home"}/someone/lughos";`],
  ["name", "export const userInfo = 1;"],
  ["name", "export class TimerManager {}"],
  ["name", "export function handleMessage(): void {}"],
  ["name", "export class ClockImpl {}"],
  ["name", "export function read(data: number): number {\n  return data;\n}"],
])("%s is found in: %s", (rule, text) => {
  expect(judge({ "sim/planted.ts": text }).map((found) => found.split(": ")[1])).toEqual([rule]);
});

test.each([
  "export const dataBits = 8;",
  "export const commonOptions = 1;",
  "export const handleMask = 0xfff;",
  "export const anything: unknown = 1;",
  "export function quiet(): boolean {\n  try {\n    return true;\n  } catch {\n    // Not there: the answer is no.\n    return false;\n  }\n}",
  `export const text = "a ${"TO"}DO list";`,
  'export const route = "/homes/all";',
  'export const url = "mqtt://broker/tmp/x";',
])("nothing is found in: %s", (text) => {
  expect(judge({ "sim/planted.ts": text })).toEqual([]);
});

test("a file whose name or folder says nothing is found", () => {
  expect(judge({ "sim/utils.ts": "export const one = 1;", "sim/common/clock.ts": "export const two = 2;" })).toEqual([
    "sim/utils.ts:1: name",
    "sim/common/clock.ts:1: name",
  ]);
});

test("a file that does not open with its reason is found, in C as in TypeScript", () => {
  expect(judge({ "hosts/xs/machine.c": "int one = 1;\n", "hosts/xs/image.c": "/* Why. */\nint two = 2;\n" })).toEqual([
    "hosts/xs/machine.c:1: opening",
  ]);
});

test("a lock file that would not serve another machine is found", () => {
  const locked = { integrity: "sha512-planted" };
  const complete = {
    "": {},
    "node_modules/tool": { ...locked, optionalDependencies: { "tool-linux": "1.0.0", "tool-darwin": "1.0.0" } },
    "node_modules/tool/node_modules/tool-linux": locked,
    "node_modules/tool-darwin": locked,
  };
  const { "node_modules/tool-darwin": _darwin, ...incomplete } = complete;
  const judgeLock = (packages: object) => judge({ "package-lock.json": JSON.stringify({ packages }) });
  expect(judgeLock(complete)).toEqual([]);
  expect(judgeLock(incomplete)).toEqual(["package-lock.json:1: lock-file"]);
  expect(judgeLock({ ...complete, "node_modules/tool-darwin": {} })).toEqual(["package-lock.json:1: lock-file"]);
  expect(judgeLock({ ...complete, "node_modules/other": { ...locked, resolved: "https://example.org/" } })).toEqual([
    "package-lock.json:1: lock-file",
  ]);
});

test("a skipped test is found unless its reason stands above it, an exclusive one always", () => {
  const skipped = 'import { test } from "@jest/globals";\n\ntest.skip("one", () => {});\n';
  const explained = 'import { test } from "@jest/globals";\n\n// aedes has no MQTT 5.\ntest.skip("one", () => {});\n';
  const exclusive = 'import { test } from "@jest/globals";\n\n// Alone.\ntest.only("one", () => {});\n';
  expect(judge({ "tests/a.test.ts": skipped })).toEqual(["tests/a.test.ts:4: skipped-test"]);
  expect(judge({ "tests/a.test.ts": explained })).toEqual([]);
  expect(judge({ "tests/a.test.ts": exclusive })).toEqual(["tests/a.test.ts:5: skipped-test"]);
});

describe("the line count", () => {
  test("leaves out blanks and comments, and keeps marks inside strings", () => {
    const typescript =
      '// One.\n\n/* Two.\n three. */\nexport const four = "// four"; // five\nexport const six = `\nseven`;\n';
    const c = '/* One.\n two. */\nint three; // four\n\nchar *five = "/* five";\n';
    const counts = countLines(
      createProject(
        new Map([
          ["kernel/a.ts", typescript],
          ["hosts/xs/a.c", c],
        ]),
      ),
    );
    expect(counts).toEqual({ kernelTypeScript: 3, machineLayerTypeScript: 0, machineLayerC: 2 });
  });

  test("of the kernel has a limit", () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, index) => `export const n${index} = ${index};`).join("\n");
    expect(judge({ "kernel/a.ts": lines(1500) })).toEqual([]);
    expect(judge({ "kernel/a.ts": lines(1501) })).toEqual(["kernel:1: kernel-size"]);
  });
});
