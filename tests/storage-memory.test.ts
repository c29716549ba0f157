// Does the storage service get along with the memory that the system table gives it, whatever is kept and asked of it? A machine
// that needs more ends as a fault, and whoever asked is answered "dead".

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { storageLimits } from "services/api/storage";
import { type Answer, NodeWithStorage } from "tests/storage-node";

/** The log has 184 sectors of 4 KB: enough for what these tests keep. */
const flash = { sectors: 256 };
/** What one operation may hold there, less a little. */
const operationBytes = 3_900;

let node: NodeWithStorage;

beforeAll(async () => {
  node = await NodeWithStorage.boot(flash);
});

afterAll(() => node.stop());

/** As many as one operation takes, each with a key of this length. */
function entries(first: number, keyLength: number): { key: string; value: Uint8Array }[] {
  const valueBytes = Math.floor(operationBytes / storageLimits.operations) - keyLength - 3;
  return Array.from({ length: storageLimits.operations }, (_, index) => ({
    key: `other/${first + index}`.padEnd(keyLength, "k"),
    value: new Uint8Array(Math.max(0, valueBytes)).fill(index),
  }));
}

const apply = (first: number, keyLength: number): Promise<Answer> =>
  node.ask("other", "apply", { operations: entries(first, keyLength) }, 4_000);

test.each([12, 40, storageLimits.keyLength - 8])(
  "storage takes transactions of as much as they may hold, with keys of %d characters",
  async (keyLength) => {
    for (let turn = 0; turn < 24; turn++) expect(await apply(turn * 40, keyLength)).toEqual({});
  },
);

test("storage holds four open transactions of as much as they may hold, and serves others meanwhile", async () => {
  const open: number[] = [];
  for (let count = 0; count < storageLimits.transactions; count++) {
    const { transaction } = await node.ask("other", "begin");
    open.push(Number(transaction));
    for (const entry of entries(10_000 + count * 100, 40))
      expect(await node.ask("other", "put", { ...entry, transaction }, 10)).toEqual({});
    expect(await apply(20_000 + count * 64, 40)).toEqual({});
  }
  for (const transaction of open)
    expect(await node.ask("other", "list", { prefix: "other/", transaction }, 10)).toMatchObject({ isComplete: false });
  // The first ones began before more was changed than is remembered.
  expect(await node.ask("other", "commit", { transaction: open[0] }, 1_000)).toMatchObject({ error: "conflict" });
  expect(await node.ask("other", "commit", { transaction: open[3] }, 1_000)).toEqual({});
});
