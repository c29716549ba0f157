// TypeScript to JavaScript, file by file, into build/ with the layout of the sources. The same compiler and target run in
// the tests (jest.config.mjs), so that what was tested is what is built. Types are checked by a step of their own.
//
// Each room becomes a package that is linked into build/node_modules: that is how the bare names ("wire/cbor") resolve under
// Node. The name "lughos" is a package of one file, because a package cannot export a file outside itself.

import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { BuildError } from "../command.mjs";
import { filesBelow } from "../fingerprint.mjs";
import { pathOf, rooms, testServices } from "../project.mjs";

/** Rooms that run under Node only; the files beside their code (records, worlds) are copied along. */
const assetRooms = ["sim", "cli"];

export function isSource(file) {
  return file.endsWith(".ts") && !file.endsWith(".d.ts") && !file.startsWith("dashboard/page/");
}

export function sourceFiles() {
  return [...rooms, testServices].flatMap((room) => filesBelow(room, isSource));
}

export function assetFiles() {
  return assetRooms.flatMap((room) => filesBelow(room, (file) => !/\.(ts|mjs|md)$/.test(file)));
}

export async function compileJavascript() {
  const { transformSync } = await import("@swc/core");
  // `lugh` compiles with them, too.
  const options = JSON.parse(readFileSync(pathOf("sim/run/javascript.json"), "utf8"));
  const failures = [];
  for (const file of sourceFiles()) {
    try {
      compileFile(file, (text, filename) => transformSync(text, { ...options, filename }));
    } catch (error) {
      failures.push(`${file}: ${error.message}`);
    }
  }
  for (const file of assetFiles()) copyFileSync(pathOf(file), outputPath(file));
  removeOrphans();
  linkRooms();
  if (failures.length > 0) throw new BuildError(failures.join("\n"));
}

function compileFile(file, compile) {
  const output = outputPath(file.replace(/\.ts$/, ".js"));
  const sourceName = pathOf(file);
  const { code, map } = compile(readFileSync(sourceName, "utf8"), sourceName);
  writeFileSync(`${output}.map`, map);
  writeFileSync(output, `${code}//# sourceMappingURL=${basename(output)}.map\n`);
}

function outputPath(file) {
  const output = pathOf("build", file);
  mkdirSync(dirname(output), { recursive: true });
  return output;
}

/** What was built from a file that is gone must not be found by an import any more. */
function removeOrphans() {
  const expected = new Set(sourceFiles().map((file) => file.replace(/\.ts$/, ".js")));
  for (const room of rooms) {
    for (const built of filesBelow(`build/${room}`, (file) => file.endsWith(".js"))) {
      if (expected.has(built.slice("build/".length))) continue;
      rmSync(pathOf(built));
      rmSync(pathOf(`${built}.map`), { force: true });
    }
  }
}

function linkRooms() {
  for (const room of rooms) {
    writePackage(room, { "./*": "./*.js" });
    const link = pathOf("build/node_modules", room);
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(`../${room}`, link);
  }
  writePackage("node_modules/lughos", { ".": "./mod.js" });
  writeFileSync(pathOf("build/node_modules/lughos/mod.js"), 'export * from "services/api/mod";\n');
}

function writePackage(folder, exports) {
  mkdirSync(pathOf("build", folder), { recursive: true });
  writeFileSync(
    pathOf("build", folder, "package.json"),
    `${JSON.stringify({ name: basename(folder), type: "module", exports })}\n`,
  );
}
