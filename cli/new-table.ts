// Edits the two tables that a service stands in. They are read as what they are and changed as texts, so that comments, order and
// format of everything else stay as somebody left them.

import { Failure } from "cli/failure";
import { entryLines } from "cli/new-files";
import ts from "typescript";

export interface SystemSource {
  readonly text: string;
  /** Names of the services in the table. */
  readonly services: readonly string[];
  /** What the file declares or imports. */
  readonly declared: readonly string[];
}

const file = "firmware/system.ts";
/** Digits of the largest number that a name can hold. */
const longestNumber = 32;

export function readSystem(text: string): SystemSource {
  const source = parse(text);
  const services = entriesOf(source).elements.flatMap((entry) => textProperty(entry, "name") ?? []);
  return { text, services, declared: declaredNames(source) };
}

/** Device ports, as firmware/boot.ts lists them. */
export function readPorts(bootText: string): string[] {
  const list = findVariable(parse(bootText), (declaration) => declaration.name.getText() === "ports");
  if (list === undefined)
    throw new Failure("failed", "Cannot read firmware/boot.ts: wanted the list of ports, found none");
  return list.elements.flatMap((element) => (ts.isStringLiteral(element) ? [element.text] : []));
}

/** The text with the service imported and its entry behind the others. */
export function addToSystem({ text }: SystemSource, name: string, identifier: string): string {
  const source = parse(text);
  const last = entriesOf(source).elements.at(-1) as ts.Expression;
  const column = source.getLineAndCharacterOfPosition(last.getStart(source)).character;
  const end = text.charAt(last.end) === "," ? last.end + 1 : last.end;
  const entry = entryLines(name, identifier).map((line) => `\n${" ".repeat(column)}${line}`);
  const withEntry = `${text.slice(0, last.end)},${entry.join("")}${text.slice(end)}`;
  const at = importPlace(source, `services/${name}/service`);
  return `${withEntry.slice(0, at)}import ${identifier} from "services/${name}/service";\n${withEntry.slice(at)}`;
}

/** The manifest's text with the module where the others' order puts it. */
export function addToManifest(text: string, name: string): string {
  const line = (path: string): string => `    "${path}": "./${path}"`;
  const path = `services/${name}/service`;
  const lines = text.split("\n");
  const first = lines.findIndex((each) => /^ {2}"modules": \{$/.test(each)) + 1;
  const count = lines.slice(first).findIndex((each) => /^ {2}\}/.test(each));
  if (first === 0 || count < 1)
    throw new Failure("failed", "Cannot edit manifest.json: wanted its modules, one a line, found another form");
  const later = lines.slice(first, first + count).findIndex((each) => pathOf(each) > `${path}.ts`);
  if (later >= 0) lines.splice(first + later, 0, `${line(path)},`);
  else lines.splice(first + count - 1, 1, `${lines[first + count - 1]},`, line(path));
  return lines.join("\n");
}

/** Names stand in the order of their files. */
function pathOf(line: string): string {
  return `${/: "\.\/([^"]+)"/.exec(line)?.[1] ?? ""}.ts`;
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
}

/** The list of entries: the one whose elements have a name and a module. */
function entriesOf(source: ts.SourceFile): ts.ArrayLiteralExpression {
  const isTable = (list: ts.ArrayLiteralExpression): boolean =>
    list.elements.length > 0 && list.elements.every((entry) => textProperty(entry, "module") !== undefined);
  let found: ts.ArrayLiteralExpression | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isArrayLiteralExpression(node) && isTable(node)) found ??= node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  if (found !== undefined) return found;
  throw new Failure("failed", `Cannot edit ${file}: wanted a list of entries with name and module, found none`);
}

function textProperty(entry: ts.Expression, wanted: string): string | undefined {
  if (!ts.isObjectLiteralExpression(entry)) return undefined;
  for (const property of entry.properties)
    if (ts.isPropertyAssignment(property) && property.name.getText() === wanted)
      return ts.isStringLiteral(property.initializer) ? property.initializer.text : undefined;
  return undefined;
}

function findVariable(
  source: ts.SourceFile,
  isWanted: (declaration: ts.VariableDeclaration) => boolean,
): ts.ArrayLiteralExpression | undefined {
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const declaration of statement.declarationList.declarations) {
      const { initializer } = declaration;
      if (isWanted(declaration) && initializer !== undefined && ts.isArrayLiteralExpression(initializer))
        return initializer;
    }
  }
  return undefined;
}

function declaredNames(source: ts.SourceFile): string[] {
  return source.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText());
    if (ts.isFunctionDeclaration(statement)) return statement.name?.text ?? [];
    const name = ts.isImportDeclaration(statement) ? statement.importClause?.name?.text : undefined;
    return name ?? [];
  });
}

/** Before the first import that comes later in the order that the lint wants, or after all. */
function importPlace(source: ts.SourceFile, specifier: string): number {
  const imports = source.statements.filter(ts.isImportDeclaration);
  const later = imports.find(
    ({ moduleSpecifier }) => ts.isStringLiteral(moduleSpecifier) && isBefore(specifier, moduleSpecifier.text),
  );
  if (later !== undefined) return later.getStart(source);
  const end = imports.at(-1)?.end ?? 0;
  return source.text.indexOf("\n", end) + 1;
}

/** Folder by folder, and numbers by their value: mqtt/x, mqtt-2/x, mqtt-10/x. */
function isBefore(one: string, other: string): boolean {
  const [parts, otherParts] = [sortable(one), sortable(other)];
  const at = parts.findIndex((part, index) => part !== otherParts[index]);
  return at >= 0 && (parts[at] as string) < (otherParts[at] ?? "");
}

function sortable(specifier: string): string[] {
  return specifier.split("/").map((part) => part.replace(/\d+/g, (digits) => digits.padStart(longestNumber, "0")));
}
