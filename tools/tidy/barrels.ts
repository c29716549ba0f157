// Passing on what another file exports is the business of two files only; everywhere else a name is imported from where it
// is written.

import { nodeRule } from "tools/tidy/project";
import ts from "typescript";

const barrels = ["kernel/mod.ts", "services/api/mod.ts"];

export const checkBarrels = nodeRule(
  "barrel",
  (node) => {
    const isPassedOn = ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined;
    return isPassedOn ? `passes on the exports of another file: only ${barrels.join(" and ")} may` : undefined;
  },
  (path) => !barrels.includes(path),
);
