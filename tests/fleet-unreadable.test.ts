// Does a node whose storage cannot be read leave it as it is, say so in safe mode, and let itself be mended by command?

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { layOutFlash } from "services/api/flash-layout";
import { LiveFleet } from "tests/live-fleet";
import { type Birth, decodeBirth } from "wire/birth";
import { decodeState } from "wire/state";

jest.setTimeout(60_000);

const node = "toledo/node-1";
/** As the simulator makes it (hosts/sim/flash_command.c). */
const geometry = { pageBytes: 16, sectorBytes: 4_096, sectors: 64 };
const { firstSector, sectors } = layOutFlash(geometry).log;
const [logBegin, logEnd] = [firstSector * geometry.sectorBytes, (firstSector + sectors) * geometry.sectorBytes];

const folder = mkdtempSync(join(tmpdir(), "lugh-unreadable-"));
const flashFile = join(folder, `${node}.flash`);
const keptFile = join(folder, "kept");
const seconds = Date.now() / 1_000;
let fleet: LiveFleet;

/** A flash in which somebody else keeps photographs. */
function writeForeignFlash(): void {
  mkdirSync(join(folder, "toledo"));
  const bytes = Buffer.alloc(geometry.sectors * geometry.sectorBytes, 0xff);
  bytes.fill("JFIF", logBegin, logEnd);
  writeFileSync(flashFile, bytes);
}

beforeAll(async () => {
  writeForeignFlash();
  fleet = await LiveFleet.start({ readings: 0, storage: folder });
});

afterAll(async () => {
  await fleet?.dispose();
  rmSync(folder, { recursive: true });
});

function births(): Birth[] {
  return fleet.observer.of("birth", node).map(({ payload }) => decodeBirth(payload));
}

test("it comes up in safe mode, says why, and changes nothing there", async () => {
  await fleet.observer.until(() => births().some(({ isSafeMode }) => isSafeMode === true));
  expect(births().at(-1)?.safeModeReason).toContain("storage is foreign-format: Cannot open the log");
  await fleet.observer.until(() => fleet.observer.of("state", node).length > 0);
  const { storage, journal } = decodeState(fleet.observer.of("state", node).at(-1)?.payload as Uint8Array);
  expect({ storage, journal }).toMatchObject({ storage: { state: "foreign-format" }, journal: null });
  expect((await fleet.lugh("ps", node)).stdout).toMatch(/SAFE MODE \(.*storage is foreign-format/);
  expect(await fleet.lugh("journal", node)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("foreign-format"),
  });
  expect(
    readFileSync(flashFile)
      .subarray(logBegin, logEnd)
      .every((byte, at) => byte === "JFIF".charCodeAt(at % 4)),
  ).toBe(true);
});

test("an operator who says so keeps what lies there and erases it", async () => {
  expect(await fleet.lugh("format", node)).toMatchObject({ code: 2, stderr: expect.stringContaining("say --yes") });
  const { stdout } = await fleet.lugh("format", node, "--yes", "--keep", keptFile, "--json");
  expect(JSON.parse(stdout)).toEqual({ node, was: "foreign-format", keptBytes: logEnd - logBegin });
  expect(readFileSync(keptFile).equals(Buffer.alloc(logEnd - logBegin, "JFIF"))).toBe(true);
  expect(await fleet.lugh("format", node, "--keep", keptFile)).toMatchObject({ code: 2 });
});

test("it goes on with numbers that nobody used, and its journal begins with the format", async () => {
  const { session } = births().at(-1) as Birth;
  await fleet.lugh("reboot", node);
  await fleet.observer.until(() => births().some((birth) => birth.session > session && birth.isSafeMode !== true));
  await fleet.observer.until(() => fleet.observer.readings(node).length > 0);
  expect(fleet.observer.readings(node)[0]?.sequence).toBeGreaterThan(seconds - 1);
  const { stdout } = await fleet.lugh("journal", node, "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    isWhole: true,
    changes: [{ order: { operation: "format", argument: { state: "foreign-format" } }, outcome: "committed" }],
  });
  expect(await fleet.lugh("undo", node)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no change to undo"),
  });
  expect(await fleet.lugh("undo", node, "1")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("nothing takes back"),
  });
  expect(await fleet.lugh("format", node, "--yes")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("safe mode"),
  });
});
