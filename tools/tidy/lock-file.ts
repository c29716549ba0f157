// The lock file must serve every machine. npm leaves packages for other platforms out of it when the registry it asked did
// not have them, and `npm ci` then refuses the file everywhere; a package without a digest could be anything.

import { type Project, textOf, type Violation } from "tools/tidy/project";

interface LockedPackage {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function checkLockFile(project: Project): Violation[] {
  const text = textOf(project, "package-lock.json");
  if (text === undefined) return [];
  const packages = (JSON.parse(text) as { packages: Record<string, LockedPackage> }).packages;
  return Object.entries(packages).flatMap(([path, locked]) => [
    ...Object.keys(locked.optionalDependencies ?? {})
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => violation(`"${name}", which ${path} may need on another platform, is not locked`)),
    ...(path !== "" && locked.integrity === undefined ? [violation(`"${path}" has no digest`)] : []),
    ...(locked.resolved !== undefined ? [violation(`"${path}" is bound to one registry: ${locked.resolved}`)] : []),
  ]);
}

/** As Node looks for it: beside the package's own packages first, then folder by folder outwards. */
function isLocked(packages: Readonly<Record<string, LockedPackage>>, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    if (packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === "") return false;
  }
}

function violation(message: string): Violation {
  return { path: "package-lock.json", line: 1, rule: "lock-file", message };
}
