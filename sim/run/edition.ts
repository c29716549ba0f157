// One edition of a service, as its files are at this moment: its own and those of its folder that it imports, as byte-code under
// names of their own, so that they can stand beside the edition that runs. Types are not looked at here: that takes longer than
// an update.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import type { ModuleItem, Program } from "@swc/core";
import type { Clone } from "sim/run/clone";
import { javascriptOptions } from "sim/run/compile";
import { type Entry, resolveImport } from "sim/run/imports";

export interface Edition {
  readonly module: string;
  /** An image that holds its modules. */
  readonly image: string;
  remove(): void;
}

/** Throws an Error that says what the compiler does not understand. `files` is given each file that went into it, or should have. */
export async function compileEdition(
  file: string,
  service: string,
  clone: Clone,
  files: Set<string>,
): Promise<Edition> {
  const folder = mkdtempSync(join(tmpdir(), "lugh-dev-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const image = join(folder, "edition.xsi");
  try {
    // Names never come again, not even after another `lugh dev`.
    const writer = new EditionWriter(file, `desk/${service}/${Date.now().toString(36)}`, folder, clone, files);
    const modules = await writer.write();
    await run(clone.compiler, ["-o", image, ...modules]);
    return { module: writer.module, image, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

class EditionWriter {
  readonly module: string;
  readonly #entry: Entry;
  readonly #folder: string;
  readonly #clone: Clone;
  readonly #files: Set<string>;
  readonly #waiting: string[];

  constructor(file: string, module: string, folder: string, clone: Clone, files: Set<string>) {
    this.#entry = { path: file, kind: "service" };
    this.module = module;
    this.#folder = folder;
    this.#clone = clone;
    this.#files = files;
    this.#waiting = [file];
  }

  /** JavaScript of all of them; answers what lugh-xsc wants to hear: "name=path" each. */
  async write(): Promise<readonly string[]> {
    const swc = await import("@swc/core");
    const { parser } = javascriptOptions.jsc ?? {};
    const modules: string[] = [];
    const seen = new Set<string>();
    for (let path = this.#waiting.pop(); path !== undefined; path = this.#waiting.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      this.#files.add(path);
      const program = swc.parseSync(readFileSync(path, "utf8"), parser ?? { syntax: "typescript" });
      this.#rename(program, path);
      const { code } = swc.transformSync(program, { ...javascriptOptions, filename: path });
      const javascript = join(this.#folder, `${modules.length}.js`);
      writeFileSync(javascript, code);
      modules.push(`${this.#nameOf(path)}=${javascript}`);
    }
    return modules;
  }

  /** What it imports of its own folder becomes a part of the edition, and has its name there. */
  #rename(program: Program, importer: string): void {
    for (const item of program.body as readonly ModuleItem[]) {
      if (!isImport(item) || item.source === undefined || item.source === null) continue;
      const resolution = resolveImport(item.source.value, importer, this.#entry, this.#clone);
      const { value } = item.source;
      if (resolution.as === "refused") throw new Error(`${importer}: Cannot import "${value}": ${resolution.reason}`);
      if (resolution.as === "source") this.#waiting.push(resolution.path);
      const name = resolution.as === "source" ? this.#nameOf(resolution.path) : resolution.name;
      Object.assign(item.source, { value: name, raw: JSON.stringify(name) });
    }
  }

  #nameOf(path: string): string {
    if (path === this.#entry.path) return this.module;
    return `${this.module}/${relative(dirname(this.#entry.path), path).replace(/\.ts$/, "")}`;
  }
}

type Import = Extract<ModuleItem, { source?: unknown }>;

/** Of what is left when the types are gone. */
function isImport(item: ModuleItem): item is Import {
  if (item.type === "ImportDeclaration") return !item.typeOnly;
  if (item.type === "ExportNamedDeclaration") return !(item as { readonly typeOnly?: boolean }).typeOnly;
  return item.type === "ExportAllDeclaration";
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(complaint.trim() || `it ended with ${code}`)),
    );
  });
}
