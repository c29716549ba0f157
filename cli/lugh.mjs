#!/usr/bin/env node
// Starts `lugh`: makes sure that what it runs is built from the sources as they are now (a fraction of a second when they
// are), then hands over. What the build has to say goes to standard error, so that `--json` stays clean.

import "../tools/bootstrap/node-version.mjs";

const { bootstrap } = await import("../tools/bootstrap/main.mjs");
const exitCode = await bootstrap(["types", "image", "page"]);

if (exitCode === 0) {
  process.setSourceMapsEnabled(true);
  await import("../build/cli/main.js");
} else {
  process.exitCode = exitCode;
}
