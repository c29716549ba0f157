// Does the reader find in each record of the corpus what is known to be in it (GRID.md §3, R2 to R5)?

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { openRecord } from "sim/comtrade/files";
import { readParts } from "sim/comtrade/read";
import { factorTo } from "sim/comtrade/record";
import { wholeFile } from "sim/comtrade/refusal";
import { hasWholeSwing, lowestIn, open, rmsOf, wholeSwing } from "tests/comtrade-records";

function iso(micros: number): string {
  return new Date(micros / 1000).toISOString();
}

describe("the power swing on 110 kV (R2: 1999, BINARY, Windows-1251)", () => {
  // Skipped only where there is no data beside the project: the record has 1.3 MB.
  (hasWholeSwing ? test : test.skip)("is read whole from its packed data (in ../shared, where that is)", () => {
    const record = openRecord(wholeSwing);
    const { analog, digital, revision, encoding, fileType, startMicros } = record.configuration;
    expect([analog.length, digital.length, revision, encoding, fileType]).toEqual([
      55,
      112,
      1999,
      "windows-1251",
      "BINARY",
    ]);
    expect(record.configuration.station).toBe("Неизвестный регистратор");
    expect(analog[0]).toMatchObject({
      number: 1,
      name: "Ua_1СШ-110_ТН_110кВ",
      unit: "kV",
      phase: "A",
      side: "primary",
    });
    // Channel 12 does not exist, and two digital channels of a group are written without their component.
    expect(analog[11]).toMatchObject({ number: 13, name: "Ia_2СШ-110_ВЛ_ВЛ1", skewMicros: 261 });
    expect(digital[111]).toMatchObject({ number: 112, name: "Резерв8", normalState: 0 });
    expect(record.remarks).toEqual(["8 digital channels, the first in line 162, have neither 3 nor 5 fields"]);
    expect(record.seconds).toHaveLength(19_680);
    expect(iso(startMicros)).toBe("2016-08-22T16:04:22.000Z");
    // By the rate; the stamps, cut to 833 µs each, would say 16.3926 s.
    expect(record.seconds.at(-1)).toBeCloseTo(19_679 / 1_200, 9);
    const changes = record.digital.flatMap((column) =>
      [...column].filter((value, row) => row > 0 && value !== column[row - 1]),
    );
    expect(changes.length).toBeGreaterThan(10);
    const cut = open("wisp-comtrade/2-bus.cfg");
    expect(cut.analog).toEqual(record.analog.slice(0, 3));
  });

  test("dips to 71, 68, 48, 25, 6, 34 and 68 % of its start, beginning near 0.45, 0.73, 0.99, 1.23, 1.48, 2.13 and 2.64 s", () => {
    const record = open("wisp-comtrade/2-bus.cfg");
    expect(record.configuration.encoding).toBe("windows-1251");
    for (const { name } of record.configuration.analog) {
      const levels = rmsOf(record, name, 24);
      const first = levels.filter(({ seconds }) => seconds < 0.2).map(({ rms }) => rms);
      const start = first.sort((one, other) => one - other)[first.length >> 1] as number;
      const percent = levels.map(({ seconds, rms }) => ({ seconds, rms: (100 * rms) / start }));
      const dips = [0.45, 0.73, 0.99, 1.23, 1.48, 2.13, 2.64];
      const residuals = dips.map((begin, index) => lowestIn(percent, begin - 0.03, (dips[index + 1] ?? 3) - 0.05));
      [71, 68, 48, 25, 6, 34, 68].forEach((expected, index) => {
        expect(Math.abs((residuals[index] as number) - expected)).toBeLessThan(1.7);
      });
      for (const begin of dips.filter((each) => each !== 1.48)) {
        const before = percent.filter(({ seconds }) => Math.abs(seconds - begin) < 0.04);
        expect([
          Math.max(...before.map(({ rms }) => rms)) > 90,
          Math.min(...before.map(({ rms }) => rms)) < 90,
        ]).toEqual([true, true]);
      }
    }
  });
});

