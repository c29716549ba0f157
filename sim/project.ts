// Where the simulator finds what it starts: the worker's executable and the image of byte-code, both in build/.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Another build of what is C, with the sanitizers for example. */
const { LUGH_NATIVE_DIR: nativeFolder = "build/native" } = process.env;

export interface Artifacts {
  /** lugh-sim (hosts/sim). */
  readonly executable: string;
  /** All modules of the firmware, as byte-code. */
  readonly image: string;
}

/**
 * In the build of the clone that this file is in; it runs from sim/ under Jest and from build/sim/. `tests`: the image
 * has the services of tests/services too.
 */
export function findArtifacts(kind: "firmware" | "tests" = "firmware"): Artifacts {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const executable = join(folder, nativeFolder, "bin/lugh-sim");
    const image = join(folder, `build/${kind}.xsi`);
    if (existsSync(executable) && existsSync(image)) return { executable, image };
  }
  throw new Error(
    `Cannot find the simulator's build: wanted ${nativeFolder}/bin/lugh-sim and its images; run npm run build`,
  );
}
