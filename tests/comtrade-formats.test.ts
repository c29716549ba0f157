// Is a record the same in every form in which COMTRADE can have it, and is its time right however the file tells it?

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "@jest/globals";
import { openRecord } from "sim/comtrade/files";
import { readCombined, readParts } from "sim/comtrade/read";
import type { ComtradeRecord } from "sim/comtrade/record";
import { wholeFile } from "sim/comtrade/refusal";
import { type RowSketch, type Sketch, writeCombined, writeConfiguration, writeSamples } from "tests/comtrade-writer";

function read(sketch: Sketch, encode: (text: string) => Uint8Array = Buffer.from, encoding?: string): ComtradeRecord {
  return readParts(
    {
      configuration: wholeFile("test.cfg", encode(writeConfiguration(sketch))),
      samples: wholeFile("test.dat", writeSamples(sketch)),
    },
    encoding,
  );
}

/** 40 rows at 1,000 S/s of two analog and 17 digital channels, with a value missing in each analog one. */
const rows: RowSketch[] = Array.from({ length: 40 }, (_, index) => ({
  stamp: index * 1_000,
  analog: [index === 7 ? null : 3 * index - 50, index === 11 ? null : 7 - index],
  digital: Array.from({ length: 17 }, (_, bit) => ((index >> (bit % 5)) & 1) as 0 | 1),
}));

const sketch: Sketch = {
  analog: [{ name: "UA", multiplier: 0.5, offset: 10 }, { name: "UB" }],
  digital: Array.from({ length: 17 }, (_, bit) => `bit ${bit}`),
  rows,
};

describe.each([
  ["1999", "ASCII"],
  ["1999", "BINARY"],
  ["2013", "ASCII"],
  ["2013", "BINARY"],
  ["2013", "BINARY32"],
  ["2013", "FLOAT32"],
  [null, "ASCII"],
  [null, "BINARY"],
] as const)("revision %s in %s", (revision, fileType) => {
  const start = revision === null ? "03/02/2024,04:05:06.000000" : "02/03/2024,04:05:06.000000";
  const variant: Sketch = { ...sketch, revision, fileType, start };

  test("has its samples, its gaps, its digital channels and its time", () => {
    const record = read(variant);
    const [ua, ub] = record.analog as [Float64Array, Float64Array];
    expect([...ua]).toEqual(
      rows.map(({ analog: [count] }) => (count === null ? Number.NaN : 0.5 * (count as number) + 10)),
    );
    expect([...ub]).toEqual(rows.map(({ analog: [, count] }) => count ?? Number.NaN));
    expect(record.digital.map((column) => [...column])).toEqual(
      Array.from({ length: 17 }, (_, bit) => rows.map(({ digital }) => digital?.[bit])),
    );
    record.seconds.forEach((seconds, row) => {
      expect(seconds).toBeCloseTo(row / 1_000, 12);
    });
    expect(new Date(record.configuration.startMicros / 1000).toISOString()).toBe("2024-03-02T04:05:06.000Z");
    expect([record.gaps, record.remarks]).toEqual([[], []]);
  });

  test("is the same as a combined file", () => {
    const combined = readCombined(wholeFile("test.cff", writeCombined(variant)));
    const { analog, digital, seconds, configuration } = read(variant);
    expect(combined).toMatchObject({ analog, digital, seconds, configuration });
    expect([combined.header, combined.information]).toEqual(["header", "information"]);
  });
});

describe("missing values", () => {
  const valuesOf = (revision: string | null, count: number, maximum: number): number | undefined =>
    read({
      revision,
      analog: [{ name: "U", minimum: -maximum, maximum }],
      rows: [0, 1].map((index) => ({ stamp: 1_000 * index, analog: [index === 1 ? count : 5] })),
    }).analog[0]?.[1];

  test("are 99999 in 1999, 999999 in 1991, and in 2013 what the channel cannot reach", () => {
    expect(valuesOf("1999", 99_999, 99_999)).toBeNaN();
    expect(valuesOf(null, 99_999, 1_000_000)).toBe(99_999);
    expect(valuesOf(null, 999_999, 1_000_000)).toBeNaN();
    expect(valuesOf("2013", 99_999, 32_767)).toBeNaN();
    expect(valuesOf("2013", 99_999, 100_000)).toBe(99_999);
  });

  test("are any NaN and the most negative number of FLOAT32", () => {
    const record = read({
      revision: "2013",
      fileType: "FLOAT32",
      analog: [{ name: "U" }],
      rows: [1.5, null, -3.402_823_466_385_288_6e38, -2].map((count, index) => ({
        stamp: 1_000 * index,
        analog: [count],
      })),
    });
    expect([...(record.analog[0] as Float64Array)]).toEqual([1.5, Number.NaN, Number.NaN, -2]);
  });
});

