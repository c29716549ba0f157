// Is a log that an earlier version wrote still readable, and are flashes that hold no readable log told apart and left alone?

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import type { StorageFailure } from "services/storage/medium";
import { Store } from "services/storage/store";
import { FlashModel } from "sim/campaign/flash-model";
import { CampaignMedium } from "sim/campaign/medium";
import { crc32 } from "wire/crc32";

const geometry = { pageBytes: 16, sectorBytes: 1_024, sectors: 16, eraseWorstMicros: 1 };
const golden = (): Uint8Array => Uint8Array.from(gunzipSync(readFileSync(resolve("tests/golden/storage-1.bin.gz"))));
const quotas = [{ prefix: "journal/", quotaBytes: 1_000_000 }];

const open = (bytes: Uint8Array): Promise<Store> =>
  Store.open(new CampaignMedium(new FlashModel(geometry, bytes)), quotas);

/** Why a flash with these bytes is refused; nothing may be written to it. */
async function refusalOf(bytes: Uint8Array, chip = geometry): Promise<string> {
  const before = bytes.slice();
  const flash = new FlashModel(chip, bytes);
  try {
    await Store.open(new CampaignMedium(flash), quotas);
  } catch (error) {
    expect(Buffer.compare(flash.bytes, before)).toBe(0);
    return (error as StorageFailure).code;
  }
  return "opened";
}

/** Where the sectors of the golden log begin that bear a header. */
const headers = (bytes: Uint8Array): number[] =>
  Array.from({ length: geometry.sectors }, (_, sector) => sector * geometry.sectorBytes).filter(
    (at) => bytes[at] === 0x4c,
  );

test("an image of version 1 holds what was written", async () => {
  const store = await open(golden());
  const entries = [];
  for (let after = "", isComplete = false; !isComplete; ) {
    const page = await store.list({ prefix: "", after, most: 10 });
    entries.push(...page.entries);
    isComplete = page.isComplete;
    after = entries[entries.length - 1]?.key ?? "";
  }
  const wanted = Array.from({ length: 30 }, (_, index) => [`journal/${1090 + index}`, `entry ${90 + index}`]);
  const texts = entries.map(({ key, value }) => [key, Buffer.from(value).toString()]);
  expect(texts).toEqual([
    ["after", "the checkpoint"],
    ...wanted.filter(([key]) => key !== "journal/1100"),
    ["journal/head", "119"],
  ]);
  const bytes = entries.filter(({ key }) => key.startsWith("journal/"));
  expect(store.quotas.usedBytes("journal/")).toBe(
    bytes.reduce((sum, { key, value }) => sum + key.length + value.length, 0),
  );
  await store.apply([{ key: "more", value: new Uint8Array(3) }]);
  expect(await store.get("more")).toEqual(new Uint8Array(3));
});

test("a log of a later version is newer-format", async () => {
  const bytes = golden();
  for (const at of headers(bytes)) {
    bytes[at + 4] = 2;
    new DataView(bytes.buffer).setUint32(at + 32, crc32(bytes.subarray(at, at + 32)), true);
  }
  expect(await refusalOf(bytes)).toBe("newer-format");
});

test("what is no log, or one of another chip, is foreign-format", async () => {
  expect(await refusalOf(new Uint8Array(16_384).fill(0x55))).toBe("foreign-format");
  const oneBit = new Uint8Array(16_384).fill(0xff);
  oneBit[9_999] = 0xfe;
  expect(await refusalOf(oneBit)).toBe("foreign-format");
  expect(await refusalOf(golden(), { ...geometry, pageBytes: 32 })).toBe("foreign-format");
  expect(await refusalOf(golden(), { ...geometry, sectorBytes: 2_048, sectors: 8 })).toBe("foreign-format");
});

test("a log whose headers are all damaged is unreadable", async () => {
  const bytes = golden();
  for (const at of headers(bytes)) bytes[at + 20] = (bytes[at + 20] as number) ^ 1;
  expect(await refusalOf(bytes)).toBe("unreadable");
});

test("any bit of the log that is turned over is found, or has changed nothing that is told", async () => {
  const whole = await open(golden());
  const expected = JSON.stringify((await whole.list({ prefix: "", after: "", most: 64 })).entries);
  const outcomes = { same: 0, unreadable: 0, last: 0 };
  const bits = golden().length * 8;
  for (let bit = 3; bit < bits; bit += 61) {
    const bytes = golden();
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    try {
      const store = await open(bytes);
      const found = JSON.stringify((await store.list({ prefix: "", after: "", most: 64 })).entries);
      if (found === expected) outcomes.same++;
      else outcomes.last++;
    } catch (error) {
      expect((error as StorageFailure).code).toMatch(/unreadable|foreign-format|newer-format/);
      outcomes.unreadable++;
    }
  }
  // The very last commit, damaged, looks like one that was under way when the power failed: its 80 bytes.
  expect(outcomes.last).toBeLessThanOrEqual((80 * 8) / 61 + 1);
  expect(outcomes.unreadable).toBeGreaterThan(10);
  expect(outcomes.same).toBeGreaterThan(100);
}, 60_000);
