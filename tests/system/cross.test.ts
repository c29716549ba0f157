// Does the machine layer hold on other processors? Emulated: it shows that it compiles and behaves, not how fast.
import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";

const TEST_TIMEOUT_MILLIS = 400_000; // a minute each alone, most of it building

test.each([
  ["aarch64", "64 bit"],
  ["i686", "32 bit"],
])(
  "on %s a write into the shared root ends one machine, and the machine layer passes its tests",
  (target, width) => {
    const { stdout, stderr } = spawnSync(process.execPath, ["tools/cross.mjs", target], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      new RegExp(`${target}, emulated by qemu-.*: machine-test\\n[^]*on ${width}\\n[^]* passed, 0 failed\\n`),
    );
    expect(stdout).toMatch(/^3 passed, 0 failed$/m);
  },
  TEST_TIMEOUT_MILLIS,
);
