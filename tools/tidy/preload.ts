// Modules of a node are loaded on the build machine into a root that all machines share read-only. What the engine cannot
// freeze (maps, buffers, dates, pending promises …) would be shared and writable there, so it may not exist at the top level:
// export a function that makes it.

import { isOnNode, lineOf, type Project, type Source, type Violation } from "tools/tidy/project";
import ts from "typescript";

const unfreezable =
  /^(Map|Set|WeakMap|WeakSet|ArrayBuffer|DataView|Date|RegExp|Promise|(Int|Uint)(8|16|32)Array|Uint8ClampedArray|Float(32|64)Array|Big(Int|Uint)64Array)$/;

export function checkPreload({ sources }: Project): Violation[] {
  return sources.filter(({ path }) => isOnNode(path)).flatMap(checkSource);
}

function checkSource(source: Source): Violation[] {
  const violations: Violation[] = [];
  const visit = (node: ts.Node) => {
    const found = describe(node, source.tree);
    if (found !== undefined) {
      const message = `${found} at the top level would be shared by all machines: export a function that makes it`;
      violations.push({ path: source.path, line: lineOf(source, node), rule: "preload", message });
    }
    ts.forEachChild(node, (child) => {
      if (!runsLater(child)) visit(child);
    });
  };
  visit(source.tree);
  return violations;
}

function describe(node: ts.Node, tree: ts.SourceFile): string | undefined {
  if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) return "a regular expression";
  if (ts.isAwaitExpression(node)) return "an await";
  if (ts.isNewExpression(node)) return named(node.expression.getText(tree));
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    return named(node.expression.expression.getText(tree));
  }
  return undefined;
}

function named(typeName: string): string | undefined {
  return unfreezable.test(typeName) ? `a ${typeName}` : undefined;
}

/** Bodies of functions and fields of instances run when they are called, in the machine that calls them. */
function runsLater(node: ts.Node): boolean {
  if (ts.isPropertyDeclaration(node)) {
    return !node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.StaticKeyword);
  }
  return ts.isFunctionLike(node) || ts.isTypeNode(node);
}
