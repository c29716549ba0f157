// What every figure is told with: the engine it was measured on, and the commit.

import { execFileSync } from "node:child_process";
import { cpus } from "node:os";

export interface Provenance {
  readonly engine: string;
  readonly commit: string;
  readonly host: string;
}

export const engine = "XS 13.3";

export function readProvenance(folder: string): Provenance {
  return {
    engine,
    commit: readCommit(folder),
    host: `${process.platform}-${process.arch}, ${cpus()[0]?.model ?? "unknown"}`,
  };
}

/** "unknown" outside of a clone, such as in an archive of the sources. */
function readCommit(folder: string): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const isClean = git("status", "--porcelain", "--untracked-files=no") === "";
    return `${git("rev-parse", "--short=12", "HEAD")}${isClean ? "" : "+changes"}`;
  } catch (error) {
    if (error instanceof Error) return "unknown";
    throw error;
  }
}
