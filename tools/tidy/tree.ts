// Reads the texts of the project from the disk. What was built or installed, and the records and vectors that came from
// elsewhere, are not ours to judge.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const skippedFolders = new Set(["node_modules", "build", ".git", "vectors", "records"]);
const readNames =
  /\.(ts|tsx|mjs|c|h|S|cmake|sh|md|html|css)$|^(CMakeLists\.txt|package(-lock)?\.json|manifest\.json|run)$/;

export function readTree(root: string): Map<string, string> {
  const texts = new Map<string, string>();
  const visit = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !skippedFolders.has(entry.name)) visit(path);
      if (entry.isFile() && readNames.test(entry.name)) texts.set(relative(root, path), readFileSync(path, "utf8"));
    }
  };
  visit(root);
  return new Map([...texts].sort(([left], [right]) => (left < right ? -1 : 1)));
}
