// Syntax that the house does without: types that switch the check off, forms that are not erasable, errors that vanish,
// tests that do not run.

import { nodeRule, type Source } from "tools/tidy/project";
import ts from "typescript";

export const checkAny = nodeRule("any", (node) =>
  node.kind === ts.SyntaxKind.AnyKeyword
    ? "`any` switches the check off: wanted a type, or unknown and a check"
    : undefined,
);

export const checkErasable = nodeRule("erasable", (node) => {
  if (ts.isEnumDeclaration(node)) return "wanted a union of strings, found an enum";
  if (ts.isModuleDeclaration(node) && ts.isIdentifier(node.name) && node.name.text !== "global") {
    return "wanted a module, found a namespace";
  }
  return undefined;
});

/** A catch may be empty only when it says why nothing is to be done. */
export const checkSwallowed = nodeRule("swallowed-error", (node, source) => {
  if (!ts.isCatchClause(node) || node.block.statements.length > 0) return undefined;
  const inside = source.text.slice(node.block.getStart(source.tree) + 1, node.block.end - 1).trim();
  return inside === "" ? "the error vanishes: wanted an answer to it, or the reason why there is none" : undefined;
});

/** A check of tools that is silenced needs its reason on the same line. */
export const checkSilenced = nodeRule("silenced", (node, source) => {
  if (!ts.isSourceFile(node)) return undefined;
  const silenced = /^\s*\/\/ *@ts-(ignore|nocheck)|^\s*\/\/ *biome-ignore [^:]*: *$/m;
  return silenced.test(source.text) ? "a check is silenced without a reason" : undefined;
});

export const checkSkippedTests = nodeRule(
  "skipped-test",
  (node, source) => {
    if (!ts.isCallExpression(node)) return undefined;
    const called = node.expression.getText(source.tree);
    if (/^(test|it|describe)(\.\w+)*\.only$|^f(it|describe)$/.test(called))
      return `${called}() keeps the other tests from running`;
    if (!/^(test|it|describe)(\.\w+)*\.(skip|todo)$|^x(it|test|describe)$/.test(called)) return undefined;
    return hasReason(node, source) ? undefined : `${called}() needs its reason in a comment above it`;
  },
  (path) => path.startsWith("tests/"),
);

function hasReason(node: ts.Node, source: Source): boolean {
  let statement = node;
  while (!ts.isStatement(statement)) statement = statement.parent;
  return ts.getLeadingCommentRanges(source.text, statement.getFullStart()) !== undefined;
}
