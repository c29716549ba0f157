// What may not stand in any text of the project: markers of unfinished work, paths that exist on one machine only, and files
// that do not say what they are for.

import type { Project, Source, SourceText, Violation } from "tools/tidy/project";
import ts from "typescript";

const marker = /\b(TODO|FIXME|XXX|HACK)\b/;
const machinePath = /(^|[^A-Za-z0-9_.$}])\/(home|root|tmp|work|srv|opt|mnt|Users)\/[A-Za-z]/;

export function checkMarkers(project: Project): Violation[] {
  const comments = project.sources.map((source) => ({ path: source.path, text: commentsOf(source) }));
  const others = project.texts.filter(({ path }) => !path.endsWith(".ts") && !path.endsWith(".json"));
  return [...comments, ...others].flatMap((text) =>
    checkLines(text, marker, {
      rule: "marker",
      message: "unfinished work is told in an issue, not left in the source",
    }),
  );
}

export function checkMachinePaths({ texts }: Project): Violation[] {
  return texts.flatMap((text) =>
    checkLines(text, machinePath, {
      rule: "machine-path",
      message: "a path of one machine does not belong in the project",
    }),
  );
}

/** Each file of code opens with its reason. */
export function checkOpenings({ texts }: Project): Violation[] {
  return texts
    .filter(({ path }) => /\.(ts|mjs|c|h)$/.test(path))
    .filter(({ text }) => !/^(#!.*\n)?\s*\/[/*]/.test(text))
    .map(({ path }) => ({
      path,
      line: 1,
      rule: "opening",
      message: "wanted a first sentence that says what the file is for",
    }));
}

function checkLines(text: SourceText, pattern: RegExp, found: { rule: string; message: string }): Violation[] {
  return text.text
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [{ path: text.path, line: index + 1, ...found }] : []));
}

/** The text with everything but its comments blanked out, so that lines keep their numbers. */
function commentsOf({ text, tree }: Source): string {
  const kept = new Array<string>(text.length).fill(" ");
  for (let index = 0; index < text.length; index++) if (text[index] === "\n") kept[index] = "\n";
  const keep = (start: number, end: number) => {
    for (let index = start; index < end; index++) kept[index] = text[index] ?? " ";
  };
  const visit = (node: ts.Node) => {
    for (const range of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) keep(range.pos, range.end);
    for (const range of ts.getTrailingCommentRanges(text, node.getEnd()) ?? []) keep(range.pos, range.end);
    for (const child of node.getChildren(tree)) visit(child);
  };
  visit(tree);
  return kept.join("");
}
