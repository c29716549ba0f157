// `lugh new`: a service, its test and its place in the system table, ready to be run, tested and started.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "cli/command";
import { Failure } from "cli/failure";
import { serviceText, testText } from "cli/new-files";
import { checkName, importName } from "cli/new-names";
import { addToManifest, addToSystem, readPorts, readSystem } from "cli/new-table";
import type { Output } from "cli/output";
import { findProject } from "cli/project";

interface Change {
  /** Relative to the clone. */
  readonly path: string;
  readonly action: "create" | "edit";
  readonly text: string;
  readonly before: string;
}

// `new` is a word of the language.
export const create: Command = {
  name: "new",
  summary: "write a service, its test and its entry in the system table",
  arguments: ["NAME"],
  options: { "dry-run": { summary: "show what would be written, and write nothing" } },
  explanation: [
    "Writes services/NAME/service.ts and tests/NAME.xs.test.ts, and adds the service to firmware/system.ts and manifest.json.",
    'NAME is words of a-z and 0-9 with "-" between them, at most 31 characters, and free. Nothing is run.',
    "",
    "Example: lugh new peak-counter",
  ].join("\n"),
  async run(invocation, output) {
    const [name = ""] = invocation.positionals;
    const { root } = findProject();
    const changes = planChanges(root, name);
    const isDry = invocation.isSet("dry-run");
    if (!isDry) for (const change of changes) write(root, change);
    if (output.isJson)
      output.json({ name, isDryRun: isDry, files: changes.map(({ path, action }) => ({ path, action })) });
    else print(name, changes, isDry, output);
  },
};

/** Everything is decided before anything is written. */
function planChanges(root: string, name: string): Change[] {
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const system = readSystem(read("firmware/system.ts"));
  checkName(name, [...system.services, ...readPorts(read("firmware/boot.ts"))]);
  const identifier = importName(name, system.declared);
  const servicePath = `services/${name}/service.ts`;
  const testPath = `tests/${name}.xs.test.ts`;
  for (const path of [dirname(servicePath), testPath])
    if (existsSync(join(root, path)))
      throw new Failure("usage", `Cannot make service "${name}": wanted a name that is free, found ${path}`);
  const manifest = read("manifest.json");
  return [
    { path: servicePath, action: "create", text: serviceText(name), before: "" },
    { path: testPath, action: "create", text: testText(name, importName(name, ["expect", "test"])), before: "" },
    { path: "firmware/system.ts", action: "edit", text: addToSystem(system, name, identifier), before: system.text },
    { path: "manifest.json", action: "edit", text: addToManifest(manifest, name), before: manifest },
  ];
}

function write(root: string, { path, text }: Change): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function print(name: string, changes: readonly Change[], isDry: boolean, output: Output): void {
  for (const change of changes) {
    const verb = change.action === "create" ? "write" : "add to";
    output.line(`${isDry ? `would ${verb}` : verb === "write" ? "wrote" : "added to"} ${change.path}`);
    if (isDry) for (const line of addedLines(change)) output.line(output.paint("green", `  + ${line}`));
  }
  if (isDry) return;
  output.line("");
  output.line(`  npx lugh run services/${name}/service.ts      runs it on the desk`);
  output.line(`  npx lugh test tests/${name}.xs.test.ts        tests it`);
  output.line("  npm start                                   has it on every node; npx lugh ps toledo/node-1 shows it");
}

/** Edits only add lines. */
function addedLines({ text, before, action }: Change): string[] {
  const old = action === "create" ? [] : before.split("\n");
  return text.split("\n").filter((line) => {
    const isOld = old[0] === line;
    if (isOld) old.shift();
    return !isOld;
  });
}
