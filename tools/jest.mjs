// Runs Jest with modules as modules (Jest needs a flag of Node for that) and without the notice that the flag brings.
//
// `npm test` leaves out tests/system, which needs a broker and a browser from the system; `--system` runs only these. Other
// arguments go to Jest as they are: `npm test -- wire`.

import { spawnSync } from "node:child_process";
import { root } from "./bootstrap/project.mjs";

const systemTests = "/tests/system/";
const given = process.argv.slice(2);
const others = given.filter((argument) => argument !== "--system");
const selection = given.includes("--system")
  ? ["--testPathPatterns", systemTests]
  : ["/node_modules/", "/build/", systemTests].map((pattern) => `--testPathIgnorePatterns=${pattern}`);

const { status } = spawnSync(process.execPath, ["node_modules/jest/bin/jest.js", ...others, ...selection], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    NODE_OPTIONS:
      `${process.env.NODE_OPTIONS ?? ""} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
  },
});
process.exitCode = status ?? 1;
