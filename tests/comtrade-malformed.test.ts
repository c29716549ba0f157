// Is every file that is no record, or is damaged, refused with its place, what was wanted and what was found? And does none of
// them take more memory than its bytes deserve?

import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { openRecord } from "sim/comtrade/files";
import { readCombined, readParts } from "sim/comtrade/read";
import type { ComtradeRecord } from "sim/comtrade/record";
import { ComtradeError, wholeFile } from "sim/comtrade/refusal";
import { createRandom } from "sim/random";
import { type Sketch, writeCombined, writeConfiguration, writeSamples } from "tests/comtrade-writer";

const sketch: Sketch = {
  analog: [{ name: "UA" }, { name: "UB" }],
  digital: ["trip"],
  rows: Array.from({ length: 5 }, (_, index) => ({ stamp: 1_000 * index, analog: [index, -index - 1], digital: [1] })),
};
const binary: Sketch = { ...sketch, fileType: "BINARY" };

function readText(configuration: string, samples: string | Uint8Array): ComtradeRecord {
  return readParts({
    configuration: wholeFile("test.cfg", Buffer.from(configuration)),
    samples: wholeFile("test.dat", typeof samples === "string" ? Buffer.from(samples) : samples),
  });
}

/** A valid text with one line changed, or taken out. */
function edit(text: string, line: number, change: (line: string) => string | null): string {
  const lines = text.split("\r\n");
  const changed = change(lines[line - 1] as string);
  lines.splice(line - 1, 1, ...(changed === null ? [] : [changed]));
  return lines.join("\r\n");
}

const samples = Buffer.from(writeSamples(sketch)).toString();

test("what the edits below begin from is a record", () => {
  expect(readText(writeConfiguration(sketch), samples).seconds).toHaveLength(5);
  expect(readText(writeConfiguration(binary), writeSamples(binary)).seconds).toHaveLength(5);
});

