// Reads the imports of a file from its syntax tree: static, re-exporting, dynamic and in types.

import { lineOf, type Project, type Source, walk } from "tools/tidy/project";
import ts from "typescript";

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Nothing of it is left when the program runs. */
  readonly isTypeOnly: boolean;
}

export function importsOf(source: Source): Import[] {
  const imports: Import[] = [];
  walk(source.tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      imports.push({ specifier, line: lineOf(source, node), isTypeOnly: isTypeOnly(node) });
    }
  });
  return imports;
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literal(node.argument.literal);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return literal(node.arguments[0]);
  return undefined;
}

function literal(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** Files of the library of services, which has names of its own. */
const libraryNames = new Map([
  ["services/api/mod", "lughos"],
  ["services/api/testing", "lughos/testing"],
]);

/**
 * The bare name under which a file is linked: its path without the extension, but "lughos" for the library of services, and
 * "host/…" for what the machine layer brings (what a host binds has one name whatever the host).
 */
export function moduleName(path: string): string {
  const name = path.replace(/\.ts$/, "").replace(/^hosts\/xs\//, "host/");
  return libraryNames.get(name) ?? name;
}

/** The file a bare name stands for, when it is one of ours. */
export function findSource(project: Project, specifier: string): Source | undefined {
  return project.sources.find(({ path }) => moduleName(path) === specifier || path === `${specifier}.ts`);
}
