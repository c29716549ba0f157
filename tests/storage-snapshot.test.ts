// Does a snapshot of the store hold what there was, until it says that it is over? The log comes around under it, and at last
// overwrites what it needs.

import { expect, test } from "@jest/globals";
import { type Snapshot, Store } from "services/storage/store";
import { FlashModel, randomOf } from "sim/campaign/flash-model";
import { CampaignMedium } from "sim/campaign/medium";

const geometry = { pageBytes: 16, sectorBytes: 1_024, sectors: 16, eraseWorstMicros: 1 };
const commits = 600;
const keys = 12;

interface Taken {
  readonly snapshot: Snapshot;
  readonly held: ReadonlyMap<string, string>;
}

async function readAll(store: Store, snapshot: Snapshot): Promise<Map<string, string>> {
  const { entries } = await store.list({ prefix: "", after: "", most: 64 }, snapshot);
  return new Map(entries.map(({ key, value }) => [key, Buffer.from(value).toString()]));
}

test.each([1, 2, 3])("a snapshot reads what there was, or is over (seed %d)", async (seed) => {
  const random = randomOf(seed);
  const store = await Store.open(new CampaignMedium(new FlashModel(geometry)));
  const held = new Map<string, string>();
  let taken: Taken[] = [];
  let read = 0;
  let over = 0;
  for (let commit = 0; commit < commits; commit++) {
    const [key, text] = [`key-${random() % keys}`, `${commit}`.padEnd(20 + (random() % 60), ".")];
    await store.apply([{ key, value: Uint8Array.from(Buffer.from(text)) }]);
    held.set(key, text);
    if (random() % 3 === 0) await store.compact();
    if (commit % 7 === 0) taken.push({ snapshot: store.snapshot(), held: new Map(held) });
    const before = taken.length;
    taken = taken.filter(({ snapshot }) => !store.isOver(snapshot));
    over += before - taken.length;
    for (const each of commit % 5 === 0 ? taken : []) {
      expect(new Map(await readAll(store, each.snapshot))).toEqual(new Map([...each.held].sort()));
      read++;
    }
  }
  expect(read).toBeGreaterThan(100);
  expect(over).toBeGreaterThan(20);
});
