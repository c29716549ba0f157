// Does the contract of the flash port hold for its plainest model, and do its claims find a flash that breaks it?

import { beforeAll, describe, expect, test } from "@jest/globals";
import { FlashModel } from "sim/campaign/flash-model";
import { blank, type FlashUnderTest, range } from "tests/flash-bench";
import { brokenClaims, flashClaims } from "tests/flash-conformance";
import { powerClaims } from "tests/flash-power-claims";
import { type Effect, type FlashRules, honestRules, ReferenceFlash } from "tests/flash-reference";

const geometry = { pageBytes: 16, sectorBytes: 1_024, sectors: 8, eraseWorstMicros: 400_000 };
const claims = [...flashClaims, ...powerClaims];

describe("the reference flash", () => {
  test.each(claims.map(({ title, run }) => [title, run] as const))("%s", async (_title, run) => {
    await run(async () => new ReferenceFlash(geometry));
  });

  test.each([
    { pageBytes: 1, sectorBytes: 512, sectors: 10 },
    { pageBytes: 256, sectorBytes: 4_096, sectors: 4 },
    { pageBytes: 1_024, sectorBytes: 2_048, sectors: 6 },
    { pageBytes: 4, sectorBytes: 16_384, sectors: 4 },
  ])("keeps every claim with $sectors sectors of $sectorBytes bytes and pages of $pageBytes", async (other) => {
    const open = async (): Promise<FlashUnderTest> => new ReferenceFlash({ ...geometry, ...other });
    expect(await brokenClaims(claims, open)).toEqual([]);
  });
});

/** The flash of campaigns, asked as any other. */
function campaignFlash(): FlashUnderTest {
  const model = new FlashModel(geometry);
  const { refusesRange, refusesProgram } = honestRules;
  const totalBytes = geometry.sectors * geometry.sectorBytes;
  return {
    geometry: async () => geometry,
    async read(address, length) {
      const error = refusesRange(totalBytes, address, length);
      return error === undefined ? { bytes: model.read(address, length) } : { error };
    },
    async program(address, bytes) {
      const error =
        refusesRange(totalBytes, address, bytes.length) ??
        refusesProgram(geometry.pageBytes, address, model.bytes.subarray(address, address + bytes.length), bytes);
      if (error !== undefined) return { error };
      model.perform({ operation: "program", address, bytes: bytes.slice() });
      return {};
    },
    async erase(sector) {
      if (!Number.isInteger(sector) || sector < 0) return { error: "malformed" };
      if (sector >= geometry.sectors) return { error: "beyond-end" };
      model.perform({ operation: "erase", sector });
      return {};
    },
    async sync() {
      model.perform({ operation: "sync" });
      return {};
    },
    powerCut: async (cut) => model.cut(cut),
  };
}

test("the flash of campaigns keeps every claim", async () => {
  expect(await brokenClaims(claims, async () => campaignFlash())).toEqual([]);
});

const wrong = (rules: Partial<FlashRules>): FlashUnderTest =>
  new ReferenceFlash(geometry, { ...honestRules, ...rules });

/** An honest flash but for some of its operations. */
function altered(change: (flash: ReferenceFlash) => Partial<FlashUnderTest>): FlashUnderTest {
  const flash = new ReferenceFlash(geometry);
  return {
    geometry: () => flash.geometry(),
    read: (address, length) => flash.read(address, length),
    program: (address, bytes) => flash.program(address, bytes),
    erase: (sector) => flash.erase(sector),
    sync: () => flash.sync(),
    powerCut: (cut) => flash.powerCut(cut),
    ...change(flash),
  };
}

