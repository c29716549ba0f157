// Is every sector of a node's flash somebody's, and nobody's twice; and are the checksums of what lies there the known ones?

import { expect, test } from "@jest/globals";
import { layOutFlash } from "services/api/flash-layout";
import { crc32 } from "wire/crc32";

test.each([4, 16, 31, 32, 64, 1_000, 16_384])("a flash of %d sectors is divided without gap or overlap", (sectors) => {
  const { bootRecord, extents, log } = layOutFlash({ sectors });
  expect(bootRecord).toEqual({ firstSector: 0, sectors: 2 });
  expect(extents.firstSector).toBe(2);
  expect(log.firstSector).toBe(2 + extents.sectors);
  expect(log.firstSector + log.sectors).toBe(sectors);
  expect(log.sectors).toBeGreaterThanOrEqual(2);
});

test("a small flash has no extents, and a larger one a quarter", () => {
  expect(layOutFlash({ sectors: 31 }).extents.sectors).toBe(0);
  expect(layOutFlash({ sectors: 32 }).extents.sectors).toBe(8);
});

test("crc32() answers the check value of the catalogue, and goes on where it left off", () => {
  const digits = new TextEncoder().encode("123456789");
  expect(crc32(digits)).toBe(0xcbf43926);
  expect(crc32(digits.subarray(4), crc32(digits.subarray(0, 4)))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});