describe('the earth fault (R3: ASCII, revision "2000")', () => {
  const record = open("wisp-comtrade/1.cfg");
  const { configuration } = record;

  test("is read as a record of 1999, with a remark about its year, and its header with it", () => {
    expect([configuration.revision, configuration.analog.length, configuration.digital.length]).toEqual([1999, 4, 15]);
    expect(record.remarks).toEqual(["there is no revision of 2000; it is read as one of 1999"]);
    expect(record.header).toBe("CFG_INFO={-271918570,-1609362796,-1496271921,-453450063}");
    expect(configuration.device).toBe("терминал версия 101110");
  });

  test("keeps time right across its 83 sampling rates, each valid up to its last sample", () => {
    expect(configuration.rates).toHaveLength(83);
    const rates = configuration.rates.map(({ samplesPerSecond }) => samplesPerSecond);
    expect([Math.min(...rates), Math.max(...rates)].map((rate) => rate.toFixed(1))).toEqual(["2394.9", "2410.7"]);
    expect(record.seconds).toHaveLength(5_316);
    let before = 1;
    let seconds = 0;
    for (const { samplesPerSecond, lastSample } of configuration.rates) {
      seconds += (lastSample - before) / samplesPerSecond;
      expect(record.seconds[lastSample - 1]).toBeCloseTo(seconds, 9);
      before = lastSample;
    }
    // The stamps are cut to whole microseconds at each row, and end 2.3 ms early.
    expect(seconds).toBeCloseTo(2.21142, 5);
    expect(record.gaps).toEqual([]);
  });

  test("has 3U0 rise from 0.3 to 56 V, and UB dip to 34 V, while UA and UC stay above 51 V", () => {
    const unbalance = rmsOf(record, "3U0", 48).map(({ rms }) => rms);
    expect(unbalance[0]).toBeCloseTo(0.32, 2);
    expect(Math.max(...unbalance)).toBeCloseTo(55.95, 2);
    const ub = rmsOf(record, "UB", 48);
    expect(lowestIn(ub, 0, 0.07)).toBeCloseTo(58.3, 0);
    expect(Math.min(...ub.map(({ rms }) => rms))).toBeCloseTo(34.23, 2);
    for (const name of ["UA", "UC"])
      expect(Math.min(...rmsOf(record, name, 48).map(({ rms }) => rms))).toBeGreaterThan(51);
  });

  test("says on which side of the transformer its values stand, and what they are on the other", () => {
    const [ua] = configuration.analog;
    if (ua === undefined) throw new Error("no channel");
    expect([ua.primary, ua.secondary, ua.side]).toEqual([100, 1, "secondary"]);
    expect([factorTo("primary", ua), factorTo("secondary", ua)]).toEqual([100, 1]);
  });
});

describe("the relay test (R4: 1991, GBK)", () => {
  const record = open("comtrade-io-1991/ascii_1991.cfg");
  const { configuration } = record;

  test("is read without a revision field, with its names in Chinese and its month before its day", () => {
    expect([configuration.revision, configuration.encoding]).toEqual([1991, "gbk"]);
    expect([configuration.analog.length, configuration.digital.length, configuration.rates.length]).toEqual([
      24, 37, 8,
    ]);
    expect(configuration.analog[9]?.name).toBe("Ua对侧");
    expect(configuration.digital[0]).toMatchObject({ number: 25, name: "纵联差动保护", normalState: 0 });
    expect(iso(configuration.startMicros)).toBe("2015-09-17T10:52:52.987Z");
    expect(record.header).toContain("国电南自(SAC)");
  });

  test("has pauses of seconds between its 8 segments, which only its stamps know", () => {
    expect(record.seconds).toHaveLength(2_131);
    // Samples 290, 507, 1046, 1813 and 2100 follow a pause; two of the segments only change digital values.
    expect(record.gaps).toEqual([289, 506, 1_045, 1_812, 2_099]);
    expect(record.seconds[289]).toBeCloseTo(3.444_166 + 0.077_5, 5);
    expect(record.seconds.at(-1)).toBeCloseTo(17.258_333 + 0.077_5, 5);
    expect((record.seconds[10] as number) - (record.seconds[9] as number)).toBeCloseTo(1 / 1_200, 12);
  });

  test("has a neighbour in one file (2013, CFF), read although it ends after 186 of 45,600 samples", () => {
    const combined = open("comtrade-io-1991/ascii_cff_2013.cff.gz");
    expect([combined.configuration.analog.length, combined.configuration.digital.length]).toEqual([96, 192]);
    expect(combined.configuration.device).toBe("220kV线路故障");
    expect(combined.seconds).toHaveLength(186);
    expect(combined.seconds[185]).toBeCloseTo(0.0185, 9);
    expect(combined.remarks).toEqual([
      "the time zone is missing; times are taken as UTC",
      "the data end after sample 186 of 45600 (is the file cut?)",
    ]);
    expect(combined.analog[0]?.[0]).toBeCloseTo(-2_611 * 0.007_854_353, 9);
    expect(factorTo("primary", combined.configuration.analog[0] as never)).toBeCloseTo(2_200, 0);
  });
});