// Lines: 1 title, 2 counts, 3 and 4 analog, 5 digital, 6 hertz, 7 and 8 rates, 9 and 10 times, 11 type, 12 factor.
describe("a configuration", () => {
  test.each([
    ["without anything", 1, () => readText("", samples), 'station, device and revision, found ""'],
    ["of another kind of file", 1, () => readText("<?xml version='1.0'?>", samples), "station, device and revision"],
    [
      "of a revision before the first",
      1,
      "station,device,1984",
      '1991, 1999 or 2013 as the year of the revision, found "1984"',
    ],
    [
      "of a revision that is no year",
      1,
      "station,device,new",
      '1991, 1999 or 2013 as the year of the revision, found "new"',
    ],
    ["whose channels do not add up", 2, "4,2A,1D", "4 channels in all, found 2 analog and 1 digital ones"],
    [
      "whose counts have no letters",
      2,
      "3,2,1",
      'a number of channels and A, such as 4A: a whole number up to 999999, found ""',
    ],
    [
      "with more channels than lines",
      6,
      { line: 2, text: "13,2A,11D" },
      "a digital channel that ends in its normal state, 0 or 1",
    ],
    ["with more channels than any record has", 2, "1000000,999999A,1D", "a whole number up to 999999"],
    [
      "with an analog channel that is cut",
      3,
      "1,UA,,,V,1,0",
      '13 fields of an analog channel, found 7 in "1,UA,,,V,1,0"',
    ],
    [
      "with a multiplier that is none",
      3,
      "1,UA,,,V,x,0,0,-9,9,1,1,P",
      'the multiplier of a channel, a number, found "x"',
    ],
    [
      "with a multiplier beyond numbers",
      3,
      "1,UA,,,V,1e999,0,0,-9,9,1,1,P",
      'the multiplier of a channel, a number, found "1e999"',
    ],
    ["with a side that is none", 3, "1,UA,,,V,1,0,0,-9,9,1,1,X", 'P or S, for primary or secondary values, found "X"'],
    [
      "with a channel number twice",
      4,
      "1,UB,,,V,1,0,0,-9,9,1,1,P",
      "the number of a channel above 1, that of the one before, found 1",
    ],
    ["with a digital state of 2", 5, "1,trip,,,2", "a digital channel that ends in its normal state, 0 or 1"],
    ["with a negative frequency", 6, "-50", 'the frequency of the line, 0 or more, found "-50"'],
    ["with more rates than lines", 9, { line: 7, text: "9999999999" }, "a sampling rate"],
    ["with a negative rate", 8, "-1000,5", 'a sampling rate of 0 or more, found "-1000"'],
    ["with a last sample that is none", 8, "1000,five", "the number of the last sample at this rate"],
    [
      "of the thirteenth month",
      9,
      "02/13/2024,04:05:06.0",
      "the time of the first sample, dd/mm/yyyy,hh:mm:ss.ssssss, found",
    ],
    ["of 30 February", 9, "30/02/2024,04:05:06.0", "the time of the first sample"],
    ["of a trigger at 25 o'clock", 10, "02/03/2024,25:05:06.0", "the time of the trigger"],
    [
      "of an unknown type of data",
      11,
      "EBCDIC",
      'ASCII, BINARY, BINARY32 or FLOAT32 as the type of the data file, found "EBCDIC"',
    ],
    ["with a factor of 0", 12, "0", 'a factor of the time stamps above 0, found "0"'],
  ] as [string, number, string | { line: number; text: string } | (() => ComtradeRecord), string][])(
    "%s is refused in its line",
    (_what, line, change, reason) => {
      const read = (): ComtradeRecord => {
        if (typeof change === "function") return change();
        const edited = typeof change === "string" ? { line, text: change } : change;
        return readText(
          edit(writeConfiguration(sketch), edited.line, () => edited.text),
          samples,
        );
      };
      expect(read).toThrow(ComtradeError);
      expect(read).toThrow(`Cannot read record test.cfg:${line}: wanted `);
      expect(read).toThrow(reason);
    },
  );

  test("that is cut after any line but its last is refused", () => {
    const lines = writeConfiguration(sketch).split("\r\n");
    for (let kept = 0; kept < 11; kept++)
      expect(() => readText(lines.slice(0, kept).join("\r\n"), samples)).toThrow(ComtradeError);
    expect(() => readText(lines.slice(0, 8).join("\r\n"), samples)).toThrow(
      "Cannot read record test.cfg:9: wanted the time of the first sample, dd/mm/yyyy,hh:mm:ss.ssssss, found the end of the configuration",
    );
    expect(readText(lines.slice(0, 11).join("\r\n"), samples).remarks).toEqual([
      "the factor of the time stamps is missing; it is taken as 1",
    ]);
  });

  test("whose rates do not rise or are partly 0 is refused", () => {
    const rated =
      (...rates: [number, number][]) =>
      () =>
        readText(writeConfiguration({ ...sketch, rates }), samples);
    expect(rated([1_000, 4], [500, 4])).toThrow(
      "test.cfg:9: wanted a last sample after 4, that of the rate before, found 4",
    );
    expect(rated([1_000, 4], [0, 5])).toThrow("wanted sampling rates above 0, or a single one of 0, found both");
  });
});

