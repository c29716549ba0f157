// The npm packages of the lock file, installed without their scripts. Whether they are there is not remembered but read:
// npm writes what it installed to node_modules/.package-lock.json as its last act.

import { mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { npm } from "../command.mjs";
import { pathOf } from "../project.mjs";

/** `npx lugh` finds the program here; npm links the programs of packages, but not those of the project itself. */
const link = pathOf("node_modules/.bin/lugh");
const linkTarget = "../../cli/lugh.mjs";

export function areDependenciesInstalled() {
  return isLinked() && matchesLock();
}

export async function installDependencies() {
  if (!matchesLock()) await npm(["ci", "--ignore-scripts"]);
  if (isLinked()) return;
  mkdirSync(pathOf("node_modules/.bin"), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(linkTarget, link);
}

function matchesLock() {
  const installed = readPackages("node_modules/.package-lock.json");
  const wanted = readPackages("package-lock.json");
  if (installed === undefined || wanted === undefined) return false;
  const isSame = (name) =>
    installed[name]?.integrity === wanted[name].integrity && installed[name]?.version === wanted[name].version;
  const isOptional = (name) => wanted[name].optional === true || wanted[name].devOptional === true;
  const names = Object.keys(wanted).filter((name) => name !== "");
  return names.every((name) => isSame(name) || (installed[name] === undefined && isOptional(name)));
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(pathOf(file), "utf8")).packages;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isLinked() {
  try {
    return readlinkSync(link) === linkTarget;
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "EINVAL") return false;
    throw error;
  }
}
