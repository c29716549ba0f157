// Builds the machine layer for another processor and runs its tests there, under an emulator (qemu-user): does it compile,
// does a write into the shared root end one machine there too, and how large is a machine?
//
//   node tools/cross.mjs [TARGET ...]      all targets unless some are named
//
// What passes was emulated: it says nothing about speed, and nothing about a real chip's caches. Wanted from Debian:
// qemu-user-static, and of each target gcc-<triple> and libc6-dev-<architecture>-cross.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./bootstrap/project.mjs";

const targets = {
  aarch64: { compiler: "aarch64-linux-gnu-gcc", emulator: "qemu-aarch64-static" },
  armhf: { compiler: "arm-linux-gnueabihf-gcc", emulator: "qemu-arm-static", processor: "arm" },
  i686: { compiler: "i686-linux-gnu-gcc", emulator: "qemu-i386-static" },
};

/** What runs there. Each says "N passed, N failed" but the audit, which answers by its exit code. */
const programs = [["machine-test", "--brief"], ["body-test"], ["audit-bench", "--programs", "1000"]];

const isInstalled = (program) =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));

function run(command, parameters) {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, { cwd: root, encoding: "utf8" });
  if (error) throw error;
  return { isWell: status === 0, output: `${stdout}${stderr}` };
}

function build(name, { compiler, emulator, processor = name }) {
  const folder = `build/cross-${name}`;
  const settings = {
    CMAKE_SYSTEM_NAME: "Linux",
    CMAKE_SYSTEM_PROCESSOR: processor,
    CMAKE_C_COMPILER: compiler,
    CMAKE_EXE_LINKER_FLAGS: "-static",
    CMAKE_CROSSCOMPILING_EMULATOR: emulator,
  };
  const definitions = Object.entries(settings).map(([key, value]) => `-D${key}=${value}`);
  for (const step of [
    ["-S", ".", "-B", folder, ...definitions],
    ["--build", folder, "--parallel", "2", "--target", ...programs.map(([program]) => program)],
  ]) {
    const { isWell, output } = run("cmake", step);
    if (!isWell) throw new Error(`Cannot build for ${name}:\n${output}`);
  }
  return folder;
}

function test(name, target) {
  const missing = [target.compiler, target.emulator, "cmake"].filter((program) => !isInstalled(program));
  if (missing.length > 0) throw new Error(`Cannot build for ${name}: ${missing.join(" and ")} not found`);
  const folder = build(name, target);
  let failures = 0;
  for (const [program, ...parameters] of programs) {
    const { isWell, output } = run(target.emulator, [join(root, folder, "bin", program), ...parameters]);
    console.log(`${name}, emulated by ${target.emulator}: ${program}\n${output.trim().replaceAll(/^/gm, "  ")}`);
    if (!isWell) failures++;
  }
  return failures;
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(targets, name));
if (unknown !== undefined) {
  console.error(`Cannot build for ${unknown}: wanted one of ${Object.keys(targets).join(", ")}`);
  process.exit(2);
}
const chosen = wanted.length > 0 ? wanted : Object.keys(targets);
const failed = chosen.reduce((count, name) => count + test(name, targets[name]), 0);
console.log(`${chosen.length * programs.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
