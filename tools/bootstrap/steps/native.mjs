// The parts in C, built by CMake: the machine layer, the compile tool lugh-xsc and the simulator's worker.

import { readFileSync, rmSync } from "node:fs";
import { run } from "../command.mjs";
import { pathOf, root } from "../project.mjs";

/** The project is built on machines with two cores; more jobs than that only wait for memory on small ones. */
const jobs = "2";

/** Only what goes wrong is of interest: without these CMake tells each file that it compiles. */
const quiet = ["--log-level=ERROR", "-DCMAKE_RULE_MESSAGES=OFF", "-DCMAKE_TARGET_MESSAGES=OFF"];

export async function buildNative() {
  forgetMovedBuild();
  await run("cmake", ["-S", ".", "-B", "build/native", "-DCMAKE_BUILD_TYPE=Release", ...quiet]);
  await run("cmake", ["--build", "build/native", "--parallel", jobs]);
}

/** CMake keeps absolute paths: a clone that was moved or copied has to be configured anew. */
function forgetMovedBuild() {
  const cache = pathOf("build/native/CMakeCache.txt");
  try {
    if (readFileSync(cache, "utf8").includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${root}\n`)) return;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  rmSync(pathOf("build/native"), { recursive: true, force: true });
}
