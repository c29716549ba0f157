// The firmware image of this machine: every module of the manifests as XS byte-code, in one file. A half-written image never
// has the final name.

import { mkdirSync, renameSync } from "node:fs";
import { run } from "../command.mjs";
import { imageModules } from "../manifest.mjs";
import { pathOf } from "../project.mjs";

export async function buildImage() {
  const modules = imageModules().map(({ name, source }) => `${name}=build/${source}.js`);
  const partial = "build/firmware.xsi.partial";
  mkdirSync(pathOf("build"), { recursive: true });
  await run(pathOf("build/native/bin/lugh-xsc"), ["-o", partial, ...modules]);
  renameSync(pathOf(partial), pathOf("build/firmware.xsi"));
}
