// Brings a clone to the state in which everything can run: dependencies, engine, native parts, JavaScript, image, page.
//
// Plain JavaScript for the Node that is there, because nothing else is built yet. With step names as arguments only these
// and what they need are made: `node tools/bootstrap.mjs javascript`. Progress goes to standard error; when all is up to
// date nothing is printed.

import "./bootstrap/node-version.mjs";

const { bootstrap } = await import("./bootstrap/main.mjs");
process.exitCode = await bootstrap(process.argv.slice(2));
