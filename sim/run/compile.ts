// TypeScript of an entry to JavaScript that lugh-xsc takes, with its types checked. What came of it is kept in build/desk as
// long as no file that went into it has changed: then neither compiler is loaded, and a run begins at once.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Options } from "@swc/core";
import type { Checked, Source } from "sim/run/check";
import type { Clone } from "sim/run/clone";
import type { Entry } from "sim/run/imports";
import { SourceError } from "sim/run/problem";

export interface CompiledModule {
  readonly name: string;
  /** The TypeScript, and the JavaScript with its map beside it (`.map`). */
  readonly path: string;
  readonly javascript: string;
}

export interface Compiled {
  /** The entry first. */
  readonly modules: readonly CompiledModule[];
  /** Modules whose default export the entry imports. */
  readonly defaultImports: readonly string[];
}

/** What is kept: `digests` of all files that it depends on. */
interface Kept extends Compiled {
  readonly digests: { readonly [file: string]: string };
}

/** What decides the result beyond the sources: a change of it makes all that is kept worthless. */
const settings = [
  "tsconfig.json",
  "tsconfig.device.json",
  "package-lock.json",
  "build/firmware.list",
  "sim/run/javascript.json",
];

/** tools/bootstrap compiles with them, too. */
export const javascriptOptions = JSON.parse(
  readFileSync(new URL("./javascript.json", import.meta.url), "utf8"),
) as Options;

/** One result for each entry: what was compiled, or what is wrong with it. */
export async function compile(
  entries: readonly Entry[],
  clone: Clone,
): Promise<ReadonlyMap<Entry, Compiled | SourceError>> {
  const results = new Map<Entry, Compiled | SourceError>();
  const stale: Entry[] = [];
  for (const entry of entries) {
    const kept = readKept(entry, clone);
    if (kept === undefined) stale.push(entry);
    else results.set(entry, kept);
  }
  if (stale.length === 0) return results;
  const [{ check }, swc] = await Promise.all([import("sim/run/check"), import("@swc/core")]);
  check(stale, clone).forEach((checked, index) => {
    const entry = stale[index] as Entry;
    if (checked.problems.length > 0) results.set(entry, new SourceError(checked.problems));
    else results.set(entry, keep(entry, checked, clone, swc));
  });
  return results;
}

/** One entry; throws a SourceError when it cannot be compiled. */
export async function compileOne(entry: Entry, clone: Clone): Promise<Compiled> {
  const result = (await compile([entry], clone)).get(entry);
  if (result === undefined || result instanceof SourceError) throw result;
  return result;
}

function keep(entry: Entry, { sources, files }: Checked, clone: Clone, swc: typeof import("@swc/core")): Compiled {
  const folder = keptFolder(entry, clone);
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const modules = sources.map((source, index) => {
    const { code, map = "" } = swc.transformSync(source.text, { ...javascriptOptions, filename: source.path });
    writeFileSync(join(partial, `${index}.js`), code);
    writeFileSync(join(partial, `${index}.js.map`), map);
    return { name: source.name, path: source.path, javascript: join(folder, `${index}.js`) };
  });
  const digests = Object.fromEntries([...files, ...settingFiles(clone)].map((file) => [file, digest(file)]));
  const kept: Kept = { modules, defaultImports: (sources[0] as Source).defaultImports, digests };
  writeFileSync(join(partial, "kept.json"), JSON.stringify(kept));
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  return kept;
}

function readKept(entry: Entry, clone: Clone): Compiled | undefined {
  const file = join(keptFolder(entry, clone), "kept.json");
  if (!existsSync(file)) return undefined;
  const kept = JSON.parse(readFileSync(file, "utf8")) as Kept;
  const isFresh = Object.entries(kept.digests).every(([path, wanted]) => existsSync(path) && digest(path) === wanted);
  return isFresh ? kept : undefined;
}

function keptFolder({ path, kind }: Entry, clone: Clone): string {
  return join(clone.root, "build/desk", createHash("sha256").update(`${kind} ${path}`).digest("hex").slice(0, 16));
}

function settingFiles(clone: Clone): string[] {
  return settings.map((file) => resolve(clone.root, file));
}

function digest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
