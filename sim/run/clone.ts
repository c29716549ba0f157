// The clone that services are compiled in: where its tools are, and the modules that the build has made of the firmware.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Artifacts, findArtifacts } from "sim/project";

export interface Clone {
  readonly root: string;
  /** lugh-sim. */
  readonly executable: string;
  /** lugh-xsc. */
  readonly compiler: string;
  /** JavaScript of each module that a node can have, by its name; paths are relative to the root. */
  readonly modules: ReadonlyMap<string, string>;
}

export function openClone({ executable }: Artifacts = findArtifacts()): Clone {
  const root = resolve(dirname(executable), "../../..");
  const lines = readFileSync(join(root, "build/firmware.list"), "utf8").trimEnd().split("\n");
  const modules = new Map(lines.map((line) => line.split("=", 2) as [string, string]));
  return { root, executable, compiler: join(dirname(executable), "lugh-xsc"), modules };
}
