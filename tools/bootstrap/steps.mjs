// The table of the build: what is made, after what, and from what. The work of each step stands in steps/.

import { filesBelow, fingerprint } from "./fingerprint.mjs";
import { nodeRooms, testServices } from "./project.mjs";
import { areDependenciesInstalled, installDependencies } from "./steps/dependencies.mjs";
import { engineIntegrity, fetchEngine } from "./steps/engine.mjs";
import { buildImages, images } from "./steps/image.mjs";
import { assetFiles, compileJavascript, isSource, sourceFiles } from "./steps/javascript.mjs";
import { buildNative } from "./steps/native.mjs";
import { buildPage } from "./steps/page.mjs";
import { checkProductTypes, checkWholeTypes, productProjects, wholeProjects } from "./steps/types.mjs";

const lock = "package-lock.json";
const imageRecipes = ["steps/image.mjs", "steps/javascript.mjs", "manifest.mjs"].map(
  (file) => `tools/bootstrap/${file}`,
);
const isNative = (file) => /(\.c|\.h|\.cmake|\.S|CMakeLists\.txt)$/.test(file);

export const steps = [
  { name: "dependencies", after: [], run: installDependencies, isFresh: areDependenciesInstalled, key: () => "" },
  {
    name: "engine sources",
    after: [],
    outputs: ["build/engine/package/moddable/xs/sources/xsAll.h"],
    key: () => fingerprint(engineIntegrity, ["tools/bootstrap/steps/engine.mjs"]),
    run: fetchEngine,
  },
  {
    name: "native",
    after: ["engine sources"],
    outputs: ["build/native/bin/lugh-xsc", "build/native/bin/lugh-sim"],
    key: nativeKey,
    run: buildNative,
  },
  {
    name: "javascript",
    after: ["dependencies"],
    outputs: ["build/node_modules/lughos/mod.js"],
    key: () => fingerprint("", [lock, "tools/bootstrap/steps/javascript.mjs", ...sourceFiles(), ...assetFiles()]),
    run: compileJavascript,
  },
  {
    name: "types",
    after: ["dependencies"],
    outputs: [],
    key: () => typesKey(["tsconfig.json", ...productProjects], [...sourceFiles(), ...filesBelow("dashboard/page")]),
    run: checkProductTypes,
  },
  {
    name: "types of tests",
    after: ["types"],
    outputs: [],
    key: () => typesKey(wholeProjects, [...sourceFiles(), ...filesBelow("tests", isSource)]),
    run: checkWholeTypes,
  },
  {
    name: "image",
    after: ["javascript", "native"],
    outputs: images,
    key: () => fingerprint(nativeKey(), [...imageRecipes, ...manifestFiles(), ...nodeSources()]),
    run: buildImages,
  },
  {
    name: "page",
    after: ["dependencies"],
    outputs: ["build/page/index.html"],
    key: () =>
      fingerprint("", [
        lock,
        "tools/bootstrap/steps/page.mjs",
        ...filesBelow("dashboard"),
        ...filesBelow("wire", isSource),
      ]),
    run: buildPage,
  },
];

function nativeKey() {
  const recipe = `${engineIntegrity} ${process.env.CC ?? "cc"} ${process.arch}`;
  return fingerprint(recipe, ["tools/bootstrap/steps/native.mjs", "CMakeLists.txt", ...filesBelow("hosts", isNative)]);
}

function manifestFiles() {
  return ["manifest.json", ...filesBelow("hosts", (file) => file.endsWith("/manifest.json"))];
}

function nodeSources() {
  return [...nodeRooms, testServices].flatMap((room) => filesBelow(room, isSource));
}

function typesKey(projects, files) {
  return fingerprint("", [lock, "tools/bootstrap/steps/types.mjs", ...projects, ...files]);
}