describe("data of text", () => {
  test.each([
    [
      "with a field too few",
      3,
      (line: string) => line.replace(/,1$/, ""),
      '5 fields of a row, found 4 in "3,2000,2,-3"',
    ],
    ["with a field too many", 3, (line: string) => `${line},0`, "5 fields of a row, found 6"],
    ["with a word for a value", 2, () => "2,1000,high,-2,1", 'a number or nothing, found "high"'],
    ["with a digital value of 7", 2, () => "2,1000,1,-2,7", 'a digital value, 0 or 1, found "7"'],
    ["with a number left out", 3, () => "4,2000,2,-3,1", "sample number 3, found 4"],
    ["with a row left out", 3, () => null, "sample number 3, found 4"],
    ["with a number that is none", 3, () => "x,2000,2,-3,1", 'the number of a sample, found "x"'],
    ["that begins with sample 17", 1, () => "17,0,0,-1,1", "sample number 1 or 0, found 17"],
    ["with a stamp that is none", 4, () => "4,noon,3,-4,1", 'a time stamp, found "noon"'],
  ] as [string, number, (line: string) => string | null, string][])(
    "%s is refused in its line",
    (_what, line, change, reason) => {
      const read = () => readText(writeConfiguration(sketch), edit(samples, line, change));
      expect(read).toThrow(ComtradeError);
      expect(read).toThrow(`Cannot read record test.dat:${line}: wanted ${reason}`);
    },
  );

  test("with more samples than declared is refused, and with fewer it is read and said to be short", () => {
    const declared = (last: number) => writeConfiguration({ ...sketch, rates: [[1_000, last]] });
    expect(() => readText(declared(4), samples)).toThrow(
      "Cannot read record test.dat:5: wanted no sample after 4, the last that the configuration declares, found 5",
    );
    expect(readText(declared(9), samples).remarks).toEqual(["the data end after sample 5 of 9 (is the file cut?)"]);
    expect(() => readText(declared(5), "")).toThrow(
      "Cannot read record test.dat: wanted at least one sample, found none",
    );
  });

  test("cut within a row is refused", () => {
    expect(() => readText(writeConfiguration(sketch), samples.slice(0, -9))).toThrow(
      "test.dat:5: wanted 5 fields of a row",
    );
  });

  test("whose time runs back is refused, and without a rate one that stands still or is missing too", () => {
    const timed = (stamps: (number | null)[], rate: number) => () =>
      readText(
        writeConfiguration({ ...sketch, rates: [[rate, 5]] }),
        writeSamples({ ...sketch, rows: sketch.rows.map((row, index) => ({ ...row, stamp: stamps[index] ?? null })) }),
      );
    expect(timed([0, 1_000, 2_000, 1_500, 4_000], 1_000)).toThrow(
      "Cannot read record test.dat: wanted in sample 4 a time stamp from 2000 µs on, that of a row before, found 1500 µs",
    );
    const standing = timed([0, 1_000, 1_000, 3_000, 4_000], 1_000)();
    expect([standing.gaps, standing.seconds[4]?.toFixed(9)]).toEqual([[], "0.004000000"]);
    expect(timed([0, 1_000, 1_000, 2_000, 4_000], 0)).toThrow(
      "in sample 3 a time stamp after 1000 µs, as there is no sampling rate",
    );
    expect(timed([0, 1_000, null, 2_000, 4_000], 0)).toThrow(
      "in sample 3 a time stamp, as there is no sampling rate, found none",
    );
  });
});

describe("data of bytes", () => {
  const whole = Buffer.from(writeSamples(binary));
  const read =
    (bytes: Uint8Array, more: Partial<Sketch> = {}) =>
    () =>
      readText(writeConfiguration({ ...binary, ...more }), bytes);

  test("cut within a row is refused at that byte", () => {
    for (const cut of [1, 8, 13])
      expect(read(whole.subarray(0, -cut))).toThrow(
        `Cannot read record test.dat at byte 56: wanted a row of 14 bytes, found ${14 - cut} (is the file cut?)`,
      );
  });

  test("of other channels than the configuration has is refused at the first row that does not fit", () => {
    const three = Buffer.from(
      writeSamples({
        ...binary,
        rows: binary.rows.map((row) => ({ ...row, analog: [...row.analog, 1, 1, 1, 1, 1, 1, 1] })),
      }),
    );
    expect(read(three)).toThrow(/Cannot read record test.dat at byte 14: wanted sample number 2, found \d+/);
  });

  test("with more samples than declared is refused", () => {
    expect(read(whole, { rates: [[1_000, 4]] })).toThrow("test.dat at byte 56: wanted no sample after 4");
  });

  test("with an infinite value is refused at its byte, and a mark of the end behind it is none of it", () => {
    const float: Sketch = { ...binary, revision: "2013", fileType: "FLOAT32" };
    const bytes = Buffer.from(writeSamples(float));
    bytes.writeFloatLE(Infinity, 18 + 12);
    expect(() => readText(writeConfiguration(float), bytes)).toThrow(
      "test.dat at byte 30: wanted a number, found infinity",
    );
    expect(read(Buffer.concat([whole, Uint8Array.of(0x1a)]))().seconds).toHaveLength(5);
  });
});

