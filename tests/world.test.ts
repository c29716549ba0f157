// Does a world say what its record says, no more where the record has gaps, and refuse a record that is none?

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { openWorld } from "sim/world/open";
import { playWorld } from "sim/world/play";
import { readToledoRecord, toledoVolts } from "sim/world/toledo";
import { type Setpoint, type World, WorldError } from "sim/world/world";

const recordPath = "sim/data/toledo-blackout/toledo_data.csv";
const folder = mkdtempSync(join(tmpdir(), "lugh-world-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** 12:33:20 CEST of the record's day. */
function local(time: string): number {
  return Date.parse(`2025-04-28T${time}+02:00`) * 1000;
}

function clockOf({ atMicros }: Setpoint): string {
  return new Date(atMicros / 1000 + 7_200_000).toISOString().slice(11, 19);
}

function lapOf(world: World, node = 0): Setpoint[] {
  return world.setpoints(node, world.startMicros, world.endMicros as number);
}

describe("the record of toledo", () => {
  const { rows, startMicros, intervalMicros } = readToledoRecord();
  const known = (from: string, to: string) =>
    rows
      .slice((local(from) - startMicros) / intervalMicros, (local(to) - startMicros) / intervalMicros)
      .flatMap((row) => row ?? []);

  test("has 3,600 rows from 11:00:00 CEST, 2 s apart, ten of them missing (GRID R1)", () => {
    expect(rows).toHaveLength(3_600);
    expect(startMicros).toBe(local("11:00:00"));
    expect(intervalMicros).toBe(2_000_000);
    expect(rows.filter((row) => row === null)).toHaveLength(10);
  });

  test("has 50 Hz in its ordinary hour: mean 49.9999, deviation 0.021, range 49.948 to 50.044", () => {
    const hertz = known("11:00:00", "12:00:00").map((row) => row.hertz);
    const mean = hertz.reduce((sum, value) => sum + value) / hertz.length;
    expect(mean).toBeCloseTo(49.9999, 4);
    expect(Math.sqrt(hertz.reduce((sum, value) => sum + (value - mean) ** 2, 0) / hertz.length)).toBeCloseTo(0.021, 3);
    expect([Math.min(...hertz), Math.max(...hertz)]).toEqual([49.948, 50.044]);
  });

  test("stays within 90 to 110 % of the declared voltage in that hour, and first leaves it at 12:27:38", () => {
    const ratios = known("11:00:00", "12:27:38").flatMap(({ volts }) => volts.map((value) => value / toledoVolts));
    expect(Math.min(...ratios)).toBeGreaterThan(1.01);
    expect(Math.max(...ratios)).toBeLessThan(1.1);
    expect(Math.max(...known("11:00:00", "12:00:00").flatMap(({ volts }) => volts))).toBeLessThan(1.093 * toledoVolts);
    expect(Math.max(...(known("12:27:38", "12:27:40")[0]?.volts ?? []))).toBeGreaterThan(1.1 * toledoVolts);
  });
});

describe("world toledo", () => {
  test("plays from 12:32:00 to 12:36:00 by default, one set point every 2 s", () => {
    const world = openWorld("blackout");
    expect(world).toMatchObject({
      declaredVolts: 25_981,
      startMicros: local("12:32:00"),
      endMicros: local("12:36:00"),
    });
    const lap = lapOf(world);
    expect(lap.map(clockOf).slice(0, 2)).toEqual(["12:32:00", "12:32:02"]);
    expect(lap).toHaveLength(120);
    expect(lap.every(({ continues }) => continues)).toBe(true);
  });

  test("has the record's frequency, and its voltages within 0.1 %, for every node", () => {
    const world = openWorld("blackout");
    const { rows, startMicros } = readToledoRecord();
    for (let node = 0; node < 24; node++)
      for (const { atMicros, volts, hertz } of lapOf(world, node)) {
        const row = rows[(atMicros - startMicros) / 2_000_000];
        expect(hertz).toBe(row?.hertz);
        const isTrue = volts.every((value, line) => Math.abs(value / (row?.volts[line] as number) - 1) < 0.001);
        expect(isTrue).toBe(true);
      }
  });

  test("keeps every node within limits in the ordinary hour", () => {
    const world = openWorld("blackout", { at: "11:00" });
    for (let node = 0; node < 24; node++)
      for (const { volts, hertz } of world.setpoints(node, local("11:00:00"), local("12:00:00"))) {
        const isOrdinary = volts.every((value) => value > 0.9 * toledoVolts && value < 1.1 * toledoVolts);
        expect(isOrdinary && hertz > 49.9 && hertz < 50.1).toBe(true);
      }
  });

  test("loops at 12:36:00: the end does not continue, and the begin stands at the same moment", () => {
    const world = openWorld("blackout");
    const end = world.endMicros as number;
    const [last, first] = world.setpoints(0, end, end + 1) as [Setpoint, Setpoint];
    expect(last).toMatchObject({ atMicros: end, continues: false });
    expect(first).toEqual({ ...(lapOf(world)[0] as Setpoint), atMicros: end });
    const length = end - world.startMicros;
    const later = world.setpoints(3, end + 5 * length, end + 6 * length);
    const expected = world.setpoints(3, end, end + length);
    expect(later).toEqual(expected.map((point) => ({ ...point, atMicros: point.atMicros + 5 * length })));
  });

  test("gives each set point once to ranges that adjoin", () => {
    const world = openWorld("blackout", { at: "12:35:50" });
    const start = world.startMicros;
    const pieces = Array.from({ length: 60 }, (_, index) =>
      world.setpoints(5, start + index * 700_000, start + (index + 1) * 700_000),
    );
    expect(pieces.flat()).toEqual(world.setpoints(5, start, start + 42_000_000));
  });

  test("begins between two rows with the values between them, and plays on to the record's end from after 12:36", () => {
    const world = openWorld("blackout", { at: "12:33:21" });
    const first = lapOf(world)[0] as Setpoint;
    expect(clockOf(first)).toBe("12:33:21");
    expect(first.hertz).toBeCloseTo((48.556 + 47.476) / 2, 6);
    expect(openWorld("blackout", { at: "12:36" }).endMicros).toBe(local("12:59:58"));
  });

  test("knows nothing around missing rows: a gap of 4 s, not a straight line", () => {
    const world = openWorld("blackout", { at: "12:30:56" });
    const points = world.setpoints(0, world.startMicros, world.startMicros + 10_000_000);
    expect(points.map((point) => `${clockOf(point)} ${point.continues}`)).toEqual([
      "12:30:56 true",
      "12:30:58 false",
      "12:31:02 true",
      "12:31:04 true",
    ]);
  });

  test("refuses times that are none or outside the record", () => {
    for (const from of ["10:59:59", "12:59:58", "13:00", "12", "25:00:00", "12:60:00", "noon", ""])
      expect(() => openWorld("blackout", { at: from })).toThrow(
        `Cannot begin the record at ${from}: wanted a time from 11:00:00 to 12:59:58, found "${from}"`,
      );
  });
});

describe("nodes", () => {
  test("differ from each other and stay the same from run to run", () => {
    const voltages = Array.from({ length: 24 }, (_, node) => lapOf(openWorld("blackout"), node)[0]?.volts[0]);
    expect(new Set(voltages).size).toBe(24);
    expect(voltages).toEqual(Array.from({ length: 24 }, (_, node) => lapOf(openWorld("blackout"), node)[0]?.volts[0]));
  });
});

describe("world steady", () => {
  test("stays at 230 V and 50 Hz for ever", () => {
    const world = openWorld("steady");
    expect(world).toMatchObject({ declaredVolts: 230, endMicros: null });
    for (const from of [0, 10 ** 15])
      for (const { volts, hertz, continues } of world.setpoints(7, from, from + 20_000_000)) {
        for (const value of volts) expect(Math.abs(value - 230)).toBeLessThan(0.23);
        expect([hertz, continues]).toEqual([50, true]);
      }
    expect(world.setpoints(0, 0, 1)).toHaveLength(1);
  });
});

describe("playWorld()", () => {
  test("begins at the next whole second of UTC and moves every set point with it", () => {
    const world = openWorld("blackout");
    const play = playWorld(world, 1_800_000_000_123_456);
    expect(play.anchorMicros).toBe(1_800_000_001_000_000);
    const points = play.setpoints(2, play.anchorMicros, play.anchorMicros + 6_000_000);
    expect(points.map(({ atMicros }) => atMicros - play.anchorMicros)).toEqual([0, 2_000_000, 4_000_000]);
    expect(points[1]?.volts).toEqual(lapOf(world, 2)[1]?.volts);
    expect(play.clock).toEqual({
      anchorMicros: play.anchorMicros,
      startMicros: local("12:32:00"),
      endMicros: local("12:36:00"),
      zoneMinutes: 120,
    });
    expect(playWorld(openWorld("steady"), 5).clock).toBeNull();
  });
});

describe("a record from a file", () => {
  const lines = readFileSync(recordPath, "utf8").split("\n");
  const open = (text: string, name = "record.csv"): World => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return openWorld(`csv:${path}`);
  };
  const edited = (line: number, change: (text: string) => string): string =>
    lines
      .slice(0, 40)
      .map((text, index) => (index === line - 1 ? change(text) : text))
      .join("\n")
      .concat("\n");

  test("plays whole, from its first row to its last", () => {
    copyFileSync(recordPath, join(folder, "copy.csv"));
    const world = openWorld(`csv:${join(folder, "copy.csv")}`);
    expect([world.startMicros, world.endMicros]).toEqual([local("11:00:00"), local("12:59:58")]);
    expect(open(`${lines.slice(0, 5).join("\r\n")}\r\n`).endMicros).toBe(local("11:00:06"));
  });

  test.each([
    [
      "cut in a row",
      lines.slice(0, 40).join("\n").slice(0, -30),
      40,
      /wanted a line end after the last row \(is the file cut\?\), found none/,
    ],
    ["with a row too short", edited(7, (text) => text.replace(/^[^,]*,/, "")), 7, /wanted 5 fields, found 4/],
    [
      "with a word for a number",
      edited(9, (text) => text.replace(/^[^,]*/, "n/a")),
      9,
      /wanted a number from 0 to 1000000, or NaN, found "n\/a"/,
    ],
    [
      "with an empty field",
      edited(9, (text) => text.replace(/^[^,]*/, "")),
      9,
      /wanted a number from 0 to 1000000, or NaN, found ""/,
    ],
    ["with a negative voltage", edited(9, (text) => `-${text}`), 9, /wanted a number from 0/],
    [
      "with 5000 Hz",
      edited(9, (text) => text.replace(/,[\d.]+,28/, ",5000,28")),
      9,
      /wanted a number from 0 to 100, or NaN/,
    ],
    [
      "with a day that does not exist",
      edited(3, (text) => text.replace("28-Apr", "31-Apr")),
      3,
      /wanted a time such as/,
    ],
    [
      "with a row left out",
      edited(12, () => lines[12] as string),
      12,
      /wanted a time 2 s after the row before, found 4 s/,
    ],
    [
      "with rows backwards",
      edited(3, () => lines[1] as string),
      3,
      /wanted a time after the row before, found an earlier one/,
    ],
    ["with another header", edited(1, () => "time,u1,u2,u3,f"), 1, /wanted the header Analyzer/],
    ["with one row", `${lines.slice(0, 2).join("\n")}\n`, 2, /wanted at least two rows, found 1/],
    ["without anything", "", 1, /wanted the header/],
  ])("%s is refused with file and line", (_what, text, line, reason) => {
    expect(() => open(text)).toThrow(reason);
    expect(() => open(text)).toThrow(`Cannot read record ${join(folder, "record.csv")}:${line}: `);
    expect(() => open(text)).toThrow(WorldError);
  });

  test("that is not there is refused with its name", () => {
    expect(() => openWorld("csv:/nowhere/record.csv")).toThrow(
      "Cannot read record /nowhere/record.csv: wanted a file, found ENOENT",
    );
  });
});

test("openWorld() refuses a name that is none, and a time for a world without one", () => {
  expect(() => openWorld("paradise")).toThrow(
    'wanted blackout, steady, feeder, comtrade:FILE or csv:FILE, found "paradise"',
  );
  expect(() => openWorld("steady", { at: "12:00" })).toThrow("wanted no time to begin at");
});
