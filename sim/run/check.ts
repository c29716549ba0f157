// The cold half of compiling: reads what an entry imports and checks its types, as the build checks what runs on a node,
// without the types of Node. It loads the compiler, which takes longer than all else: sim/run/compile keeps what it found.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clone } from "sim/run/clone";
import { type Entry, moduleName, resolveImport } from "sim/run/imports";
import { type Problem, problemAt } from "sim/run/problem";
import ts from "typescript";

/** A file that is compiled for the entry, with the names that its imports have on a node. */
export interface Source {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** Modules whose default export it imports: of a test, the services. */
  readonly defaultImports: readonly string[];
}

export interface Checked {
  readonly sources: readonly Source[];
  /** Every file of ours that the result depends on. */
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
}

/** All entries in one go: what they share is read once. */
export function check(entries: readonly Entry[], clone: Clone): Checked[] {
  const program = ts.createProgram(
    entries.map(({ path }) => path),
    readOptions(clone),
  );
  return entries.map((entry) => {
    const closure = readClosure(entry, clone);
    const files = closure.sources.map(({ path }) => program.getSourceFile(path)).filter((file) => file !== undefined);
    const found = (diagnose: (file: ts.SourceFile) => readonly ts.Diagnostic[]): Problem[] =>
      files.flatMap(diagnose).map((diagnostic) => describe(diagnostic, entry));
    const syntax = found((file) => program.getSyntacticDiagnostics(file));
    const problems = [syntax, closure.problems].find((some) => some.length > 0);
    return {
      sources: closure.sources,
      files: program
        .getSourceFiles()
        .map(({ fileName }) => fileName)
        .filter((file) => !file.includes("/node_modules/")),
      problems: problems ?? found((file) => program.getSemanticDiagnostics(file)),
    };
  });
}

function readOptions(clone: Clone): ts.CompilerOptions {
  const { config, error } = ts.readConfigFile(join(clone.root, "tsconfig.device.json"), ts.sys.readFile);
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  // Without its own list of files: only what the entries import.
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, clone.root);
  // What is not used yet is no mistake while one tries things out; the lint of the clone finds it.
  return { ...options, noUnusedLocals: false, noUnusedParameters: false };
}

/** "Cannot find name …", with the advice to install the types of what no node has. */
const foreignNames = [2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593];

function describe(diagnostic: ts.Diagnostic, entry: Entry): Problem {
  const { file, start = 0, length = 1, messageText, code } = diagnostic;
  const text = ts.flattenDiagnosticMessageText(messageText, "\n  ");
  const advice = "; a node has neither Node's globals nor a browser's";
  const message = `${foreignNames.includes(code) ? text.replace(/\. .*$/s, advice) : text} (TS${code})`;
  return problemAt(file?.fileName ?? entry.path, file?.text ?? "", start, length, message);
}

interface Closure {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
}

/** The entry and what it imports of its own, in the order in which it is met. */
function readClosure(entry: Entry, clone: Clone): Closure {
  const sources = new Map<string, Source>();
  const problems: Problem[] = [];
  const visit = (path: string): void => {
    if (sources.has(path)) return;
    const text = readFileSync(path, "utf8");
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    const renamed: { start: number; end: number; name: string }[] = [];
    const defaultImports: string[] = [];
    sources.set(path, { name: "", path, text, defaultImports });
    for (const { literal, isDefault } of importsOf(file)) {
      const resolution = resolveImport(literal.text, path, entry, clone);
      const start = literal.getStart(file);
      if (resolution.as === "refused") {
        const message = `Cannot import "${literal.text}": ${resolution.reason}`;
        problems.push(problemAt(path, text, start, literal.end - start, message));
        continue;
      }
      if (isDefault) defaultImports.push(resolution.name);
      if (resolution.name !== literal.text) renamed.push({ start, end: literal.end, name: resolution.name });
      if (resolution.as === "source") visit(resolution.path);
    }
    sources.set(path, {
      name: moduleName(path, entry, clone),
      path,
      text: renamed.reduceRight(
        (all, { start, end, name }) => `${all.slice(0, start)}"${name}"${all.slice(end)}`,
        text,
      ),
      defaultImports,
    });
  };
  visit(entry.path);
  return { sources: [...sources.values()], problems };
}

interface FoundImport {
  readonly literal: ts.StringLiteral;
  readonly isDefault: boolean;
}

/** Those that are left when types are gone. What `import()` asks for while it runs, the machine layer grants or refuses. */
function importsOf(file: ts.SourceFile): FoundImport[] {
  return file.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement) && !statement.isTypeOnly && statement.moduleSpecifier !== undefined)
      return [{ literal: statement.moduleSpecifier as ts.StringLiteral, isDefault: false }];
    if (!ts.isImportDeclaration(statement)) return [];
    const clause = statement.importClause;
    if (clause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
    return [{ literal: statement.moduleSpecifier as ts.StringLiteral, isDefault: clause?.name !== undefined }];
  });
}

/** Where the statement begins that holds this line: the engine tells the last line of it that it came to. */
export function firstLineOf(file: string, line: number): number {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  let first = line;
  const visit = (node: ts.Node): void => {
    const [begin, end] = [lineAt(node.getStart(source)), lineAt(node.end)];
    if (line < begin || line > end) return;
    if (ts.isStatement(node) && !ts.isBlock(node)) first = begin;
    // What stands in a function is not part of the statement around it.
    if (ts.isBlock(node)) first = line;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return first;
}
