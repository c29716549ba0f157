// Does the storage service itself, on the engine and in a node whose power fails in the middle of operations of its flash, keep
// what it answered? The store alone is cut far more often, on Node (tests/system/storage-campaign.test.ts).

import { expect, test } from "@jest/globals";
import { NodeWithStorage } from "tests/storage-node";

const points = ["before", "first-half", "all-but-last", "some-bits", "unstable", "after"] as const;
const ways = ["kept", "lost", "subset"] as const;
const cuts = 72;
const operationsMost = 9;

async function readAll(node: NodeWithStorage): Promise<Map<string, number>> {
  const { entries } = (await node.ask("other", "list", { prefix: "other/" })) as {
    entries: { key: string; value: Uint8Array }[];
  };
  return new Map(entries.map(({ key, value }) => [key, value[0] as number]));
}

test("the service keeps what it answered, whatever operation of its flash the power fails in", async () => {
  const node = await NodeWithStorage.boot({ sectors: 18, sectorBytes: 1_024 });
  const found = new Set<string>();
  try {
    let held = new Map<string, number>();
    for (let cut = 0; cut < cuts; cut++) {
      const { operations } = await node.flash();
      const point = points[cut % points.length];
      const unsynced = ways[cut % ways.length];
      const operation = Number(operations) + 1 + (cut % operationsMost);
      await node.flash({ plan: { operation, happening: "cut", point, unsynced, seed: cut } });
      const { acknowledged, pending } = await putUntilDark(node, held, cut);
      await node.boot();
      const now = await readAll(node);
      expect([acknowledged, pending]).toContainEqual(now);
      found.add(`${point} ${unsynced}`);
      held = now;
    }
    expect(found.size).toBe(6);
    expect(Number((await node.flash()).cuts)).toBeGreaterThanOrEqual(cuts);
  } finally {
    await node.stop();
  }
}, 60_000);

/** Transactions of two keys, one after the other, until the node is dark. */
async function putUntilDark(
  node: NodeWithStorage,
  held: ReadonlyMap<string, number>,
  cut: number,
): Promise<{ readonly acknowledged: Map<string, number>; readonly pending: Map<string, number> }> {
  let acknowledged = new Map(held);
  for (let put = 0; put < 20; put++) {
    const value = (cut * 20 + put) % 251;
    const keys = [`other/${put % 4}`, "other/last"];
    const pending = new Map(acknowledged);
    for (const key of keys) pending.set(key, value);
    const operations = keys.map((key) => ({ key, value: new Uint8Array(40).fill(value) }));
    const answer = await node.askUnlessDark("other", "apply", { operations });
    if (answer === "dark") return { acknowledged, pending };
    expect(answer).toEqual({});
    acknowledged = pending;
    if (await node.isDark()) return { acknowledged, pending };
  }
  throw new Error("the power did not fail");
}
