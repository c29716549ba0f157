// Files that import each other in a circle cannot be read, tested or replaced one by one. Imports of types count: a circle
// of types is a circle of thoughts. Each circle is told once, at the file of it that comes first.

import { findSource, importsOf } from "tools/tidy/imports";
import type { Project, Violation } from "tools/tidy/project";

export function checkCircles(project: Project): Violation[] {
  const graph = new Map(project.sources.map((source) => [source.path, targetsOf(project, source.path)]));
  const violations: Violation[] = [];
  const told = new Set<string>();
  for (const start of [...graph.keys()].sort()) {
    const circle = told.has(start) ? undefined : shortestCircle(graph, start);
    if (circle === undefined) continue;
    for (const path of circle) told.add(path);
    violations.push({ path: start, line: 1, rule: "circle", message: [...circle, start].join(" imports ") });
  }
  return violations;
}

function targetsOf(project: Project, path: string): string[] {
  const source = project.sources.find((each) => each.path === path);
  if (source === undefined) return [];
  return importsOf(source).flatMap(({ specifier }) => findSource(project, specifier)?.path ?? []);
}

/** Breadth first from the file back to itself. */
function shortestCircle(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const trails = [[start]];
  const seen = new Set<string>();
  for (let trail = trails.shift(); trail !== undefined; trail = trails.shift()) {
    for (const target of graph.get(trail[trail.length - 1] ?? start) ?? []) {
      if (target === start) return trail;
      if (seen.has(target)) continue;
      seen.add(target);
      trails.push([...trail, target]);
    }
  }
  return undefined;
}
