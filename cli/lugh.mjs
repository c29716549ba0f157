#!/usr/bin/env node
// Starts `lugh`: makes sure that what it runs is built from the sources as they are now (a fraction of a second when they
// are), then hands over. What the build has to say goes to standard error, so that `--json` stays clean.

import "../tools/bootstrap/node-version.mjs";

const { bootstrap } = await import("../tools/bootstrap/main.mjs");
// What works on one file checks the types of that file itself, and shows where a mistake is.
const forOneFile = ["run", "test", "new"];
const isForOneFile = forOneFile.includes(process.argv[2] ?? "");
const exitCode = await bootstrap(isForOneFile ? ["image"] : ["types", "image", "page"]);

if (exitCode === 0) {
  process.setSourceMapsEnabled(true);
  await import("../build/cli/main.js");
} else {
  process.exitCode = exitCode;
}
