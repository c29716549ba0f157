// Reads what the project brings along for its worlds: records and networks under sim/data, each with its source and licence.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { WorldError } from "sim/world/world";

/** `path` is that within the project, such as `sim/data/…`. */
export function readIncluded(path: string): string {
  return readFileSync(join(findProject(path), path), "utf8");
}

/** The folder that holds the file: above this one, which runs from sim/world and from build/sim/world. */
function findProject(path: string): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, path))) return folder;
  throw new WorldError(`Cannot read record ${path}: wanted it in a folder above ${import.meta.dirname}, found none`);
}
