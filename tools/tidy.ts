// `npm run lint`: judges the whole tree by the rules of the house and prints the sizes that have limits.
//
// Each violation is one line, `file:line: rule: message`; the exit code is 1 when there is any.

import { resolve } from "node:path";
import { countLines, kernelLineLimit } from "tools/tidy/line-count";
import { createProject } from "tools/tidy/project";
import { checkAll } from "tools/tidy/rules";
import { readTree } from "tools/tidy/tree";

// This file runs as build/tools/tidy.js.
const project = createProject(readTree(resolve(import.meta.dirname, "../..")));
const violations = checkAll(project);

for (const { path, line, rule, message } of violations) console.error(`${path}:${line}: ${rule}: ${message}`);

const counts = countLines(project);
console.log(`kernel: ${counts.kernelTypeScript} of ${kernelLineLimit} lines of TypeScript`);
console.log(`hosts/xs: ${counts.machineLayerC} lines of C, ${counts.machineLayerTypeScript} of TypeScript`);

process.exitCode = violations.length === 0 ? 0 : 1;
