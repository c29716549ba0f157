// The firmware image of this machine: every module of the manifests as XS byte-code, in one file; and the same with the
// services that only tests run. A half-written image never has the final name. Beside it lies the list of what went in, from
// which sim/run makes an image with one service more.

import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { run } from "../command.mjs";
import { filesBelow } from "../fingerprint.mjs";
import { imageModules } from "../manifest.mjs";
import { pathOf, testServices } from "../project.mjs";
import { isSource } from "./javascript.mjs";

const list = "build/firmware.list";

export const images = ["build/firmware.xsi", "build/tests.xsi", list];

export async function buildImages() {
  const modules = imageModules().map(({ name, source }) => `${name}=build/${source}.js`);
  const tested = filesBelow(testServices, isSource).map((file) => file.replace(/\.ts$/, ""));
  await buildImage("build/firmware.xsi", modules);
  await buildImage("build/tests.xsi", [...modules, ...tested.map((name) => `${name}=build/${name}.js`)]);
  writeFileSync(pathOf(list), `${modules.join("\n")}\n`);
}

async function buildImage(image, modules) {
  const partial = `${image}.partial`;
  mkdirSync(pathOf("build"), { recursive: true });
  await run(pathOf("build/native/bin/lugh-xsc"), ["-o", partial, ...modules]);
  renameSync(pathOf(partial), pathOf(image));
}
