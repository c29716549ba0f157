// Does a node whose kernel ends again and again come up in safe mode, counted by nobody but its own boot record?

import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { BenchNode } from "sim/bench/node";
import { startUpdateWorker, UpdateNode } from "tests/update-node";

let bench: BenchNode;
let node: UpdateNode;
let index = 0;

beforeAll(() => {
  bench = startUpdateWorker();
});
afterAll(() => bench.stop());
beforeEach(async () => {
  node = await UpdateNode.boot(bench, index++);
});

/** The kernel gives up when the reincarnation server cannot be kept alive. */
async function endKernel(): Promise<void> {
  for (let fault = 0; fault < 4; fault++) {
    await node.kill("reincarnation");
    await node.advance(10);
  }
  expect(await node.isDark()).toBe(true);
}

async function services(): Promise<string[]> {
  return Object.keys(await node.modules());
}

test("the third end in a row brings it up in safe mode, and an operator's cut of the power out of it", async () => {
  for (const end of [1, 2, 3]) {
    expect(await services()).toContain("one");
    await endKernel();
    await node.boot();
    if (end < 3) expect(await services()).toContain("reincarnation");
  }
  expect(await services()).not.toContain("one");
  await expect(node.ask("faults")).rejects.toThrow("safe mode");
  await node.cutPower();
  await node.boot();
  expect(await services()).toContain("one");
});

test("an end after ten minutes begins the count anew", async () => {
  await endKernel();
  await node.boot();
  await node.advance(600_000);
  await endKernel();
  await node.boot();
  await endKernel();
  await node.boot();
  expect(await services()).toContain("one");
  await endKernel();
  await node.boot();
  expect(await services()).not.toContain("one");
});
