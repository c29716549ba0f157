// `npm run manifest`: writes the modules of the root manifest anew from the tree. Everything else in the manifest stays as it
// is; tidy checks that what is committed is what this would write.

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { expectedModules } from "tools/tidy/manifest";
import { createProject } from "tools/tidy/project";
import { readTree } from "tools/tidy/tree";

// This file runs as build/tools/manifest.js.
const root = resolve(import.meta.dirname, "../..");
const path = resolve(root, "manifest.json");
const manifest = JSON.parse(readFileSync(path, "utf8"));

manifest.modules = expectedModules(createProject(readTree(root)));
writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