/** Each a mistake that a driver or a simulator can make. */
const bugs: { readonly [what: string]: () => FlashUnderTest } = {
  "a geometry without a bound for erases": () =>
    altered(() => ({ geometry: async () => ({ ...geometry, eraseWorstMicros: 0 }) })),
  "a program that sets bits": () => wrong({ refusesProgram: () => undefined, programmed: (_old, given) => given }),
  "a program that clears what it can instead of refusing": () =>
    wrong({
      refusesProgram: (pageBytes, address, _old, bytes) =>
        honestRules.refusesProgram(pageBytes, address, blank(bytes.length), bytes),
    }),
  "a program that takes parts of pages": () =>
    wrong({ refusesProgram: (_pageBytes, _address, old, bytes) => honestRules.refusesProgram(1, 0, old, bytes) }),
  "a program that looks for zeros in its first page only": () =>
    wrong({
      refusesProgram: (pageBytes, address, old, bytes) =>
        honestRules.refusesProgram(pageBytes, address, old, bytes.subarray(0, pageBytes)),
    }),
  "a program that clears the ones": () => wrong({ programmed: (old, given) => old & ~given }),
  "a program that clears a byte only once": () => wrong({ programmed: (old, given) => (old === 0xff ? given : old) }),
  "a program that begins late": () =>
    altered((flash) => ({
      async program(address, bytes) {
        for (const _ of range(3)) await undefined;
        return flash.program(address, bytes);
      },
    })),
  "an erase that forgets the last byte": () => wrong({ erasedLength: (sectorBytes) => sectorBytes - 1 }),
  "an erase that takes a byte too many": () => wrong({ erasedLength: (sectorBytes) => sectorBytes + 1 }),
  "an erase of the next sector": () => altered((flash) => ({ erase: (sector) => flash.erase((sector + 1) % 9) })),
  "a range that ends beyond the end": () =>
    wrong({
      refusesRange: (totalBytes, address, length) => honestRules.refusesRange(totalBytes + length - 1, address, length),
    }),
  "addresses of 32 bits": () =>
    wrong({
      refusesRange: (totalBytes, address, length) =>
        honestRules.refusesRange(totalBytes, address < 0 ? address : address % 2 ** 32, length),
    }),
  "addresses that are rounded": () =>
    altered((flash) => ({ read: (address, length) => flash.read(Math.trunc(address), length) })),
  "messages of any length": () =>
    wrong({
      refusesRange: (totalBytes, address, length) =>
        honestRules.refusesRange(totalBytes - Math.max(0, length - 1), address, Math.min(length, 1)),
    }),
  "a sync that lies": () => wrong({ synced: () => 0 }),
  "a sync that leaves the newest behind": () => wrong({ synced: (held) => Math.max(0, held - 1) }),
  "a cut that never loses anything": () => wrong({ surviving: (held) => held }),
  "a cut that loses everything": () => wrong({ surviving: () => [] }),
  "a cut that never loses an earlier operation before a later one": () =>
    wrong({
      surviving: (held, unsynced, random) =>
        unsynced === "subset"
          ? held.slice(0, random() % (held.length + 1))
          : honestRules.surviving(held, unsynced, random),
    }),
  "a cut whose survivors are still held": () =>
    altered((flash) => ({
      powerCut: async (cut) => (cut.unsynced === "subset" ? undefined : flash.powerCut(cut)),
    })),
  "a torn program that leaves the old bytes": () => wrong({ arriving: tear("clear", () => undefined) }),
  "a torn program that is whole": () => wrong({ arriving: tear("clear", (effect) => effect) }),
  "a torn program that clears other bits": () =>
    wrong({ arriving: tear("clear", (effect, random) => ({ ...effect, bytes: effect.bytes.map(() => random()) })) }),
  "a torn program that spills over its end": () =>
    wrong({ arriving: tear("clear", (effect) => ({ ...effect, bytes: Uint8Array.from([...effect.bytes, 0]) })) }),
  "a torn erase that leaves the old bytes": () => wrong({ arriving: tear("set", () => undefined) }),
  "a torn erase that is whole": () => wrong({ arriving: tear("set", (effect) => effect) }),
  "an unstable sector that reads the same": () =>
    wrong({
      arriving: (effect, point, old, random) =>
        honestRules.arriving(effect, point === "unstable" ? "some-bits" : point, old, random),
    }),
  "an operation that happens though it was cut before it began": () =>
    wrong({
      arriving: (effect, point, old, random) =>
        honestRules.arriving(effect, point === "before" ? "after" : point, old, random),
    }),
  "a program that never replaces where its erase was lost": () => wrong({ replaces: () => false }),
};

/** What arrives of a torn operation of one kind, put wrong; everything else as it should be. */
function tear(
  kind: Effect["kind"],
  part: (effect: Effect, random: () => number) => Effect | undefined,
): FlashRules["arriving"] {
  return (effect, point, old, random) =>
    effect.kind === kind && point !== "before" && point !== "after"
      ? part(effect, random)
      : honestRules.arriving(effect, point, old, random);
}

describe("planted bugs", () => {
  const found = new Map<string, readonly string[]>();

  beforeAll(async () => {
    for (const [bug, make] of Object.entries(bugs)) found.set(bug, await brokenClaims(claims, async () => make()));
  }, 60_000);

  test.each(Object.keys(bugs))("the claims find %s", (bug) => {
    expect(found.get(bug)).not.toEqual([]);
  });

  test("every claim finds one", () => {
    const finders = new Set([...found.values()].flat());
    expect(claims.map(({ title }) => title).filter((title) => !finders.has(title))).toEqual([]);
  });
});
