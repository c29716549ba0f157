// What the rules look at: the texts of the project, the TypeScript among them parsed once. A project is made from a map of
// paths to texts, so that a test can plant a violation without a file.

import ts from "typescript";

export interface SourceText {
  /** Relative to the root of the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Source extends SourceText {
  readonly tree: ts.SourceFile;
}

export interface Project {
  readonly texts: readonly SourceText[];
  readonly sources: readonly Source[];
}

export interface Violation {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

export type Rule = (project: Project) => Violation[];

export function createProject(texts: ReadonlyMap<string, string>): Project {
  const all = [...texts].map(([path, text]) => ({ path, text }));
  return { texts: all, sources: all.filter(({ path }) => path.endsWith(".ts")).map(parse) };
}

function parse({ path, text }: SourceText): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) };
}

/** Text of one file; undefined when the project has no such file. */
export function textOf(project: Project, path: string): string | undefined {
  return project.texts.find((each) => each.path === path)?.text;
}

export function isIn(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** Folders whose TypeScript runs on a node. */
export const nodeFolders = Object.freeze(["kernel", "services", "wire", "firmware", "hosts/xs"]);

export function isOnNode(path: string): boolean {
  return nodeFolders.some((folder) => isIn(path, folder));
}

/** Calls `visit` for each node of the tree, from the outside in. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export function lineOf(source: Source, node: ts.Node): number {
  return source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1;
}

/** A rule that judges one node of one file at a time: it answers a message, or undefined when all is well. */
export function nodeRule(
  rule: string,
  judge: (node: ts.Node, source: Source) => string | undefined,
  covers: (path: string) => boolean = () => true,
): Rule {
  return ({ sources }) => {
    const violations: Violation[] = [];
    for (const source of sources.filter(({ path }) => covers(path))) {
      walk(source.tree, (node) => {
        const message = judge(node, source);
        if (message !== undefined) violations.push({ path: source.path, line: lineOf(source, node), rule, message });
      });
    }
    return violations;
  };
}
