// Does a node hear of a record what was recorded: at other moments, but neither more nor less?

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import type { GridEvent } from "services/api/reading";
import type { WaveformBlock } from "services/api/waveform";
import { createMeasurement } from "services/sensor/measurement";
import { openWorld } from "sim/world/open";
import { playWorld } from "sim/world/play";
import { createResampler, type SampledLine } from "sim/world/samples";
import { type Playback, type World, WorldError } from "sim/world/world";
import { type AnalogSketch, type Sketch, writeCombined } from "tests/comtrade-writer";
import { measure } from "tests/sensing-waves";

const { PI, abs, max, min, round, sin } = Math;

function lineOf(rate: (row: number) => number, count: number, wave: (seconds: number) => number): SampledLine {
  const seconds = new Float64Array(count);
  for (let row = 1; row < count; row++) seconds[row] = (seconds[row - 1] as number) + 1 / rate(row);
  return { seconds, gaps: [], values: seconds.map(wave), skewSeconds: 0 };
}

/** Largest difference to the wave, at 4,000 moments a second that keep away from the ends. */
function errorOf(line: SampledLine, wave: (seconds: number) => number, awaySeconds: number): number {
  const resampler = createResampler(line);
  const end = line.seconds.at(-1) as number;
  let worst = 0;
  for (let moment = awaySeconds; moment < end - awaySeconds; moment += 0.000_25)
    worst = max(worst, abs(resampler.at(moment) - wave(moment)));
  return worst;
}

const wave = (seconds: number): number =>
  sin(2 * PI * 50 * seconds) + 0.1 * sin(2 * PI * 250 * seconds + 1) + 0.05 * sin(2 * PI * 350 * seconds);

