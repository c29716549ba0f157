// Can a machine change what all machines share? A part of what `lugh bench audit` tries; the programs stand in
// hosts/xs/test/audit.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { benchAudit } from "sim/bench/audit";

const TEST_TIMEOUT_MILLIS = 60_000;
const programs = 4_000;

test(
  "the shared root cannot be changed, and what the scan lets pass does not even fault",
  async () => {
    const figures = await benchAudit(programs);
    expect(figures).toMatchObject({ programs, visibleToSibling: 0, changedWithoutFault: 0, processDeaths: 0 });
    expect(figures.throws + figures.noEffect + figures.faults).toBe(programs);
    expect(figures.faultsOfAllowedKinds).toBe(0);
    // Kinds that the scan refuses are tried too; if they did not fault, the audit would not look where it should.
    expect(figures.faults).toBeGreaterThan(0);
    expect(figures.withoutProtection.changed).toBeGreaterThan(0);
  },
  TEST_TIMEOUT_MILLIS,
);

test("the audit notices a change that no fault announced", () => {
  const { LUGH_NATIVE_DIR: nativeFolder = "build/native" } = process.env;
  const { status, stdout, stderr } = spawnSync(
    join(nativeFolder, "bin/audit-bench"),
    ["--json", "--programs", "500", "--plant"],
    {
      encoding: "utf8",
    },
  );
  expect(stderr).toContain("array is not as it was");
  expect(JSON.parse(stdout)).toMatchObject({ visibleToSibling: 1 });
  expect(status).toBe(1);
});
