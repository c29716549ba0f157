// What a service at a desk may import: the library, the contracts, what crosses wires, and the files beside it. A node's
// image holds nothing else for it, so whatever is imported beyond is refused before anything is compiled.

import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Clone } from "sim/run/clone";

export type EntryKind = "service" | "test";

/** The file that is run, and what decides what it may import. */
export interface Entry {
  /** Absolute. */
  readonly path: string;
  readonly kind: EntryKind;
}

/** Taken as the build left it, compiled from its source, or refused. */
export type Resolution =
  | { readonly as: "built"; readonly name: string }
  | { readonly as: "source"; readonly name: string; readonly path: string }
  | { readonly as: "refused"; readonly reason: string };

const granted = {
  service: '"lughos", "services/api/…", "wire/…" and files of its own folder',
  test: '"lughos/testing", "lughos", services, "wire/…" and files of its own folder',
};

/** Rooms whose files have bare names; modules of others are no business of a service's. */
const nodeRooms = ["services", "wire", "kernel", "firmware", "tests"];

/** The name under which a file is linked: its bare name in the clone, or one below `desk/`. */
export function moduleName(path: string, entry: Entry, clone: Clone): string {
  const inClone = relative(clone.root, path).replace(/\.ts$/, "");
  if (nodeRooms.includes(inClone.split("/")[0] ?? "")) return inClone;
  return `desk/${relative(dirname(entry.path), path).replace(/\.ts$/, "")}`;
}

export function resolveImport(specifier: string, importer: string, entry: Entry, clone: Clone): Resolution {
  const refused = { as: "refused", reason: `a ${entry.kind} is granted ${granted[entry.kind]}` } as const;
  if (/^\.{1,2}\//.test(specifier)) {
    const path = `${resolve(dirname(importer), specifier)}.ts`;
    return isOwn(path, entry) ? source(path, entry, clone) : refused;
  }
  if (isShared(specifier, entry))
    return clone.modules.has(specifier) ? { as: "built", name: specifier } : missing(specifier);
  const path = join(clone.root, `${specifier}.ts`);
  const isReachable = entry.kind === "test" ? nodeRooms.includes(specifier.split("/")[0] ?? "") : isOwn(path, entry);
  if (!isReachable || specifier.includes("..")) return refused;
  const isService = /^services\/(?!api\/)/.test(specifier);
  return clone.modules.has(specifier) && !isService ? { as: "built", name: specifier } : source(path, entry, clone);
}

function isShared(specifier: string, { kind }: Entry): boolean {
  if (specifier === "lughos" || /^(services\/api|wire)\//.test(specifier)) return true;
  return kind === "test" && specifier === "lughos/testing";
}

/** In the entry's folder or below it. */
function isOwn(path: string, entry: Entry): boolean {
  return !relative(dirname(entry.path), path).startsWith("..");
}

function source(path: string, entry: Entry, clone: Clone): Resolution {
  return existsSync(path) ? { as: "source", name: moduleName(path, entry, clone), path } : missing(path);
}

function missing(what: string): Resolution {
  return { as: "refused", reason: `there is no ${what}` };
}
