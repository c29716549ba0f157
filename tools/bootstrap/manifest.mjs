// Reads the Moddable manifests for our own image: the modules of the root manifest and those of the host it is built for.
// The SDK resolves the same files itself; here only `modules` and the includes of our own platform matter.

import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { pathOf } from "./project.mjs";

/** The name of our platform in the manifest, beside the SDK's "esp32". */
const platform = "lugh-sim";

/** Module name and source path (without extension, relative to the root) of everything in the image. */
export function imageModules() {
  const manifest = readManifest("manifest.json");
  const extras = manifest.platforms?.[platform] ?? {};
  const included = [extras.include ?? []].flat().map((file) => normalize(file));
  return [
    ...modulesOf(manifest, "manifest.json"),
    ...modulesOf(extras, "manifest.json"),
    ...included.flatMap((file) => modulesOf(readManifest(file), file)),
  ];
}

function readManifest(file) {
  return JSON.parse(readFileSync(pathOf(file), "utf8"));
}

function modulesOf(manifest, file) {
  return Object.entries(manifest.modules ?? {}).map(([name, source]) => ({
    name,
    source: normalize(join(dirname(file), source)),
  }));
}