describe("the samples of formats (R5)", () => {
  const samples = "python-comtrade-samples";

  test("ASCII and its combined file say the same, with the time zone", () => {
    const record = open(`${samples}/sample_ascii.cfg`);
    const combined = open(`${samples}/sample_ascii.cff`);
    expect(combined.analog).toEqual(record.analog);
    expect(combined.digital).toEqual(record.digital);
    expect(combined.configuration).toEqual(record.configuration);
    expect(iso(record.configuration.startMicros)).toBe("2011-01-12T11:25:30.075Z");
    expect(record.configuration).toMatchObject({ zoneMinutes: -330, clockQuality: "B", leapSecond: "3" });
    expect(record.analog[0]?.[1]).toBeCloseTo(-15 * 0.113_891_601_562_5 + 0.056_945_800_781_25, 12);
    expect(record.digital.map((column) => column.indexOf(1))).toEqual([13, 13, -1, 10]);
  });

  test("99999 and 0x8000 are gaps, never values", () => {
    const gapsOf = (configuration: string, rows: string) =>
      readParts({
        configuration: wholeFile("cfg", readFileSync(`tests/records/${samples}/${configuration}`)),
        samples: wholeFile("dat", readFileSync(`tests/records/${samples}/${rows}`)),
      }).analog.map((column) => [...column].flatMap((value, row) => (Number.isNaN(value) ? [row] : [])));
    expect(gapsOf("sample_ascii.cfg", "sample_ascii_missing.dat")).toEqual([[1], [2], [3], [4]]);
    expect(gapsOf("sample_bin.cfg", "sample_bin_missing.dat")).toEqual([[0], [1], [2], [3]]);
    expect(gapsOf("sample_bin.cfg", "sample_bin.dat")).toEqual([[], [], [], []]);
  });

  test("BINARY has 16 digital channels in one word, and stamps that do not move are told", () => {
    const record = open(`${samples}/sample_bin.cfg`);
    expect(record.digital).toHaveLength(16);
    const counts = [-24_979, -3_905, 27_726, 12_313];
    const multipliers = [0.000_361_849, 0.000_365_758, 0.000_371_569, 0.000_016_493];
    record.analog.forEach((column, index) => {
      expect(column[0]).toBeCloseTo((counts[index] as number) * (multipliers[index] as number), 12);
    });
    expect(record.seconds[4]).toBeCloseTo(4 / 15_360, 12);
    expect(record.remarks).toEqual(["the time stamps do not fit the sampling rates, which were taken"]);
  });

  test("FLOAT32 in a combined file has as many bytes as it says, and a start in nanoseconds", () => {
    const record = open(`${samples}/sample_float32.cff`);
    expect([record.configuration.fileType, record.seconds.length]).toEqual(["FLOAT32", 301]);
    expect(record.configuration.stampMicros).toBeCloseTo(0.001, 12);
    expect(record.seconds[300]).toBeCloseTo(3, 9);
    expect(record.analog[0]?.[0]).toBeCloseTo(2.809_693, 6);
    expect(record.analog[0]?.[300]).toBeGreaterThan(10);
  });

  test("ISO-8859-1 is told from Windows-1251 and GBK, and a factor stretches the stamps", () => {
    const record = open(`${samples}/sample_iso8859-1_bin.cfg`);
    expect([record.configuration.station, record.configuration.device]).toEqual(["Estação de Medição", "Oscilógrafo"]);
    expect(record.seconds.at(-1)).toBeCloseTo(39 / 1_200, 9);
    // Its stamps are units of 7.6 ns and fit the rate, so there is nothing to tell.
    expect(record.remarks).toEqual([]);
    expect(open(`${samples}/sample_iso8859-1.cfg`).configuration.station).toBe("Estação de Medição");
  });

  test("UTF-8 beyond ASCII, and lines of DOS that end in SUB, are read", () => {
    const rows = wholeFile("dat", readFileSync(`tests/records/${samples}/sample_ascii.dat`));
    const read = (name: string) =>
      readParts({ configuration: wholeFile(name, readFileSync(`tests/records/${samples}/${name}`)), samples: rows });
    expect(read("sample_ascii_utf-8.cfg").configuration.station).toMatch(
      /^SMARTSTATION testing text encoding: hgvcj\P{ASCII}/u,
    );
    expect(read("sample_sub_char.cfg").configuration).toEqual(read("sample_ascii.cfg").configuration);
  });
});
