// Runs Jest with modules as modules (Jest needs a flag of Node for that) and without the notice that the flag brings.
//
// `npm test` leaves out tests/system, which needs a broker and a browser from the system; `--system` runs only these, one after
// the other, since they look at live fleets. Other arguments go to Jest as they are: `npm test -- wire`, `npm run test:system -- dev`.

import { spawnSync } from "node:child_process";
import { root } from "./bootstrap/project.mjs";

const systemTests = "tests/system/";
const given = process.argv.slice(2);
const others = given.filter((argument) => argument !== "--system");
const leftOut = ["/node_modules/", "/build/", `/${systemTests}`];
// Jest itself would leave one of two cores idle.
const selection = given.includes("--system")
  ? [`--roots=${systemTests}`, "--runInBand"]
  : [...leftOut.map((pattern) => `--testPathIgnorePatterns=${pattern}`), "--maxWorkers=2"];

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
