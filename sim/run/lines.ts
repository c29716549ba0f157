// Where a line of byte-code comes from. The machine layer tells module and line of the JavaScript; people read TypeScript.

import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { Clone } from "sim/run/clone";
import type { CompiledModule } from "sim/run/compile";
import { shortPath } from "sim/run/problem";

export interface Place {
  /** Absolute. */
  readonly file: string;
  readonly line: number;
}

interface Mapped {
  readonly file: string;
  readonly map: SourceMap;
}

export class LineMap {
  readonly #clone: Clone;
  readonly #compiled: ReadonlyMap<string, CompiledModule>;
  readonly #maps = new Map<string, Mapped | undefined>();

  constructor(clone: Clone, modules: readonly CompiledModule[]) {
    this.#clone = clone;
    this.#compiled = new Map(modules.map((module) => [module.name, module]));
  }

  /** undefined for what was not made from TypeScript. */
  locate(module: string, line: number): Place | undefined {
    const mapped = this.#open(module);
    if (mapped === undefined) return undefined;
    // Columns are not recorded: the first thing on the line decides.
    for (let column = 0; column < 200; column++) {
      const entry = mapped.map.findEntry(line - 1, column);
      if ("originalLine" in entry && entry.generatedLine === line - 1)
        return { file: mapped.file, line: entry.originalLine + 1 };
    }
    return { file: mapped.file, line };
  }

  /**
   * A text of the engine, with each `module:line` and module of a desk in it as the TypeScript that it was made from, and
   * without the functions on the stack that are the engine's own.
   */
  translate(text: string): string {
    const placed = text
      .replace(/^ at \(anonymous\)$\n?/gm, "")
      .trimEnd()
      .replace(/([\w./-]+):(\d+)(?=[),]|$)/gm, (whole, module: string, line: string) => {
        const place = this.locate(module, Number(line));
        return place === undefined ? whole : `${shortPath(place.file)}:${place.line}`;
      });
    return placed.replace(/\bdesk\/[\w./-]*\w/g, (name) => {
      const path = this.#compiled.get(name)?.path;
      return path === undefined ? name : shortPath(path);
    });
  }

  /** The innermost place that a text of the engine names within files that `accepts`. */
  firstPlace(text: string, accepts: (file: string) => boolean): Place | undefined {
    for (const [, module = "", line] of text.matchAll(/([\w./-]+):(\d+)(?=[),]|$)/gm)) {
      const place = this.locate(module, Number(line));
      if (place !== undefined && accepts(place.file)) return place;
    }
    return undefined;
  }

  /** The TypeScript of a module; its name for what was not made from any. */
  fileOf(module: string): string {
    return this.#open(module)?.file ?? module;
  }

  #open(module: string): Mapped | undefined {
    if (!this.#maps.has(module)) this.#maps.set(module, this.#read(module));
    return this.#maps.get(module);
  }

  #read(module: string): Mapped | undefined {
    const compiled = this.#compiled.get(module);
    const built = this.#clone.modules.get(module);
    const javascript = compiled?.javascript ?? (built === undefined ? undefined : join(this.#clone.root, built));
    if (javascript === undefined) return undefined;
    const payload = JSON.parse(readFileSync(`${javascript}.map`, "utf8"));
    return {
      file: compiled?.path ?? resolve(dirname(javascript), payload.sources[0]),
      map: new SourceMap(payload),
    };
  }
}
