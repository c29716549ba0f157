// Does a power cut leave the old boot record or the new one, and do the reader of hosts in C and the one of services agree on
// whatever lies there? The writer works on the reference flash; every image that a cut leaves goes through both readers.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import {
  type BootRecord,
  type BootReport,
  bootRecordLimits,
  chooseBootSector,
  decodeBootSector,
  emptyBootRecord,
  encodeBootRecord,
  readBootReport,
} from "services/api/boot-record";
import { type BootFlash, findBootRecord, writeBootRecord } from "services/journal/boot-sectors";
import { type CutPoint, FlashBench, type FlashOperation, type FlashUnderTest, range } from "tests/flash-bench";
import { ReferenceFlash } from "tests/flash-reference";
import { decode, encode } from "wire/cbor";
import { crc32 } from "wire/crc32";

const { LUGH_NATIVE_DIR: nativeFolder = "build/native" } = process.env;
const geometry = { pageBytes: 16, sectorBytes: 1_024, sectors: 4, eraseWorstMicros: 1 };
const both = 2 * geometry.sectorBytes;
const points: readonly CutPoint[] = ["before", "first-half", "all-but-last", "some-bits", "unstable", "after"];

const recordOf = (operation: number): BootRecord => ({
  active: [{ service: "scheduler", module: `services/scheduler/policy-${operation}` }],
  trial: null,
  securityFloor: operation * 2,
  operation,
});

const onTrial = (operation: number, boots: number): BootRecord => ({
  ...recordOf(operation),
  trial: { former: [], boots, deadlineMillis: 60_000 },
});

interface HostReading {
  readonly report: BootReport;
  readonly sequence: number;
  /** The flash after it was read. */
  readonly image: Uint8Array;
}

/** lugh_boot_cause. */
const causes = ["ordered", "ended late", "ended soon"] as const;
type Cause = (typeof causes)[number];

