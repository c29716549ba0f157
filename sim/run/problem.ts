// What is wrong with a source, told as people look for it: file, line and column, the line itself and a mark under it.

import { relative } from "node:path";

export interface Problem {
  /** Absolute. */
  readonly file: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** Characters of the line that it is about. */
  readonly length: number;
  readonly message: string;
  /** The whole line. */
  readonly source: string;
}

/** A source that cannot be compiled. The message is for people: all problems, one below the other. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n\n"));
    this.problems = problems;
  }
}

/** The place of `start` in a text. */
export function problemAt(file: string, text: string, start: number, length: number, message: string): Problem {
  const before = text.slice(0, start).split("\n");
  const line = before.length;
  const column = (before.at(-1) ?? "").length + 1;
  const source = (text.split("\n")[line - 1] ?? "").replace(/\r$/, "");
  return { file, line, column, length: Math.max(1, Math.min(length, source.length - column + 1)), message, source };
}

/** A tab keeps its width under the line, so that the mark stands where it should. */
export function formatProblem({ file, line, column, length, message, source }: Problem): string {
  const number = String(line).padStart(5);
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, " ");
  return [
    `${shortPath(file)}:${line}:${column}: ${message}`,
    `${number} | ${source}`,
    `${" ".repeat(number.length)} | ${indent}^${"~".repeat(length - 1)}`,
  ].join("\n");
}

/** As it would be typed from where one stands; what lies elsewhere keeps its whole path. */
export function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}
