// Who may import what. The table is the import law of docs/ARCHITECTURE.md, line by line; the first line whose folder
// matches decides. What ends in "/" is a folder, anything else one module. Nothing but tests and tools reaches into tests or
// tools, because no line names them.

import { type Import, importsOf, moduleName } from "tools/tidy/imports";
import { isIn, type Project, type Source, type Violation } from "tools/tidy/project";

interface Law {
  /** One star stands for one folder, and for the same one in `mayImport`. */
  readonly folder: string;
  readonly mayImport: readonly string[];
  /** Packages of npm and modules of Node. Nothing on a node has a run-time dependency. */
  readonly mayImportPackages?: true;
}

const laws: readonly Law[] = [
  { folder: "wire", mayImport: ["wire/"] },
  { folder: "kernel", mayImport: ["kernel/"] },
  { folder: "services/api", mayImport: ["services/api/", "lughos/testing", "kernel/mod", "wire/"] },
  { folder: "services/sensor/drivers", mayImport: [] },
  { folder: "services/*", mayImport: ["services/*/", "services/api/", "lughos", "wire/"] },
  { folder: "hosts/*", mayImport: ["hosts/*/", "hosts/xs/", "kernel/host", "services/api/", "embedded:"] },
  { folder: "firmware", mayImport: ["firmware/", "kernel/mod", "services/", "lughos", "host/"] },
  {
    folder: "sim",
    mayImport: [
      "sim/",
      "kernel/host",
      "hosts/sim/",
      "firmware/",
      "services/api/",
      "lughos/testing",
      "services/sensor/drivers/",
      "services/storage/",
      "wire/",
    ],
    mayImportPackages: true,
  },
  { folder: "cli", mayImport: ["cli/", "wire/", "sim/", "firmware/", "dashboard/"], mayImportPackages: true },
  { folder: "dashboard", mayImport: ["dashboard/", "wire/"], mayImportPackages: true },
  { folder: "tests", mayImport: [""], mayImportPackages: true },
  { folder: "tools", mayImport: [""], mayImportPackages: true },
];

/** First parts of the bare names that are ours or the platform's; every other bare name is a package. */
const ownNames =
  /^(wire|kernel|services|hosts|host|firmware|sim|cli|dashboard|tests|tools)\/|^lughos(\/testing)?$|^embedded:/;

export function checkImportLaw({ sources }: Project): Violation[] {
  return sources.flatMap((source) => {
    const law = lawFor(source.path);
    if (law === undefined) return [violation(source, 1, "is in a folder that the import law does not know")];
    return importsOf(source).flatMap((each) => {
      const message = judge(each, law);
      return message === undefined ? [] : [violation(source, each.line, message)];
    });
  });
}

function lawFor(path: string): Law | undefined {
  for (const law of laws) {
    const star = path.split("/")[1] ?? "";
    const bind = (pattern: string) => pattern.replace("*", star);
    if (isIn(path, bind(law.folder))) return { ...law, folder: bind(law.folder), mayImport: law.mayImport.map(bind) };
  }
  return undefined;
}

function judge({ specifier }: Import, law: Law): string | undefined {
  if (/^\.{0,2}\//.test(specifier)) return `imports "${specifier}": wanted the bare name of the module, found a path`;
  const name = moduleName(`${specifier}.ts`);
  if (specifier.startsWith("services/api/") && name !== specifier)
    return `imports "${specifier}": its name is "${name}"`;
  if (!ownNames.test(specifier)) {
    return law.mayImportPackages ? undefined : `imports the package "${specifier}": nothing in ${law.folder}/ may`;
  }
  if (law.mayImport.some((allowed) => isAllowed(specifier, allowed))) return undefined;
  const allowed = law.mayImport.length === 0 ? "nothing" : [...new Set(law.mayImport)].join(", ");
  return `imports "${specifier}": ${law.folder}/ may import ${allowed}`;
}

function isAllowed(specifier: string, allowed: string): boolean {
  const isFolder = allowed === "" || allowed.endsWith("/") || allowed.endsWith(":");
  return isFolder ? specifier.startsWith(allowed) : specifier === allowed;
}

function violation(source: Source, line: number, message: string): Violation {
  return { path: source.path, line, rule: "import-law", message };
}
