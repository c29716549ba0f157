// Do numbers read as people read them, and do the page's rings and routes hold at their edges?

import { expect, test } from "@jest/globals";
import {
  bytes,
  clockTime,
  count,
  dateTime,
  duration,
  hertz,
  micros,
  quantity,
  shortDuration,
  volts,
  wholeDuration,
} from "dashboard/page/format";
import { linkTo, routeOf } from "dashboard/page/route";
import { Series } from "dashboard/page/series";

test.each([
  [230.06, "230.1 V"],
  [25_981.4, "25.981 kV"],
  [999.9, "999.9 V"],
  [Number.NaN, "–"],
])("%s volts are shown as %s", (value, text) => {
  const shown = volts(value);
  expect(shown.text + shown.unit).toBe(text);
});

test("frequency has one millihertz, and an invalid one is never a number", () => {
  expect(quantity(49.9996, "Hz")).toBe("50.000 Hz");
  expect(hertz(null).text).toBe("invalid");
});

test.each([
  [-5, "0 ms"],
  [840, "840 ms"],
  [3_100, "3.1 s"],
  [59_960, "1 min 00 s"],
  [185_000, "3 min 05 s"],
  [7_800_000, "2 h 10 min"],
  [363_600_000, "4 d 5 h"],
])("%s ms last %s", (millis, text) => {
  expect(duration(millis)).toBe(text);
});

test("narrow durations have one unit", () => {
  expect([42_000, 720_000, 12_240_000, 181_440_000].map(shortDuration)).toEqual(["42 s", "12 min", "3.4 h", "2.1 d"]);
  expect(wholeDuration(59_999)).toBe("59 s");
});

test("times are UTC, and one that no calendar knows is unknown", () => {
  expect(clockTime(Date.UTC(2025, 3, 28, 10, 33, 24) * 1_000)).toBe("10:33:24");
  expect(dateTime(Date.UTC(2025, 3, 28, 10, 33, 24) * 1_000)).toBe("2025-04-28 10:33:24 UTC");
  expect(clockTime(Number.MAX_VALUE)).toBe("–");
});

test("counts are grouped, bytes and microseconds take a fitting unit", () => {
  expect(count(1_234_567)).toBe("1\u2009234\u2009567");
  expect([512, 9_012, 2_500_000].map(bytes)).toEqual(["512 B", "9.0 kB", "2.5 MB"]);
  expect([12, 3_400, 1_200_000].map(micros)).toEqual(["12 µs", "3.4 ms", "1.2 s"]);
});

test("address of a node leads back to it, and a broken one to the fleet", () => {
  expect(routeOf(linkTo("toledo/node-1"))).toEqual({ node: "toledo/node-1" });
  for (const fragment of ["", "#", "#/", "#/%E0%A4%A"]) expect(routeOf(fragment)).toBeNull();
});

const voltages = (u1: number | null) => ({ u1, u2: null, u3: null, f: null });

test("series keeps the newest when it is full, in order, and what was not measured stays a gap", () => {
  const series = new Series(4);
  for (const second of [1, 2, 4, 5, 6]) series.put(second, voltages(second));
  expect(series.put(3, voltages(null))).toBe(true);
  expect(times(series)).toEqual([3, 4, 5, 6]);
  expect(series.value("u1", 0)).toBeNaN();
  expect(series.value("u1", 3)).toBe(6);
  expect(series.value("u2", 3)).toBeNaN();
});

test("series refuses a repetition and what is older than all it holds", () => {
  const series = new Series(3);
  for (const second of [2, 3, 4]) series.put(second, voltages(second));
  expect(series.put(3, voltages(9))).toBe(false);
  expect(series.put(1, voltages(9))).toBe(false);
  expect(times(series)).toEqual([2, 3, 4]);
  expect(series.from(2.5)).toBe(1);
  expect(series.from(9)).toBe(3);
});

test("series agrees with a sorted list whatever the order of arrival", () => {
  for (let seed = 1; seed < 50; seed += 1) {
    const series = new Series(8);
    const held: number[] = [];
    let state = seed;
    for (let step = 0; step < 60; step += 1) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      const second = state % 40;
      const isTaken = !held.includes(second) && (held.length < 8 || second > Math.min(...held));
      if (isTaken && held.length === 8) held.splice(held.indexOf(Math.min(...held)), 1);
      if (isTaken) held.push(second);
      expect(series.put(second, voltages(second))).toBe(isTaken);
      expect(times(series)).toEqual([...held].sort((one, other) => one - other));
    }
  }
});

function times(series: Series): number[] {
  return Array.from({ length: series.length }, (_, index) => series.seconds(index));
}