/** Runs the C reader over images of both sectors: its answers, in words. */
function askHost(images: readonly Uint8Array[], cause: Cause = "ordered"): string[][] {
  const { pageBytes, sectorBytes } = geometry;
  const lines = images.map(
    (image) => `${pageBytes} ${sectorBytes} ${causes.indexOf(cause)} ${Buffer.from(image).toString("hex")}\n`,
  );
  const { stdout, status } = spawnSync(resolve(nativeFolder, "bin/boot-record-test"), {
    input: lines.join(""),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  expect(status).toBe(0);
  const answers = stdout.trimEnd().split("\n");
  expect(answers).toHaveLength(images.length);
  return answers.map((answer) => answer.split(" "));
}

function readAsHost(images: readonly Uint8Array[], cause: Cause = "ordered"): HostReading[] {
  return askHost(images, cause).map(([state, sequence, told = "", after = ""]) => {
    const report = readBootReport(decode(new Uint8Array(Buffer.from(told, "hex"))));
    expect(report.state).toBe(state);
    return { report, sequence: Number(sequence), image: new Uint8Array(Buffer.from(after, "hex")) };
  });
}

/** The operation number of the record that counts; 0 for none, "unreadable" when nobody can say. */
function operationOf({ report }: HostReading): number | "unreadable" {
  return report.state === "unreadable" ? "unreadable" : (report.record?.operation ?? 0);
}

function operationAsService(image: Uint8Array): number | "unreadable" {
  const sectorOf = (sector: 0 | 1): ReturnType<typeof decodeBootSector> => {
    const bytes = image.subarray(sector * geometry.sectorBytes, (sector + 1) * geometry.sectorBytes);
    return decodeBootSector(bytes, sector, geometry.pageBytes);
  };
  const sectors = [sectorOf(0), sectorOf(1)] as const;
  const chosen = chooseBootSector(sectors);
  if (typeof chosen === "string") return chosen === "blank" ? 0 : chosen;
  const found = sectors[chosen];
  return found.kind === "record" ? found.record.operation : "unreadable";
}

/** Both readers, on images that no longer change while they are read. */
function operationsOf(images: readonly Uint8Array[]): (number | "unreadable")[] {
  const asHost = readAsHost(images).map(operationOf);
  expect(images.map(operationAsService)).toEqual(asHost);
  return asHost;
}

class PowerFailed extends Error {}

/** Lets the power fail in the n-th durable operation, as told. */
function failing(
  flash: ReferenceFlash,
  at: number,
  point: CutPoint,
  unsynced: "kept" | "lost" | "subset",
  seed: number,
) {
  let count = 0;
  const guard = async <Result>(operation: FlashOperation, perform: () => Promise<Result>): Promise<Result> => {
    count += 1;
    if (count < at) return perform();
    await flash.powerCut({ unsynced, seed, during: { operation, point } });
    throw new PowerFailed();
  };
  const guarded: FlashUnderTest = {
    geometry: () => flash.geometry(),
    read: (address, length) => flash.read(address, length),
    program: (address, bytes) => guard({ operation: "program", address, bytes }, () => flash.program(address, bytes)),
    erase: (sector) => guard({ operation: "erase", sector }, () => flash.erase(sector)),
    sync: () => guard({ operation: "sync" }, () => flash.sync()),
  };
  return guarded;
}

async function imageOf(flash: ReferenceFlash): Promise<Uint8Array> {
  return (await (await FlashBench.open(flash)).dump()).subarray(0, both);
}

async function flashWith(...records: readonly BootRecord[]): Promise<ReferenceFlash> {
  const flash = new ReferenceFlash(geometry);
  for (const record of records) expect(await writeBootRecord(flash, record)).toBeNull();
  return flash;
}

/** Durable operations of one write: erase, sync, program, sync. */
const operationsEach = 4;

describe("a write that the power fails in", () => {
  const cuts = points.flatMap((point) =>
    range(operationsEach).flatMap((index) =>
      (["kept", "lost", "subset"] as const).flatMap((unsynced) =>
        range(unsynced === "subset" || point === "some-bits" ? 12 : 2).map((seed) => ({
          at: index + 1,
          point,
          unsynced,
          seed,
        })),
      ),
    ),
  );

  test.each([0, 1, 2, 3])("leaves the old record or the new one, with %d written before", async (before) => {
    const images: Uint8Array[] = [];
    const ends = new Set<number>();
    for (const { at, point, unsynced, seed } of cuts) {
      const flash = await flashWith(...range(before).map((index) => recordOf(index + 1)));
      const write = writeBootRecord(failing(flash, at, point, unsynced, seed), recordOf(before + 1));
      await expect(write).rejects.toThrow(PowerFailed);
      images.push(await imageOf(flash));
    }
    for (const operation of operationsOf(images)) {
      expect([before, before + 1]).toContain(operation);
      ends.add(operation as number);
    }
    // Both ends came about, or the cuts were none.
    expect(ends.size).toBe(2);
  });

  test("can be cut again in the repetition, and again", async () => {
    const images: Uint8Array[] = [];
    for (const first of points)
      for (const second of points)
        for (const at of range(operationsEach * operationsEach)) {
          const flash = await flashWith(recordOf(1));
          const seed = at + 1;
          const attempts = [
            { at: (at % operationsEach) + 1, point: first },
            { at: Math.floor(at / operationsEach) + 1, point: second },
          ];
          for (const { at: operation, point } of attempts) {
            const write = writeBootRecord(failing(flash, operation, point, "subset", seed), recordOf(2));
            await expect(write).rejects.toThrow(PowerFailed);
          }
          images.push(await imageOf(flash));
          expect(await writeBootRecord(flash, recordOf(3))).toBeNull();
          images.push(await imageOf(flash));
        }
    operationsOf(images).forEach((operation, index) => {
      expect(index % 2 === 0 ? [1, 2] : [3]).toContain(operation);
    });
  });

  test("leaves the old record when it was cut at any byte", async () => {
    const flash = await flashWith(recordOf(1), recordOf(2));
    const before = await imageOf(flash);
    expect(await writeBootRecord(flash, recordOf(3))).toBeNull();
    const after = await imageOf(flash);
    const whole = before.slice();
    whole.fill(0xff, 0, geometry.sectorBytes);
    const lengthBytes = encodeBootRecord(recordOf(3), 3, 0).length;
    const images = range(lengthBytes + 1).map((count) => {
      const image = whole.slice();
      image.set(after.subarray(0, count));
      return image;
    });
    const operations = operationsOf(images);
    expect(operations.slice(0, -1)).toEqual(range(lengthBytes).map(() => 2));
    expect(operations.at(-1)).toBe(3);
  });
});

describe("a record", () => {
  test("is read whole: active set, extents, trial, security floor, operation", async () => {
    const digest = Uint8Array.from(range(32));
    const record: BootRecord = {
      active: [{ service: "sensor", module: "sensor@2", extent: { sector: 2, lengthBytes: 40_000, digest } }],
      trial: { former: [{ service: "sensor", module: "sensor@1" }], boots: 3, deadlineMillis: 60_000 },
      securityFloor: 7,
      operation: 12,
    };
    const [reading] = readAsHost([await imageOf(await flashWith(record))]);
    expect(reading?.report.record).toEqual(record);
    expect(reading?.sequence).toBe(1);
  });

  test("whose bits turned gives way to the one before, and with both gone nothing is guessed", async () => {
    const image = await imageOf(await flashWith(recordOf(1), recordOf(2)));
    const lengthBytes = encodeBootRecord(recordOf(2), 2, 1).length;
    const turned = range(lengthBytes * 8).map((bit) => {
      const copy = image.slice();
      copy[geometry.sectorBytes + (bit >> 3)] = (copy[geometry.sectorBytes + (bit >> 3)] as number) ^ (1 << (bit & 7));
      return copy;
    });
    expect(new Set(operationsOf(turned))).toEqual(new Set([1]));
    const neither = (turned[100] as Uint8Array).slice();
    neither[20] = (neither[20] as number) ^ 1;
    const [reading] = readAsHost([neither]);
    expect(reading?.report).toMatchObject({ state: "unreadable", record: null });
    expect(reading?.report.reason).toContain("neither copy");
  });

  test("of one sector does not count in the other", async () => {
    const image = await imageOf(await flashWith(recordOf(1)));
    image.copyWithin(geometry.sectorBytes, 0, geometry.sectorBytes);
    expect(operationsOf([image])).toEqual([1]);
    image.fill(0xff, 0, geometry.sectorBytes);
    expect(operationsOf([image])).toEqual([0]);
  });

  test.each([
    ["of a newer format", (bytes: Uint8Array) => bytes.set([2, 0], 8)],
    ["whose body is none of ours", (bytes: Uint8Array) => bytes.fill(0xf6, 16, bytes.length - 4)],
  ])("%s is evidence: neither read nor written over", async (_what, change) => {
    const flash = await flashWith(recordOf(1));
    const bytes = encodeBootRecord(recordOf(2), 2, 1);
    change(bytes);
    new DataView(bytes.buffer).setUint32(bytes.length - 4, sumAt(bytes.subarray(0, -4), 1), true);
    const page = new Uint8Array(Math.ceil(bytes.length / 16) * 16).fill(0xff);
    page.set(bytes);
    await flash.program(geometry.sectorBytes, page);
    const [reading] = readAsHost([await imageOf(flash)]);
    expect(reading?.report.state).toBe("unreadable");
    expect(reading?.report.reason).toContain("format");
    expect(await findBootRecord(flash)).toBeNull();
    expect(await writeBootRecord(flash, recordOf(3))).toContain("not written over");
  });

  test("that does not fit is refused before anything is erased", async () => {
    const flash = await flashWith(recordOf(1));
    const active = range(20).map((index) => ({ service: `service-${index}`, module: "m".repeat(60) }));
    expect(await writeBootRecord(flash, { ...recordOf(2), active })).toContain("does not fit");
    expect(operationsOf([await imageOf(flash)])).toEqual([1]);
    const module = "m".repeat(bootRecordLimits.moduleLength + 1);
    expect(() => encodeBootRecord({ ...emptyBootRecord, active: [{ service: "a", module }] }, 1, 0)).toThrow("module");
  });

  test("that cannot be read for a moment is read again; one that cannot at all is not taken for older than it may be", async () => {
    const flash = await flashWith(recordOf(1), recordOf(2));
    const whole = await imageOf(flash);
    const spoilt = (times: number): BootFlash => {
      let left = times;
      return {
        geometry: () => flash.geometry(),
        // The newer one is in sector 1.
        read: async (address, length) =>
          address >= geometry.sectorBytes && left-- > 0 ? { error: "failed" } : flash.read(address, length),
        program: (address, bytes) => flash.program(address, bytes),
        erase: (sector) => flash.erase(sector),
        sync: () => flash.sync(),
      };
    };
    expect(await findBootRecord(spoilt(1))).toMatchObject({ sequence: 2, record: { operation: 2 } });
    expect(await findBootRecord(spoilt(2))).toBeNull();
    expect(await writeBootRecord(spoilt(2), recordOf(3))).toContain("cannot be read");
    expect(await imageOf(flash)).toEqual(whole);
  });

  test("goes on counting sequences for ever, in turns", async () => {
    const flash = await flashWith(...range(9).map((index) => recordOf(index + 1)));
    expect(await findBootRecord(flash)).toMatchObject({ sequence: 9, sector: 0, record: { operation: 9 } });
  });
});

describe("a set on trial", () => {
  test("is given its boots, one counted before each, and then the former one returns", async () => {
    let image = await imageOf(await flashWith(recordOf(1), onTrial(2, 3)));
    const states: string[] = [];
    for (const _boot of range(5)) {
      const [reading] = readAsHost([image]) as [HostReading];
      states.push(`${reading.report.state} ${reading.report.boots}`);
      image = reading.image;
    }
    expect(states).toEqual(["trial 1", "trial 2", "trial 3", "reverted 3", "reverted 3"]);
  });

  test("with a confirmed record costs the flash nothing", async () => {
    const image = await imageOf(await flashWith(recordOf(1)));
    const [reading] = readAsHost([image]);
    expect(reading?.image).toEqual(image);
  });
});

describe("ends of the kernel", () => {
  async function endsOf(
    from: Promise<ReferenceFlash>,
    ...boots: readonly Cause[]
  ): Promise<{ ends: number[]; image: Uint8Array }> {
    let image = await imageOf(await from);
    const ends: number[] = [];
    for (const cause of boots) {
      const [reading] = readAsHost([image], cause) as [HostReading];
      ends.push(reading.report.ends);
      image = reading.image;
    }
    return { ends, image };
  }

  test.each([
    ["a blank flash", () => flashWith()],
    ["a record", () => flashWith(recordOf(1))],
    ["a record on trial", () => flashWith(recordOf(1), onTrial(2, 8))],
  ])("are counted in a row beside %s, until power comes or somebody orders a boot", async (_what, from) => {
    const soon = "ended soon";
    expect((await endsOf(from(), "ordered", soon, soon, soon, "ordered", soon, soon)).ends).toEqual([
      0, 1, 2, 3, 0, 1, 2,
    ]);
    expect((await endsOf(from(), soon, soon, "ended late", soon)).ends).toEqual([1, 2, 1, 2]);
  });

  test("leave the record and its boots as they are, for both readers", async () => {
    const { image } = await endsOf(flashWith(recordOf(1), onTrial(2, 3)), "ended soon", "ended soon");
    expect(operationAsService(image)).toBe(2);
    const [reading] = readAsHost([image]) as [HostReading];
    expect(reading.report).toMatchObject({ state: "trial", boots: 3, ends: 0 });
    const { image: blank } = await endsOf(flashWith(), "ended soon");
    expect(operationAsService(blank)).toBe(0);
  });

  test("that no bit is left for count as too many, until a record is written anew", async () => {
    const boots = range(60).map((): Cause => "ended late");
    const { ends } = await endsOf(flashWith(recordOf(1)), ...boots, "ordered", "ended soon");
    expect(ends.slice(0, 56)).toEqual(range(56).map(() => 1));
    expect(ends.slice(56)).toEqual([56, 56, 56, 56, 0, 56]);
  });
});

test("both readers agree on 3,000 sectors by chance that are whole but for their body", () => {
  const images = range(3_000).map((seed) => {
    const body =
      seed % 3 === 0 ? encode(onTrial(seed, seed % 11)) : encode({ active: [], trial: seed % 5, operation: seed });
    const bytes = new Uint8Array(16 + body.length + 4);
    bytes.set(encodeBootRecord(recordOf(1), seed, 0).subarray(0, 16));
    bytes.set(body, 16);
    if (seed % 7 === 0) bytes[16 + (seed % body.length)] = seed & 0xff;
    const view = new DataView(bytes.buffer);
    view.setUint16(10, body.length, true);
    view.setUint32(16 + body.length, sumAt(bytes.subarray(0, 16 + body.length), 0), true);
    const image = new Uint8Array(both).fill(0xff);
    image.set(bytes);
    return image;
  });
  const asHost = askHost(images).map(([state]) => state);
  const asService = images.map((image) => operationAsService(image) !== "unreadable");
  // The host looks at the trial only: what it lets pass the firmware may still refuse, never the other way round.
  asService.forEach((isReadable, index) => {
    if (isReadable) expect(asHost[index]).not.toBe("unreadable");
  });
  expect(asService.filter((isReadable) => isReadable).length).toBeGreaterThan(100);
});

function sumAt(bytes: Uint8Array, sector: number): number {
  return crc32(bytes, crc32(Uint8Array.of(sector, 0, 0, 0)));
}