describe("the resampler", () => {
  test.each([
    ["1,200 S/s", () => 1_200],
    ["2,400 S/s that drift as those of R3", (row: number) => 2_402 + 8 * sin(row / 300)],
    ["10,000 S/s", () => 10_000],
    ["15,360 S/s", () => 15_360],
  ])("gives back a wave with harmonics from %s within 0.01 % of its peak", (_what, rate) => {
    const line = lineOf(rate, rate(1), wave);
    expect(errorOf(line, wave, 17 / 1_200)).toBeLessThan(0.000_1);
  });

  test("gives samples of 4,000 a second as they are", () => {
    const line = lineOf(
      () => 4_000,
      400,
      (seconds) => round(1e4 * wave(seconds)),
    );
    const resampler = createResampler(line);
    for (let row = 0; row < 400; row++)
      expect(resampler.at(line.seconds[row] as number)).toBeCloseTo(line.values[row] as number, 6);
  });

  test("stays within 1 % of the peak up to the first and last sample", () => {
    expect(
      errorOf(
        lineOf(() => 1_200, 600, wave),
        wave,
        0,
      ),
    ).toBeLessThan(0.012);
  });

  test("takes away what 4,000 samples a second cannot have", () => {
    const high = (seconds: number): number => sin(2 * PI * 3_000 * seconds);
    const line = lineOf(() => 10_000, 4_000, high);
    expect(errorOf(line, () => 0, 0.01)).toBeLessThan(0.001);
  });

  test("knows nothing before, after, within a pause or beside a missing value, and all the rest", () => {
    const line = lineOf(() => 1_000, 100, wave);
    line.seconds.forEach((seconds, row) => {
      if (row >= 40) line.seconds[row] = seconds + 0.5;
    });
    line.values[70] = Number.NaN;
    const resampler = createResampler({ ...line, gaps: [40] });
    const isKnown = (seconds: number): boolean => !Number.isNaN(resampler.at(seconds));
    expect(
      [-0.001, 0, 0.039, 0.039_1, 0.3, 0.539_9, 0.54, 0.569, 0.569_5, 0.57, 0.571_1, 0.599, 0.6].map(isKnown),
    ).toEqual([false, true, true, false, false, false, true, true, false, false, true, true, false]);
    // Of the samples on the other side of the pause nothing is in the value on this side.
    const alone = createResampler({ ...line, seconds: line.seconds.slice(0, 40), values: line.values.slice(0, 40) });
    expect(resampler.at(0.038_5)).toBe(alone.at(0.038_5));
  });

  test("goes on from one rate to another, and leaves out what is too slow to be a wave", () => {
    const line = lineOf((row) => (row < 500 ? 1_000 : row < 520 ? 50 : 2_000), 1_500, wave);
    const resampler = createResampler(line);
    expect(resampler.slowSeconds).toBeCloseTo(0.4, 9);
    expect([0.498, 0.6, 0.89, 0.95].map((seconds) => Number.isNaN(resampler.at(seconds)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    const fast = lineOf((row) => (row < 500 ? 1_000 : 4_000), 1_500, wave);
    // The seam is an edge of both.
    expect(errorOf(fast, wave, 0.02)).toBeLessThan(0.02);
  });

  test("takes each channel at the time of its own converter", () => {
    const line = lineOf(
      () => 1_200,
      1_200,
      (seconds) => wave(seconds + 0.000_5),
    );
    expect(errorOf({ ...line, skewSeconds: 0.000_5 }, wave, 0.02)).toBeLessThan(0.000_1);
  });
});

const folder = mkdtempSync(join(tmpdir(), "lugh-comtrade-world-"));
afterAll(() => rmSync(folder, { recursive: true }));
let written = 0;

/** Three phases of 100 V peak on channels of kilovolts unless told otherwise, 1,000 S/s, from 04:05:06 on. */
function sketchOf(
  count: number,
  analog: AnalogSketch[] = ["UA", "UB", "UC"].map((name) => ({ name, unit: "kV", multiplier: 1e-5 })),
): Sketch {
  const value = (line: number, row: number): number => round(1e4 * sin(2 * PI * (row / 20 - line / 3)));
  return {
    analog,
    rows: Array.from({ length: count }, (_, row) => ({
      stamp: 1_000 * row,
      analog: analog.map((_, line) => value(line, row)),
    })),
  };
}

function fileOf(sketch: Sketch): string {
  const path = join(folder, `${++written}.cff`);
  writeFileSync(path, writeCombined(sketch));
  return path;
}

function play(sketch: Sketch, options: Parameters<typeof openWorld>[1] = {}): World & { readonly playback: Playback } {
  const world = openWorld(`comtrade:${fileOf(sketch)}`, options);
  if (world.playback === undefined) throw new Error("the world has no samples");
  return { ...world, playback: world.playback };
}

describe("world comtrade:FILE", () => {
  test("begins and ends with the record, and assumes the voltage that it begins with", () => {
    const world = play(sketchOf(1_000));
    expect(world.startMicros).toBe(Date.UTC(2024, 2, 2, 4, 5, 6) * 1000);
    expect(world.declaredVolts).toBeCloseTo(100 / Math.SQRT2, 1);
    expect((world.endMicros as number) - world.startMicros).toBe(999_000 + 2_000_000);
    expect(world.setpoints(0, world.startMicros, world.startMicros + 1e6)).toEqual([]);
  });

  test("assumes the voltage of where it is alive when it begins without one", () => {
    const sketch = sketchOf(2_000);
    const late = {
      ...sketch,
      rows: sketch.rows.map((row, index) => (index < 900 ? { ...row, analog: [1, 1, 1] } : row)),
    };
    expect(play(late).declaredVolts).toBeCloseTo(100 / Math.SQRT2, 1);
  });

  test("gives each sample once to ranges that adjoin, on a grid of 250 µs, and pauses 2 s between laps", () => {
    const { playback, startMicros, endMicros } = play({ ...sketchOf(1_000), start: "02/03/2024,04:05:06.000123" });
    const framesIn = (from: number, to: number): number[] =>
      playback.samples(from, to).flatMap(({ atMicros, samples }) => {
        expect([atMicros % 250, samples.length % 3]).toEqual([0, 0]);
        return Array.from({ length: samples.length / 3 }, (_, index) => atMicros + 250 * index);
      });
    const lap = (endMicros as number) - startMicros;
    const whole = framesIn(startMicros, startMicros + 2 * lap);
    expect(new Set(whole).size).toBe(whole.length);
    const pieces = Array.from({ length: 60 }, (_, index) =>
      framesIn(startMicros + (index * lap) / 30, startMicros + ((index + 1) * lap) / 30),
    );
    expect(pieces.flat()).toEqual(whole);
    const steps = whole.slice(1).map((at, index) => at - (whole[index] as number));
    expect(steps.filter((step) => step !== 250)).toEqual([lap - 998_750]);
    expect(framesIn(startMicros - 1e6, startMicros)).toEqual([]);
    const again = playback.samples(startMicros + lap, startMicros + 2 * lap).map(({ samples }) => samples);
    expect(again).toEqual(playback.samples(startMicros, startMicros + lap).map(({ samples }) => samples));
  });

  test("begins at a time of day within the record, on the record's own clock", () => {
    const world = play({ ...sketchOf(4_000), revision: "2013", clock: ["+2,+2", "B,0"] }, { at: "04:05:08" });
    expect(world.startMicros).toBe(Date.UTC(2024, 2, 2, 2, 5, 8) * 1000);
    expect([world.zoneMinutes, (world.endMicros as number) - world.startMicros]).toEqual([120, 3_999_000]);
    const file = fileOf(sketchOf(4_000));
    expect(() => openWorld(`comtrade:${file}`, { at: "04:06" })).toThrow("wanted a time from 04:05:06 to 04:05:09");
  });

  test("keeps its samples where they were when its clock is set against UTC", () => {
    const world = play(sketchOf(1_000));
    const playing = playWorld(world, 1_800_000_000_123_456);
    const [first] = playing.playback?.samples(playing.anchorMicros, playing.anchorMicros + 1e6) ?? [];
    expect(first?.atMicros).toBe(playing.anchorMicros);
    expect(first?.samples).toEqual(world.playback.samples(world.startMicros, world.startMicros + 1e6)[0]?.samples);
    expect(playWorld(openWorld("steady"), 5).playback).toBeNull();
  });

  test("tells what is odd about the file", () => {
    expect(play({ ...sketchOf(100), revision: "2001" }).remarks).toEqual([
      "there is no revision of 2001; it is read as one of 1999",
    ]);
    const stamps = sketchOf(400).rows.map((row, index) => ({
      ...row,
      stamp: index < 300 ? 1_000 * index : 299_000 + 20_000 * (index - 299),
    }));
    expect(play({ ...sketchOf(400), rows: stamps, rates: [[0, 400]] }).remarks).toEqual([
      "2.0 s of it have fewer than 500 samples a second: they are left out",
    ]);
  });
});

describe("channels", () => {
  const named = (...names: [name: string, unit: string, phase: string][]): Sketch =>
    sketchOf(
      100,
      names.map(([name, unit, phase], index) => ({ name, unit, phase, multiplier: 0.01 * (index + 1) })),
    );
  const peaksOf = (sketch: Sketch, channels?: string): number[] => {
    const { playback, startMicros } = play(sketch, { channels });
    const [chunk] = playback.samples(startMicros, startMicros + 1e5);
    return [0, 1, 2].map((line) =>
      round(max(...(chunk?.samples.filter((_, index) => index % 3 === line) ?? [])) * playback.voltsPerCount),
    );
  };

  test("are the first three phases in a row that carry a voltage, whatever stands before them", () => {
    const sketch = named(["I1", "A", "A"], ["U0", "V", "N"], ["a", "V", "A"], ["b", "V", "B"], ["c", "V", "C"]);
    expect(peaksOf(sketch)).toEqual([300, 400, 500]);
    const noPhases = named(["I1", "A", ""], ["U1", "V", ""], ["U2", "V", ""], ["U3", "V", ""]);
    expect(peaksOf(noPhases)).toEqual([200, 300, 400]);
  });

  test("that no wire reaches are passed over", () => {
    const sketch = named(
      ["a", "V", "A"],
      ["b", "V", "B"],
      ["c", "V", "C"],
      ["d", "V", "A"],
      ["e", "V", "B"],
      ["f", "V", "C"],
    );
    const rows = sketch.rows.map((row) => ({ ...row, analog: [1, 2, 1, ...row.analog.slice(3)] }));
    expect(peaksOf({ ...sketch, rows })).toEqual([400, 500, 600]);
  });

  test("are those that were named, in that order", () => {
    const sketch = named(["a", "V", "A"], ["b", "V", "B"], ["c", "V", "C"], ["d", "V", ""]);
    expect(peaksOf(sketch, "d, b,a")).toEqual([400, 200, 100]);
  });

  test("that do not exist, are no voltages or not three are refused with those that exist", () => {
    const file = fileOf(named(["UA", "V", ""], ["UB", "V", ""], ["IA", "A", ""]));
    const wanted = (channels?: string) => () => openWorld(`comtrade:${file}`, { channels });
    const listed = "It has UA (V), UB (V), IA (A)";
    expect(wanted("UA,UB,UX")).toThrow(WorldError);
    expect(wanted("UA,UB,UX")).toThrow(
      `Cannot play record ${file}: wanted names of its channels in --channels, found "UX". ${listed}`,
    );
    expect(wanted("UA,UB,IA")).toThrow(`wanted channels of volts, found "IA" in "A". ${listed}`);
    expect(wanted("UA,UB")).toThrow(`wanted three channels in --channels, for lines 1, 2 and 3, found 2. ${listed}`);
    expect(wanted()).toThrow(`wanted three channels that carry a voltage, found none. ${listed}`);
    expect(() => openWorld("blackout", { channels: "a,b,c" })).toThrow("wanted --channels with comtrade:FILE only");
  });

  test("of a record that is too short, or is none, are refused", () => {
    const file = fileOf(sketchOf(30));
    expect(() => openWorld(`comtrade:${file}`)).toThrow(
      `Cannot play record ${file}: wanted at least 0.04 s of it, found 0.029`,
    );
    expect(() => openWorld("comtrade:/nowhere.cfg")).toThrow(WorldError);
    expect(() => openWorld("comtrade:")).toThrow(WorldError);
  });
});

/** Blocks as the port makes them. */
function* blocksOf(world: World): Generator<WaveformBlock> {
  const { playback, startMicros, endMicros } = world;
  if (playback === undefined || endMicros === null) return;
  for (const { atMicros, samples } of playback.samples(startMicros, endMicros))
    for (let first = 0; first + 240 <= samples.length; first += 240)
      yield {
        samples: samples.slice(first, first + 240),
        voltsPerCount: playback.voltsPerCount,
        samplesPerSecond: 4_000,
        timeMicros: atMicros + (first / 3) * 250,
        timeQualityMicros: 10,
        sequence: (atMicros - Math.ceil(startMicros / 250) * 250) / 250 + first / 3,
      };
}

function eventsOf(file: string): { events: GridEvent[]; world: World } {
  const world = openWorld(`comtrade:tests/records/${file}`);
  return { world, events: measure(createMeasurement({ declaredVolts: world.declaredVolts }), blocksOf(world)).events };
}

describe("a sensor that hears the power swing (R2)", () => {
  const { events, world } = eventsOf("wisp-comtrade/2-bus.cfg");
  const dips = events.filter(({ kind, phase }) => kind === "dip" && phase === "end");

  test("finds its seven dips where they are, and how deep they are", () => {
    const beginnings = dips.map(({ startMicros }) => (startMicros - world.startMicros) / 1e6);
    [0.45, 0.73, 0.99, 1.23, 1.48, 2.13, 2.64].forEach((expected, index) => {
      expect(abs((beginnings[index] as number) - expected)).toBeLessThan(0.015);
    });
    const residuals = dips.map(({ extreme }) => (100 * extreme) / world.declaredVolts);
    // The deepest is a V of 0.6 % a millisecond: windows that follow each other by half a cycle miss its point by up to 3 %.
    [71, 68, 48, 25, 8, 34, 67].forEach((expected, index) => {
      expect(abs((residuals[index] as number) - expected)).toBeLessThan(1.5);
    });
    expect(dips).toHaveLength(7);
  });

  test("tells one train of alarms: each begins once, ends once, and overlaps none of its kind", () => {
    const kinds = new Set(events.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(["dip", "over-frequency", "swell", "under-frequency"]);
    for (const kind of kinds) {
      const phases = events.filter((event) => event.kind === kind).map(({ phase }) => phase);
      expect(phases).toEqual(phases.map((_, index) => (index % 2 === 0 ? "begin" : "end")));
    }
    // 16 s of swinging: two or three alarms a second at the most, of three lines and four kinds.
    expect(events.filter(({ phase }) => phase === "begin").length).toBeLessThan(40);
  });
});

test("a sensor that hears the earth fault (R3) finds five dips of line 2 alone, down to 35 V", () => {
  const { events, world } = eventsOf("wisp-comtrade/1.cfg");
  const dips = events.filter(({ kind, phase }) => kind === "dip" && phase === "end");
  expect(dips.map(({ lines }) => lines)).toEqual(dips.map(() => [2]));
  expect(min(...dips.map(({ extreme }) => extreme))).toBeCloseTo(35, 0);
  expect(dips.map(({ startMicros }) => ((startMicros - world.startMicros) / 1e6).toFixed(1))).toEqual([
    "0.1",
    "0.2",
    "0.6",
    "1.1",
    "1.2",
  ]);
});
