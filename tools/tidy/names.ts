// Names that say nothing: of files and of whatever a file declares. What comes from outside (properties of a package's
// objects) is not ours to name and is not looked at.

import { basename } from "node:path";
import { nodeRule, type Project, type Violation } from "tools/tidy/project";
import ts from "typescript";

/** Wrong wherever they stand in a name. */
const emptyWords = /^(utils?|helpers?|managers?|misc)$/;
/** Wrong as the thing itself: `data`, `nodeInfo`, a file `common.ts`; `dataBits` and `commonOptions` say what they are. */
const emptyNouns = /^(data|infos?|common)$/;

export function checkFileNames({ texts }: Project): Violation[] {
  return texts
    .filter(({ path }) => path.split("/").some((part) => isEmptyName(basename(part).replace(/\..*$/, ""))))
    .map(({ path }) => ({ path, line: 1, rule: "name", message: "the name of the file or its folder says nothing" }));
}

export const checkNames = nodeRule("name", (node) => {
  const name = declaredName(node);
  if (name === undefined) return undefined;
  if (isEmptyName(name)) return `"${name}" says nothing: name what it is`;
  if (/[a-z]Impl$/.test(name)) return `"${name}": wanted a name of its own, found the contract's with Impl`;
  if (/^handle[A-Z]/.test(name) && isFunction(node)) return `"${name}": wanted a verb of the glossary, found handle…`;
  return undefined;
});

function isEmptyName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => emptyWords.test(word)) || emptyNouns.test(words[words.length - 1] ?? "");
}

function declaredName(node: ts.Node): string | undefined {
  const isDeclaration =
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node);
  if (!isDeclaration || node.name === undefined) return undefined;
  return ts.isIdentifier(node.name) || ts.isPrivateIdentifier(node.name) ? node.name.text.replace(/^#/, "") : undefined;
}

function isFunction(node: ts.Node): boolean {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isMethodSignature(node)) return true;
  const value = ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) ? node.initializer : undefined;
  return value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value));
}
