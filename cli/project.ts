// The clone that lugh runs from: the same from the sources and from the build.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Project {
  readonly root: string;
  readonly version: string;
}

/** Goes up from this file to the package of that name; packages of the rooms lie between in the build. */
export function findProject(): Project {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const found = readPackage(join(folder, "package.json"));
    if (found?.name === "lughos" && found.version !== undefined) return { root: folder, version: found.version };
  }
  throw new Error(`Cannot find the clone of LughOS: wanted its package.json above ${import.meta.dirname}, found none`);
}

function readPackage(path: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { name?: string; version?: string };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
