// One edition of a service's file, as it is at this moment: byte-code under a name of its own, so that it can stand beside the
// edition that runs. Types are not looked at here: that takes longer than an update.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clone } from "sim/run/clone";
import { javascriptOptions } from "sim/run/compile";

export interface Edition {
  readonly module: string;
  /** An image that holds this one module. */
  readonly image: string;
  remove(): void;
}

/** Throws an Error that says what the compiler does not understand. */
export async function compileEdition(file: string, service: string, clone: Clone): Promise<Edition> {
  const swc = await import("@swc/core");
  const { code } = swc.transformSync(readFileSync(file, "utf8"), { ...javascriptOptions, filename: file });
  const folder = mkdtempSync(join(tmpdir(), "lugh-dev-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // Names never come again, not even after another `lugh dev`.
  const module = `desk/${service}/${Date.now().toString(36)}`;
  const image = join(folder, "edition.xsi");
  writeFileSync(join(folder, "edition.js"), code);
  try {
    await run(clone.compiler, ["-o", image, `${module}=${join(folder, "edition.js")}`]);
  } catch (error) {
    remove();
    throw error;
  }
  return { module, image, remove };
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(complaint.trim() || `it ended with ${code}`)),
    );
  });
}