describe("time", () => {
  const timed = (stamps: readonly (number | null)[], more: Partial<Sketch> = {}): ComtradeRecord =>
    read({ analog: [{ name: "U" }], rows: stamps.map((stamp) => ({ stamp, analog: [1] })), ...more });

  test("is that of the stamps where the rate is 0, with the pauses that stand out", () => {
    const { seconds, gaps } = timed([100, 350, 600, 5_600, 5_850, 6_100], { rates: [[0, 6]] });
    expect([...seconds].map((each) => Math.round(each * 1e6))).toEqual([0, 250, 500, 5_500, 5_750, 6_000]);
    expect(gaps).toEqual([3]);
  });

  test("may slow down for good without a pause", () => {
    expect(timed([0, 1_000, 2_000, 12_000, 22_000, 32_000], { rates: [[0, 6]] }).gaps).toEqual([]);
  });

  test("counts a new rate from the interval that leads to its first sample", () => {
    const { seconds } = timed([0, 1_000, 2_000, 2_500, 3_000, 3_500], {
      rates: [
        [1_000, 3],
        [2_000, 6],
      ],
    });
    expect([...seconds].map((each) => Math.round(each * 1e6))).toEqual([0, 1_000, 2_000, 2_500, 3_000, 3_500]);
  });

  test("finds a pause behind stamps that are missing, and goes on by the rate from there", () => {
    const { seconds, gaps } = timed([0, null, 2_000, null, 9_000, null]);
    expect([...seconds].map((each) => Math.round(each * 1e6))).toEqual([0, 1_000, 2_000, 3_000, 9_000, 10_000]);
    expect(gaps).toEqual([4]);
  });

  test("stretches stamps by their factor, and counts nanoseconds where the start has nine digits", () => {
    const slow = timed([0, 10, 20, 90], { timeFactor: 100 });
    expect([slow.gaps, slow.seconds[3]?.toFixed(6)]).toEqual([[3], "0.009000"]);
    const start = "02/03/2024,04:05:06.123456789";
    const fine = timed([0, 1_000_000, 9_000_000], { revision: "2013", start, rates: [[0, 3]] });
    expect(fine.seconds[2]).toBeCloseTo(0.009, 12);
    expect(fine.configuration.startMicros % 1e6).toBeCloseTo(123_456.789, 0);
  });

  test("goes on when the four bytes of a stamp are used up", () => {
    const { seconds, gaps } = timed([4_294_966_000, 4_294_967_000, 704, 1_704], { fileType: "BINARY" });
    expect([gaps, seconds[3]?.toFixed(6)]).toEqual([[], "0.003000"]);
  });

  test("is told in UTC with the zone of 2013", () => {
    const zoned = (zone: string) => timed([0, 1_000], { revision: "2013", clock: [`${zone},${zone}`, "B,3"] });
    expect(["-5h30", "+2", "0", "x"].map((zone) => zoned(zone).configuration.zoneMinutes)).toEqual([
      -330,
      120,
      0,
      null,
    ]);
    expect(zoned("+2").configuration.startMicros - zoned("0").configuration.startMicros).toBe(-7_200_000_000);
  });

  test("may begin with sample 0", () => {
    const { seconds, remarks } = timed([0, 1_000, 2_000], { firstNumber: 0 });
    expect([seconds.length, remarks]).toEqual([3, []]);
    expect(timed([0, 1_000, 2_000], { firstNumber: 0, rates: [[1_000, 3]] }).remarks).toEqual([]);
  });
});

describe("text", () => {
  const windows1251 = (text: string): Uint8Array =>
    Uint8Array.from(text, (letter) => {
      const code = letter.charCodeAt(0);
      return code >= 0x410 ? code - 0x350 : code;
    });

  test("is read in the encoding that was named, and refused when it is none of it", () => {
    const named = { ...sketch, station: "Подстанция" };
    expect(read(named, windows1251).configuration).toMatchObject({ station: "Подстанция", encoding: "windows-1251" });
    expect(read(named, windows1251, "iso-8859-1").configuration.station).toBe("Ïîäñòàíöèÿ");
    expect(() => read(named, windows1251, "utf-8")).toThrow("Cannot read record test.cfg: wanted text in");
    expect(() => read(named, windows1251, "klingon")).toThrow("wanted text in an encoding that exists, klingon");
  });

  test.each(["\n", "\r\n", "\r"])("may end its lines with %j", (lineEnd) => {
    expect(read({ ...sketch, lineEnd }).seconds).toHaveLength(40);
  });
});

describe("openRecord()", () => {
  const folder = mkdtempSync(join(tmpdir(), "lugh-comtrade-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const put = (name: string, bytes: Uint8Array | string): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  test("finds the other files in capitals or not, packed or not, from .cfg or .dat", () => {
    const configuration = put("A.CFG", writeConfiguration(sketch));
    const samples = put("a.dat.gz", gzipSync(writeSamples(sketch)));
    put("A.hdr", "what happened\r\n\x1a");
    const record = openRecord(configuration);
    expect([record.seconds.length, record.header]).toEqual([40, "what happened"]);
    expect(openRecord(samples)).toEqual(record);
    expect(openRecord(put("b.CFF.gz", gzipSync(writeCombined(sketch)))).analog).toEqual(record.analog);
  });

  test("says which file it misses", () => {
    const alone = put("alone.cfg", writeConfiguration(sketch));
    expect(() => openRecord(alone)).toThrow(
      `Cannot read record ${alone}: wanted alone.dat or alone.dat.gz beside it, found neither`,
    );
    expect(() => openRecord(join(folder, "none.cff"))).toThrow("none.cff: wanted a file, found ENOENT");
    expect(() => openRecord(join(folder, "none.xml"))).toThrow("wanted a file whose name ends in .cfg, .cff or .dat");
    expect(() => openRecord(put("bad.cff", Uint8Array.of(0x1f, 0x8b, 8, 0, 1)))).toThrow("wanted whole gzip data");
    expect(() => openRecord(`${folder}/`)).toThrow("Cannot read record");
  });
});
