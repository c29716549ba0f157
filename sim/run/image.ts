// An image for one run: the firmware's modules as the build left them, and what was compiled for the run beside or instead.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clone } from "sim/run/clone";
import type { CompiledModule } from "sim/run/compile";
import type { LineMap } from "sim/run/lines";

export interface Image {
  readonly path: string;
  remove(): void;
}

/** `written`: modules made up for the run, as JavaScript by their names. */
export async function buildImage(
  clone: Clone,
  modules: readonly CompiledModule[],
  written: ReadonlyMap<string, string>,
  lines: LineMap,
): Promise<Image> {
  const folder = mkdtempSync(join(tmpdir(), "lugh-desk-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const all = new Map(clone.modules);
    for (const { name, javascript } of modules) all.set(name, javascript);
    [...written].forEach(([name, text], index) => {
      all.set(name, join(folder, `${index}.js`));
      writeFileSync(join(folder, `${index}.js`), text);
    });
    writeFileSync(join(folder, "modules.list"), [...all].map(([name, path]) => `${name}=${path}\n`).join(""));
    const path = join(folder, "desk.xsi");
    const complaint = await run(clone.compiler, ["-o", path, `@${join(folder, "modules.list")}`], clone.root);
    if (complaint !== "") throw new Error(translateComplaint(complaint, modules, lines));
    return { path, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** What the program had to say before it failed; "" when it did not. */
function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString("utf8")));
    child.on("error", (error) => reject(new Error(`Cannot run ${program}: ${error.message}`)));
    child.on("close", (code, signal) =>
      resolve(code === 0 ? "" : complaint.trim() || `${program} ended with ${signal ?? code}`),
    );
  });
}

/** The engine's parser knows a little less than TypeScript lets pass; it names the JavaScript. */
function translateComplaint(complaint: string, modules: readonly CompiledModule[], lines: LineMap): string {
  return modules.reduce(
    (text, { name, javascript }) =>
      text.replaceAll(
        new RegExp(`${javascript.replace(/[.]/g, "\\.")}:(\\d+): `, "g"),
        (_whole, line: string) => `${lines.translate(`${name}:${line}`)}: the engine cannot compile this: `,
      ),
    complaint,
  );
}