describe("a combined file", () => {
  const text = Buffer.from(writeCombined(sketch)).toString();
  const read = (bytes: string | Uint8Array) => () =>
    readCombined(wholeFile("test.cff", typeof bytes === "string" ? Buffer.from(bytes) : bytes));

  test("counts lines and bytes from its begin", () => {
    expect(read(text.replace("50\r\n1\r\n", "fast\r\n1\r\n"))).toThrow(
      "Cannot read record test.cff:7: wanted the frequency of the line",
    );
    expect(read(text.replace("4,3000", "6,3000"))).toThrow(/test.cff:22: wanted sample number 4, found 6/);
    const whole = Buffer.from(writeCombined(binary));
    const broken = Buffer.from(whole);
    broken.writeUInt32LE(77, whole.length - 14);
    expect(read(broken)).toThrow(
      `Cannot read record test.cff at byte ${whole.length - 14}: wanted sample number 5, found 77`,
    );
  });

  test.each([
    [
      "that begins with something else",
      (file: string) => `hello\r\n${file}`,
      'test.cff:1: wanted a line such as "--- file type: CFG ---", found "hello"',
    ],
    [
      "without data",
      (file: string) => file.slice(0, file.indexOf("--- file type: DAT")),
      "wanted a section DAT, found none (is the file cut?)",
    ],
    [
      "without a configuration",
      (file: string) => file.slice(file.indexOf("--- file type: INF")),
      "wanted a section CFG, found none",
    ],
    [
      "with two headers",
      (file: string) => file.replace("type: INF", "type: HDR"),
      "wanted one section HDR, found another one",
    ],
    [
      "of an unknown type",
      (file: string) => file.replace("DAT ASCII", "DAT EBCDIC"),
      'wanted ASCII, BINARY, BINARY32 or FLOAT32 as the type of the data, found "EBCDIC"',
    ],
    [
      "whose types differ",
      (file: string) => file.replace("DAT ASCII", "DAT BINARY"),
      "wanted data of type ASCII, as its configuration says, found BINARY",
    ],
  ] as const)("%s is refused", (_what, change, reason) => {
    expect(read(change(text))).toThrow(reason);
  });

  test("with fewer bytes than it says is refused", () => {
    const whole = Buffer.from(writeCombined(binary));
    expect(read(whole.subarray(0, -10))).toThrow(
      `at byte ${whole.length - 70}: wanted 70 bytes of data, found 60 (is the file cut?)`,
    );
    expect(read(Buffer.concat([whole, Buffer.from("more\r\n")]))).toThrow(
      'wanted a line such as "--- file type: CFG ---", found "more"',
    );
  });
});

describe("whatever a file declares", () => {
  test("ten thousand million samples cost nothing while they are not there", () => {
    const before = process.memoryUsage().arrayBuffers;
    const record = readText(writeConfiguration({ ...sketch, rates: [[1_000, 9_999_999_999]] }), samples);
    expect(record.remarks).toEqual(["the data end after sample 5 of 9999999999 (is the file cut?)"]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  test("a file larger than any record is not read", () => {
    const folder = mkdtempSync(join(tmpdir(), "lugh-comtrade-"));
    const path = join(folder, "large.cff");
    writeFileSync(path, "");
    truncateSync(path, 2 ** 28 + 1); // Its blocks are holes: it takes no room on the disk.
    expect(() => openRecord(path)).toThrow(
      `Cannot read record ${path}: wanted at most 268435456 bytes, found 268435457`,
    );
    rmSync(folder, { recursive: true });
  });
});

test("damage anywhere in a file makes a record or a ComtradeError, and nothing else", () => {
  const random = createRandom(20_260_101);
  const folder = "tests/records/python-comtrade-samples";
  const files = ["sample_ascii.cff", "sample_float32.cff"].map((name) => readFileSync(`${folder}/${name}`));
  files.push(Buffer.from(writeCombined(binary)));
  let refused = 0;
  for (let round = 0; round < 600; round++) {
    const bytes = Buffer.from(files[round % files.length] as Buffer);
    for (let edits = 1 + Math.floor(3 * random()); edits > 0; edits--)
      bytes[Math.floor(random() * Math.min(bytes.length, 900))] = Math.floor(256 * random());
    const cut = random() < 0.3 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
    try {
      const { seconds, analog } = readCombined(wholeFile("damaged", cut));
      expect(analog.every((column) => column.length === seconds.length)).toBe(true);
      expect(seconds.every((each, row) => row === 0 || each > (seconds[row - 1] as number))).toBe(true);
    } catch (error) {
      if (!(error instanceof ComtradeError)) throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(200);
});
