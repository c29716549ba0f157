// Do nodes that measure the collapse of 28 April 2025 say what its record says, and in the order in which it happened?

import { beforeAll, describe, expect, test } from "@jest/globals";
import type { GridEvent, Reading } from "services/api/reading";
import type { WaveformBlock } from "services/api/waveform";
import { createMeasurement } from "services/sensor/measurement";
import { openWorld } from "sim/world/open";
import { readToledoRecord, toledoVolts } from "sim/world/toledo";
import type { Setpoint } from "sim/world/world";
import { measure, record, type Wave } from "tests/sensing-waves";

const second = 1_000_000;

function local(time: string): number {
  return Date.parse(`2025-04-28T${time}+02:00`) * 1000;
}

function clockOf(micros: number): string {
  return new Date(micros / 1000 + 7_200_000).toISOString().slice(11, 19);
}

/** The wave between set points, and the blocks that lie where it is known. */
function* playRecord(node: number, from: string, to: string): Generator<WaveformBlock> {
  const start = local(from);
  const points = openWorld("blackout", { at: from }).setpoints(node, start, local(to) + 1);
  const { volts, hertz } = waveOf(points, start);
  const seconds = (local(to) - start) / second;
  for (const block of record(
    { volts, hertz, phaseDegrees: 5 * node, noiseVolts: 2.6 },
    { seconds, startMicros: start, declaredVolts: toledoVolts, seed: node + 1 },
  ))
    if (isKnown(points, block.timeMicros)) yield block;
}

function waveOf(points: readonly Setpoint[], start: number): Required<Pick<Wave, "volts" | "hertz">> {
  let index = 0;
  const between = (seconds: number, value: (point: Setpoint) => number): number => {
    const micros = start + seconds * second;
    while (index > 0 && (points[index] as Setpoint).atMicros > micros) index -= 1;
    while (index + 2 < points.length && (points[index + 1] as Setpoint).atMicros <= micros) index += 1;
    const [before, after] = [points[index], points[index + 1]] as [Setpoint, Setpoint];
    const share = (micros - before.atMicros) / (after.atMicros - before.atMicros);
    return value(before) + share * (value(after) - value(before));
  };
  return {
    volts: (line, seconds) => between(seconds, (point) => point.volts[line] as number),
    hertz: (seconds) => between(seconds, (point) => point.hertz),
  };
}

function isKnown(points: readonly Setpoint[], micros: number): boolean {
  const before = points.filter(({ atMicros }) => atMicros <= micros).at(-1);
  return before?.continues === true;
}

