// `npm run lint`: judges the whole tree by the rules of the house and prints the sizes that have limits.
//
// Each violation is one line, `file:line: rule: message`; the exit code is 1 when there is any.

import { resolve } from "node:path";
import { countC, countLines, kernelLineLimit } from "tools/tidy/line-count";
import { createProject } from "tools/tidy/project";
import { checkAll } from "tools/tidy/rules";
import { readTree } from "tools/tidy/tree";

// This file runs as build/tools/tidy.js.
const root = resolve(import.meta.dirname, "../..");
const project = createProject(readTree(root));
const violations = checkAll(project);

for (const { path, line, rule, message } of violations) console.error(`${path}:${line}: ${rule}: ${message}`);

const counts = countLines(project);
const engine = [...readTree(resolve(root, "build/engine/package/moddable/xs/sources")).values()];
console.log(`kernel: ${counts.kernelTypeScript} of ${kernelLineLimit} lines of TypeScript`);
console.log(`hosts/xs: ${counts.machineLayerC} lines of C, ${counts.machineLayerTypeScript} of TypeScript`);
console.log(`engine: ${engine.reduce((sum, text) => sum + countC(text), 0)} lines of C`);

process.exitCode = violations.length === 0 ? 0 : 1;
