// Content hashes over files: a step is up to date when the hash of what went into it has not changed. Times of files are
// not looked at, because a checkout or a copy changes them without changing anything else.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./project.mjs";

/** All files below a folder of the project (or the file itself), sorted, relative to the root; a missing one gives none. */
export function filesBelow(folder, accept = () => true) {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true });
  } catch (error) {
    if (error.code === "ENOENT") return [];
    if (error.code === "ENOTDIR") return [folder];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .filter(accept)
    .sort();
}

/** Hash of the recipe (whatever else decides the result, as text) and of the names and contents of the files. */
export function fingerprint(recipe, files) {
  const hash = createHash("sha256").update(recipe);
  for (const file of files) {
    const content = readFileSync(join(root, file));
    hash.update(`\0${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}
