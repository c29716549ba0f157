// The C sources of the XS engine, from one pinned package whose digest is checked before it is unpacked. Only the engine's
// folder is kept; the package's own program, its JavaScript and its 84 dependencies are not wanted (docs/decisions/0001).

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { BuildError, npm, run } from "../command.mjs";
import { pathOf } from "../project.mjs";

const enginePackage = "@agoric/xsnap@0.15.0";
const archiveName = "agoric-xsnap-0.15.0.tgz";

export const engineIntegrity =
  "sha512-ZBm4DZxbtfacxMHVVdJjZi0Y8zOxN77vpu1WwI5RWfPkaRh0aHkz/dVdTGKXalDNzWfz183lljKxlxl3/h0n+A==";

export async function fetchEngine() {
  const staging = pathOf("build/engine/staging");
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  await npm(["pack", enginePackage, "--pack-destination", staging]);

  const archive = pathOf("build/engine/staging", archiveName);
  const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (found !== engineIntegrity) {
    throw new BuildError(`Cannot unpack ${enginePackage}: wanted ${engineIntegrity}, found ${found}`);
  }
  await run("cmake", ["-E", "tar", "xzf", archive, "package/moddable/xs", "package/LICENSE"], { cwd: staging });

  const unpacked = pathOf("build/engine/package");
  rmSync(unpacked, { recursive: true, force: true });
  renameSync(pathOf("build/engine/staging/package"), unpacked);
  rmSync(staging, { recursive: true });
}