describe.each([0, 17])("node %d through the collapse", (node) => {
  let readings: Map<string, Reading>;
  let events: GridEvent[];

  beforeAll(() => {
    const found = measure(createMeasurement({ declaredVolts: toledoVolts }), playRecord(node, "12:32:50", "12:34:10"));
    readings = new Map(found.readings.map((reading) => [clockOf(reading.timeMicros), reading]));
    events = found.events;
  });

  test("reads the record's frequency at its moments: 50.0 before, 48.6 at 12:33:20", () => {
    const { rows, startMicros } = readToledoRecord();
    for (let at = local("12:32:52"); at <= local("12:33:22"); at += 2 * second) {
      const expected = rows[(at - startMicros) / (2 * second)]?.hertz as number;
      // Where the frequency bends, a second's mean lies inside the bend: by up to an eighth of the change of slope.
      const bend = at >= local("12:33:16") ? 0.09 : 0.002;
      expect(Math.abs((readings.get(clockOf(at))?.f as number) - expected)).toBeLessThan(bend);
    }
    expect(readings.get("12:33:00")?.f).toBeCloseTo(49.975, 2);
    expect(readings.get("12:33:20")?.f?.toFixed(1)).toBe("48.6");
    expect(readings.get("12:33:22")?.f?.toFixed(1)).toBe("47.5");
  });

  test("reads the record's voltages within 0.2 %, where they do not bend", () => {
    const { rows, startMicros } = readToledoRecord();
    for (let at = local("12:32:52"); at <= local("12:33:12"); at += 2 * second) {
      const { u1, u2, u3 } = readings.get(clockOf(at)) as Reading;
      const { volts } = rows[(at - startMicros) / (2 * second)] as { volts: readonly number[] };
      [u1, u2, u3].forEach((value, line) => {
        expect(Math.abs((value as number) / (volts[line] as number) - 1)).toBeLessThan(0.002);
      });
    }
    expect((readings.get("12:33:18")?.u2 as number) / toledoVolts).toBeCloseTo(1.12, 2);
  });

  test("has three voltages in every reading, none of them larger than the grid's", () => {
    for (const { u1, u2, u3 } of readings.values())
      for (const volts of [u1, u2, u3]) {
        expect(volts).toBeGreaterThan(20);
        expect(volts).toBeLessThan(1.125 * toledoVolts);
      }
  });

  test("has no frequency from 12:33:24 on, whatever the record's column says, and reads 20 to 70 V", () => {
    for (let at = local("12:33:24"); at < local("12:34:09"); at += second) {
      expect(readings.get(clockOf(at))?.f).toBeNull();
      if (at >= local("12:33:26")) {
        expect(readings.get(clockOf(at))?.u1).toBeGreaterThan(20);
        expect(readings.get(clockOf(at))?.u1).toBeLessThan(110);
      }
    }
    expect(readings.get("12:33:23")?.f).not.toBeNull();
  });

  test("tells over-voltage, under-frequency and the collapse in this order, each once", () => {
    expect(events.map(({ kind, phase }) => `${kind} ${phase}`)).toEqual([
      "swell begin",
      "under-frequency begin",
      "swell end",
      "dip begin",
      "under-frequency end",
      "interruption begin",
    ]);
    const [swell, under, , dip, , interruption] = events as [
      GridEvent,
      GridEvent,
      GridEvent,
      GridEvent,
      GridEvent,
      GridEvent,
    ];
    expect(swell.startMicros).toBeGreaterThan(local("12:33:04"));
    expect(swell.startMicros).toBeLessThan(local("12:33:16"));
    expect(events[2]?.extreme).toBeGreaterThan(1.119 * toledoVolts);
    expect(events[2]?.extreme).toBeLessThan(1.124 * toledoVolts);
    expect(clockOf(under.startMicros)).toBe("12:33:18");
    expect(clockOf(dip.startMicros)).toBe("12:33:22");
    expect(clockOf(interruption.startMicros)).toBe("12:33:23");
    expect(interruption.lines).toEqual([1, 2, 3]);
  });

  test("flags readings from the over-voltage on, and none before", () => {
    const flagged = [...readings].filter(([, reading]) => reading.flagged).map(([clock]) => clock);
    expect(flagged.filter((clock) => clock > "12:32:50" && clock < "12:33:05")).toEqual([]);
    for (const clock of ["12:33:18", "12:33:20", "12:33:23", "12:33:24", "12:34:00"]) expect(flagged).toContain(clock);
  });
});

test("rows that are missing become seconds without a reading, and no event (GRID R1)", () => {
  const { readings, events } = measure(
    createMeasurement({ declaredVolts: toledoVolts }),
    playRecord(3, "12:30:52", "12:31:08"),
  );
  expect(events).toEqual([]);
  expect(readings.map(({ timeMicros, flagged }) => `${clockOf(timeMicros)}${flagged ? " flagged" : ""}`)).toEqual([
    "12:30:53",
    "12:30:54",
    "12:30:55",
    "12:30:56",
    "12:30:57",
    "12:31:03",
    "12:31:04",
    "12:31:05",
    "12:31:06",
    "12:31:07",
  ]);
});

test("the ordinary grid has no event: five minutes from 11:17", () => {
  const { readings, events } = measure(
    createMeasurement({ declaredVolts: toledoVolts }),
    playRecord(9, "11:17:00", "11:22:00"),
  );
  expect(events).toEqual([]);
  expect(readings.slice(1).filter(({ flagged }) => flagged)).toEqual([]);
});
