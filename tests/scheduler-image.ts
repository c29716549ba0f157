// Images for tests: the firmware's modules, and others that are compiled here from TypeScript as the build would do it.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { transformSync } from "@swc/core";
import type { ServiceEntry } from "kernel/mod";
import { type Artifacts, findArtifacts } from "sim/project";

const root = resolve(import.meta.dirname, "..");

export interface TestImage {
  readonly artifacts: Artifacts;
  remove(): void;
}

/** `modules` are TypeScript by the names under which they are imported; throws what the compile tool says. */
export function buildTestImage(modules: { readonly [name: string]: string }): TestImage {
  const folder = mkdtempSync(join(tmpdir(), "lugh-image-"));
  const { executable } = findArtifacts();
  const image = join(folder, "test.xsi");
  const added = Object.entries(modules).map(([name, text], index) => {
    const file = join(folder, `${index}.js`);
    writeFileSync(file, compile(text));
    return `${name}=${file}`;
  });
  const tool = join(dirname(executable), "lugh-xsc");
  const { status, stderr } = spawnSync(tool, ["-o", image, ...listFirmware(), ...added], { encoding: "utf8" });
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  if (status === 0) return { artifacts: { executable, image }, remove };
  remove();
  throw new Error(`Cannot build image: ${stderr}`);
}

/** The source of a module of ours, such as "tests/scheduler-bench". */
export function readModule(name: string): string {
  return readFileSync(join(root, `${name}.ts`), "utf8");
}

/** The policies in services/scheduler: a new one needs no mention in the tests. */
export function listPolicies(): string[] {
  const names = readdirSync(join(root, "services/scheduler")).map((file) => file.replace(/\.ts$/, ""));
  return names.filter((name) => readModule(`services/scheduler/${name}`).includes("export default defineService("));
}

/** Entry of the examiner in a system table. */
export const examiner: ServiceEntry = {
  name: "examiner",
  module: "examiner",
  memoryBytes: 8 << 20,
  stackSlots: 2_048,
  budgetSteps: 100_000_000,
  mailbox: 4,
  sends: [{ to: "probe", priority: "HIGH" }],
};

/** The modules that hold schedulers to their claims on XS: `examiner` is the service that does it for these. */
export function listExaminerModules(policies: { readonly [name: string]: string }): { [name: string]: string } {
  const own = ["bench", "conformance", "policies", "examiner"].map((name) => `tests/scheduler-${name}`);
  const entries = Object.entries(policies);
  const imports = entries.map(([, module], index) => `import policy${index} from "${module}";`);
  const text = [
    ...imports,
    'import { createExaminer } from "tests/scheduler-examiner";',
    `export default createExaminer({ ${entries.map(([name], index) => `"${name}": policy${index}`).join()} });`,
  ];
  return { ...Object.fromEntries(own.map((name) => [name, readModule(name)])), examiner: text.join("\n") };
}

function compile(text: string): string {
  const parser = { syntax: "typescript" } as const;
  const transform = { verbatimModuleSyntax: true };
  const jsc = { target: "es2022", parser, transform } as const;
  return transformSync(text, { swcrc: false, configFile: false, isModule: true, jsc, module: { type: "es6" } }).code;
}

/** The modules of the root manifest, as the build left them. */
function listFirmware(): string[] {
  const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as {
    modules: { [name: string]: string };
  };
  return Object.entries(manifest.modules).map(([name, source]) => `${name}=${join(root, "build", source)}.js`);
}
