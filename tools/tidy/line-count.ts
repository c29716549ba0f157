// Counts lines that hold code: neither blank nor comment alone. The kernel has a limit, because a kernel that can be read
// in an afternoon is the argument for trusting it; the machine layer is reported beside it.

import { isIn, type Project, type Violation } from "tools/tidy/project";
import ts from "typescript";

/** DESIGN: the kernel has at most 1,500 lines of TypeScript. */
export const kernelLineLimit = 1500;

export interface LineCounts {
  readonly kernelTypeScript: number;
  readonly machineLayerTypeScript: number;
  readonly machineLayerC: number;
}

export function countLines({ sources, texts }: Project): LineCounts {
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  const countIn = (folder: string) =>
    sum(sources.filter(({ path }) => isIn(path, folder)).map(({ text }) => countTypeScript(text)));
  const c = texts.filter(({ path }) => isIn(path, "hosts/xs") && !isIn(path, "hosts/xs/test") && /\.[ch]$/.test(path));
  return {
    kernelTypeScript: countIn("kernel"),
    machineLayerTypeScript: countIn("hosts/xs"),
    machineLayerC: sum(c.map(({ text }) => countC(text))),
  };
}

export function checkKernelSize(project: Project): Violation[] {
  const count = countLines(project).kernelTypeScript;
  if (count <= kernelLineLimit) return [];
  const message = `wanted at most ${kernelLineLimit} lines of code in the kernel, found ${count}`;
  return [{ path: "kernel", line: 1, rule: "kernel-size", message }];
}

function countTypeScript(text: string): number {
  const tree = ts.createSourceFile("counted.ts", text, ts.ScriptTarget.ES2022);
  const lines = new Set<number>();
  const visit = (node: ts.Node) => {
    const children = node.getChildren(tree);
    if (children.length === 0 && node.kind !== ts.SyntaxKind.EndOfFileToken) {
      const first = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line;
      const last = tree.getLineAndCharacterOfPosition(node.getEnd()).line;
      for (let line = first; node.getWidth(tree) > 0 && line <= last; line++) lines.add(line);
    }
    for (const child of children) visit(child);
  };
  visit(tree);
  return lines.size;
}

/** Lines of code in C. Strings are matched before comments, so that a comment mark inside a string stays. */
export function countC(text: string): number {
  const withoutComments = text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (found, kept) => (kept === undefined ? found.replace(/[^\n]/g, "") : found),
  );
  return withoutComments.split("\n").filter((line) => line.trim() !== "").length;
}
