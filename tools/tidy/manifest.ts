// The Moddable manifest against the tree. Neither the SDK's linker nor the type check notices a module that the manifest
// lacks (docs/decisions/0001); the node would, when it boots. So every file that runs on a node is named, every name is a
// file, and whatever a named module imports is named too, on every platform.

import { posix } from "node:path";
import { findSource, importsOf, moduleName } from "tools/tidy/imports";
import { isOnNode, type Project, textOf, type Violation } from "tools/tidy/project";

const rootManifest = "manifest.json";

/** What benches and tests run; the simulator's manifest takes it in, and no chip carries it. */
const deskFirmware = ["firmware/bench/", "services/api/testing"];

/** Our own image, built by the bootstrap from the same manifest, and the SDK's name for the chip. */
const platforms = ["lugh-sim", "esp32"];

interface Manifest {
  readonly include?: string | readonly string[];
  readonly modules?: Readonly<Record<string, string>>;
  readonly platforms?: Readonly<Record<string, Manifest>>;
}

/** Module name → path without extension, for all that runs on a node; the order is that of the file. */
export function expectedModules({ sources }: Project): Record<string, string> {
  const paths = sources.map(({ path }) => path).filter((path) => isOnNode(path) && !isForDesks(path));
  return Object.fromEntries(paths.sort().map((path) => [moduleName(path), `./${path.replace(/\.ts$/, "")}`]));
}

function isForDesks(path: string): boolean {
  return deskFirmware.some((beginning) => path.startsWith(beginning));
}

export function checkManifest(project: Project): Violation[] {
  const text = textOf(project, rootManifest);
  if (text === undefined) return [violation("the project has no manifest")];
  const named = (JSON.parse(text) as Manifest).modules ?? {};
  const expected = expectedModules(project);
  const missing = Object.keys(expected).filter((name) => named[name] !== expected[name]);
  const extra = Object.keys(named).filter((name) => expected[name] === undefined);
  return [
    ...missing.map((name) =>
      violation(`wanted "${name}": "${expected[name]}", found ${JSON.stringify(named[name])}; npm run manifest`),
    ),
    ...extra.map((name) => violation(`"${name}" is no file that runs on a node; npm run manifest`)),
    ...platforms.flatMap((platform) => checkLinks(project, platform)),
  ];
}

/** What the modules of one platform import, against what is linked there. */
function checkLinks(project: Project, platform: string): Violation[] {
  const linked = linkedModules(project, rootManifest, platform);
  const violations: Violation[] = [];
  for (const [name, path] of linked) {
    const source = project.sources.find((each) => each.path === `${path}.ts`) ?? findSource(project, name);
    if (source === undefined) continue;
    for (const { specifier, line, isTypeOnly } of importsOf(source)) {
      if (isTypeOnly || linked.has(specifier) || specifier.startsWith("embedded:")) continue;
      const message = `imports "${specifier}", which no manifest links on ${platform}`;
      violations.push({ path: source.path, line, rule: "manifest", message });
    }
  }
  return violations;
}

/** Follows the includes that are files of the project; those of the SDK begin with a variable. */
function linkedModules(project: Project, path: string, platform: string): Map<string, string> {
  const manifest = JSON.parse(textOf(project, path) ?? "{}") as Manifest;
  const linked = new Map<string, string>();
  for (const part of [manifest, manifest.platforms?.[platform] ?? {}]) {
    for (const [name, target] of Object.entries(part.modules ?? {})) linked.set(name, resolve(path, target));
    for (const include of [part.include ?? []].flat()) {
      if (include.startsWith("$(")) continue;
      for (const [name, target] of linkedModules(project, resolve(path, include), platform)) linked.set(name, target);
    }
  }
  return linked;
}

function resolve(from: string, target: string): string {
  return posix.join(posix.dirname(from), target);
}

function violation(message: string): Violation {
  return { path: rootManifest, line: 1, rule: "manifest", message };
}
