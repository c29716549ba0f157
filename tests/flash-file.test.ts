// Does a flash that is kept in a file keep the contract, and does what a sync acknowledged outlive a killed process?

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { BenchNode } from "sim/bench/node";
import { pattern } from "tests/flash-bench";
import { flashClaims } from "tests/flash-conformance";
import { NodeWithFlash, startFlashWorker } from "tests/flash-node";
import { powerClaims } from "tests/flash-power-claims";

const totalBytes = 8 * 1024;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lugh-flash-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function startWith(file: string, options = {}): BenchNode {
  return startFlashWorker({ ...options, file });
}

describe("a flash that is kept in a file", () => {
  let worker: BenchNode;
  let nextNode = 0;

  beforeAll(() => {
    worker = startFlashWorker((node) => ({ file: join(folder, `claims-${node}.flash`) }));
  });

  afterAll(() => worker.stop());

  test.each([...flashClaims, ...powerClaims].map(({ title, run }) => [title, run] as const))(
    "%s",
    (_title, run) => run(() => NodeWithFlash.boot(worker, nextNode++)),
    60_000,
  );
});

test("what was synced is in the file before that is answered, and outlives a killed process; what was not does not", async () => {
  const file = join(folder, "killed.flash");
  const [synced, later] = [pattern(256, 1), pattern(256, 2)];
  const first = startWith(file);
  const flash = await NodeWithFlash.boot(first, 0);
  await flash.program(2048, synced);
  expect(
    readFileSync(file)
      .subarray(2048, 2304)
      .every((byte) => byte === 0xff),
  ).toBe(true);
  await flash.sync();
  expect(new Uint8Array(readFileSync(file).subarray(2048, 2304))).toEqual(synced);
  await flash.program(4096, later);
  process.kill(first.worker.processId, "SIGKILL");
  await first.stop();
  const second = startWith(file);
  try {
    const again = await NodeWithFlash.boot(second, 0);
    expect(await again.read(2048, 256)).toEqual({ bytes: synced });
    expect(await again.read(4096, 256)).toEqual({ bytes: new Uint8Array(256).fill(0xff) });
  } finally {
    await second.stop();
  }
});

test("a file of another size, one in use and one that cannot be made are refused by name", async () => {
  const small = join(folder, "small.flash");
  writeFileSync(small, "too small");
  const shared = join(folder, "shared.flash");
  const owner = startWith(shared);
  await NodeWithFlash.boot(owner, 0);
  const refusals = [
    [small, "it has another size than the flash"],
    [shared, "another process uses it"],
    [join(folder, "none", "there.flash"), "No such file or directory"],
  ] as const;
  try {
    for (const [file, reason] of refusals) {
      const worker = startWith(file);
      await expect(NodeWithFlash.boot(worker, 0)).rejects.toThrow(`Cannot keep flash in ${file}: ${reason}`);
      await worker.stop();
    }
    expect(readFileSync(small, "utf8")).toBe("too small");
    expect(readFileSync(shared)).toHaveLength(totalBytes);
  } finally {
    await owner.stop();
  }
});
