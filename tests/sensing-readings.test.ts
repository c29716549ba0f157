// Does a reading say what the wave was: voltage and frequency, at the right second, and nothing where nothing is known?

import { describe, expect, test } from "@jest/globals";
import type { Reading } from "services/api/reading";
import type { WaveformBlock } from "services/api/waveform";
import { createMeasurement } from "services/sensor/measurement";
import { measure, noonMicros, type Recording, record, type Wave } from "tests/sensing-waves";

const declaredVolts = 230;

/** The readings of whole seconds 1, 2, … of a wave that begins at second 0. */
function readingsOf(wave: Wave, recording: Partial<Recording> = {}): Reading[] {
  return measure(createMeasurement({ declaredVolts }), record(wave, { seconds: 3.6, ...recording })).readings.filter(
    ({ timeMicros }) => timeMicros > (recording.startMicros ?? noonMicros),
  );
}

function steady(volts: number): Wave["volts"] {
  return () => volts;
}

function secondsOf(readings: readonly Reading[]): number[] {
  return readings.map(({ timeMicros }) => (timeMicros - noonMicros) / 1_000_000);
}

describe("a reading", () => {
  test("gives each line's rms within 0.01 % of the declared voltage, from 10 to 150 % of it", () => {
    for (const ratio of [0.1, 0.5, 0.9, 1, 1.1, 1.5])
      for (const { u1, u2, u3 } of readingsOf({
        volts: (line) => declaredVolts * ratio * (1 - 0.01 * line),
        phaseDegrees: 100,
      }))
        [u1, u2, u3].forEach((volts, line) => {
          const error = Math.abs((volts as number) - declaredVolts * ratio * (1 - 0.01 * line));
          expect(error).toBeLessThan(declaredVolts * 0.000_1);
        });
  });

  test("gives the frequency within 0.1 mHz, from 42.5 to 57.5 Hz, and rms untouched by it", () => {
    for (const hertz of [42.5, 47.476, 49, 49.95, 50, 50.05, 51, 57.5])
      for (const reading of readingsOf({ volts: steady(230), hertz: () => hertz, phaseDegrees: 33 })) {
        expect(Math.abs((reading.f as number) - hertz)).toBeLessThan(0.000_1);
        expect(Math.abs((reading.u1 as number) - 230)).toBeLessThan(0.01);
      }
  });

  test("counts harmonics, and interharmonics, into the rms and leaves them out of the frequency", () => {
    const tones = [
      [3, 0.05],
      [5, 0.06],
      [7, 0.05],
      [11, 0.035],
      [13, 0.03],
    ] as const;
    const expected = 230 * Math.sqrt(tones.reduce((sum, [, ratio]) => sum + ratio ** 2, 1));
    for (const reading of readingsOf({ volts: steady(230), tones })) {
      expect(Math.abs((reading.u2 as number) - expected)).toBeLessThan(0.05);
      expect(Math.abs((reading.f as number) - 50)).toBeLessThan(0.000_1);
    }
    for (const reading of readingsOf({ volts: steady(230), tones: [[1.54, 0.1]] })) {
      expect(Math.abs((reading.u1 as number) - 230 * Math.sqrt(1.01))).toBeLessThan(0.46);
      expect(Math.abs((reading.f as number) - 50)).toBeLessThan(0.01);
    }
  });

  test("gives the frequency within 3 mHz and the rms within 0.05 % in noise of 0.2 %", () => {
    for (const reading of readingsOf({ volts: steady(230), noiseVolts: 0.46 }, { seconds: 10.6 })) {
      expect(Math.abs((reading.f as number) - 50)).toBeLessThan(0.003);
      expect(Math.abs((reading.u3 as number) - 230)).toBeLessThan(0.12);
      expect(reading.flagged).toBe(false);
    }
  });

  test("gives the frequency in the middle of its second, where the frequency ramps", () => {
    for (const reading of readingsOf({ volts: steady(230), hertz: (seconds) => 50 - 0.7 * seconds }))
      expect(Math.abs((reading.f as number) - 50 + (0.7 * (reading.timeMicros - noonMicros)) / 1e6)).toBeLessThan(
        0.008,
      );
  });

  test("is centred on its second: a step between two seconds shows in neither", () => {
    const readings = readingsOf({ volts: (_line, seconds) => (seconds < 1.5 ? 225 : 235) });
    expect(readings.map(({ u1 }) => (u1 as number).toFixed(0))).toEqual(["225", "235", "235"]);
  });

  test("comes once for each whole second, numbered without a gap, wherever blocks begin", () => {
    for (const offsetMicros of [0, 137, 7_500, 499_999, 500_000, 500_001]) {
      const measurement = createMeasurement({ declaredVolts });
      const { readings } = measure(
        measurement,
        record({ volts: steady(230) }, { seconds: 5.6, startMicros: noonMicros + offsetMicros }),
      );
      const first = readings[0]?.timeMicros ?? 0;
      expect(readings.map(({ timeMicros }) => (timeMicros - first) / 1e6)).toEqual(readings.map((_, index) => index));
      expect(readings.map(({ sequence }) => sequence)).toEqual(readings.map((_, index) => index + 1));
      expect(readings.length).toBeGreaterThanOrEqual(5);
      expect(first % 1_000_000).toBe(0);
      expect(readings.slice(1).every(({ flagged }) => !flagged)).toBe(true);
    }
  });

  test("is flagged when the measurement began within its second, and left out when that was past 40 % of it", () => {
    const firstOf = (offset: number): Reading | undefined =>
      measure(
        createMeasurement({ declaredVolts }),
        record({ volts: steady(230) }, { seconds: 3, startMicros: noonMicros + offset * 1e6 }),
      ).readings[0];
    expect(firstOf(0.5)).toMatchObject({ timeMicros: noonMicros + 1_000_000, flagged: false });
    expect(firstOf(0.8)).toMatchObject({ timeMicros: noonMicros + 1_000_000, flagged: true });
    expect(firstOf(0.8)?.u1).toBeCloseTo(230, 0);
    expect(firstOf(0.8)?.f).toBeCloseTo(50, 4);
    expect(firstOf(0.95)).toMatchObject({ timeMicros: noonMicros + 2_000_000, flagged: false });
  });

  test("is out 40 ms after the end of its second", () => {
    const measurement = createMeasurement({ declaredVolts });
    for (const block of record({ volts: steady(230) }, { seconds: 3 }))
      for (const { timeMicros } of measurement.block(block).readings)
        expect(block.timeMicros + 20_000 - (timeMicros + 500_000)).toBeLessThanOrEqual(40_000);
  });

  test("carries the time quality of its samples", () => {
    expect(readingsOf({ volts: steady(230) }, { qualityMicros: 31 })[0]?.timeQualityMicros).toBe(31);
    expect(readingsOf({ volts: steady(230) }, { qualityMicros: null })[0]?.timeQualityMicros).toBeNull();
  });
});

describe("frequency below 10 % of the declared voltage", () => {
  test("is invalid however clean the wave, and valid just above", () => {
    for (const reading of readingsOf({ volts: steady(0.099 * 230) })) {
      expect(reading.f).toBeNull();
      expect(reading.u1).toBeCloseTo(22.77, 1);
    }
    for (const reading of readingsOf({ volts: steady(0.101 * 230) })) expect(reading.f).toBeCloseTo(50, 3);
  });

  test("is invalid for a second in which the voltage was there for only part of it", () => {
    const readings = readingsOf({ volts: (_line, seconds) => (seconds < 2.1 ? 230 : 2) });
    expect(readings.map(({ f }) => f === null)).toEqual([false, true, true]);
  });

  test("comes from a line that still has voltage", () => {
    for (const reading of readingsOf({ volts: (line) => (line === 2 ? 230 : 1), hertz: () => 49.8 }))
      expect(reading.f).toBeCloseTo(49.8, 3);
  });
});

describe("samples that are missing", () => {
  const withGap = (from: number, to: number): WaveformBlock[] =>
    [...record({ volts: steady(230) }, { seconds: 8.6 })].filter(
      ({ sequence }) => sequence < from * 4_000 || sequence >= to * 4_000,
    );

  test("flag the seconds that they touch and leave these without frequency, but not without voltage", () => {
    const { readings } = measure(createMeasurement({ declaredVolts }), withGap(3.1, 3.12));
    const touched = readings.find(({ timeMicros }) => timeMicros === noonMicros + 3_000_000);
    expect(touched).toMatchObject({ flagged: true, f: null });
    expect(touched?.u1).toBeCloseTo(230, 1);
    expect(readings.filter(({ flagged }) => flagged)).toEqual([touched]);
  });

  test("are never bridged: seconds without samples have no reading, and no event comes of them", () => {
    const { readings, events } = measure(createMeasurement({ declaredVolts }), withGap(2.7, 5.2));
    expect(secondsOf(readings)).toEqual([1, 2, 6, 7, 8]);
    expect(events).toEqual([]);
    for (const { u1, u2, u3 } of readings) for (const volts of [u1, u2, u3]) expect(volts).toBeCloseTo(230, 0);
  });

  test("flag both seconds when they lie across the end of one", () => {
    const { readings } = measure(createMeasurement({ declaredVolts }), withGap(3.48, 3.52));
    const touched = readings.filter(({ flagged }) => flagged);
    expect(secondsOf(touched)).toEqual([3, 4]);
    expect(touched.map(({ f }) => f)).toEqual([null, expect.closeTo(50, 4)]);
  });

  test("are missing too when the sequence jumps and the time does not", () => {
    const blocks = [...record({ volts: steady(230) }, { seconds: 4.6 })].map((block) =>
      block.sequence < 8_080 ? block : { ...block, sequence: block.sequence + 40 },
    );
    const { readings, events } = measure(createMeasurement({ declaredVolts }), blocks);
    expect(readings.map(({ flagged, f }) => flagged && f === null)).toEqual([false, true, false, false]);
    expect(events).toEqual([]);
  });

  test("are missing too when the clock steps, and readings go on with the new time", () => {
    const before = [...record({ volts: steady(230) }, { seconds: 2.9 })];
    const after = [
      ...record({ volts: steady(230) }, { seconds: 3.6, startMicros: noonMicros - 57_000_000, firstSequence: 11_600 }),
    ];
    const { readings } = measure(createMeasurement({ declaredVolts }), [...before, ...after]);
    expect(secondsOf(readings)).toEqual([1, 2, -56, -55, -54]);
    expect(readings.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("samples that are no measurement", () => {
  test("at the limit of the converter leave the line without a value", () => {
    for (const reading of readingsOf({ volts: (line) => (line === 0 ? 230 * 1.9 : 230) })) {
      expect(reading).toMatchObject({ u1: null, flagged: true });
      expect(reading.u2).toBeCloseTo(230, 1);
    }
  });

  test("a block with nonsense is refused and counted, and counts as a gap", () => {
    const measurement = createMeasurement({ declaredVolts });
    const blocks = [...record({ volts: steady(230) }, { seconds: 3.6 })];
    const bad: Partial<WaveformBlock>[] = [
      { voltsPerCount: Number.NaN },
      { voltsPerCount: 0 },
      { timeMicros: Number.NaN },
      { samplesPerSecond: 3_200 },
      { samples: new Int32Array(0) },
      { samples: new Int32Array(241) },
      { samples: new Float64Array(240).fill(Number.NaN) as unknown as Int32Array },
    ];
    bad.forEach((fields, index) => {
      blocks[100 + index] = { ...(blocks[100 + index] as WaveformBlock), ...fields };
    });
    const { readings, events } = measure(measurement, blocks);
    expect(measurement.refusedBlocks()).toBe(bad.length);
    expect(readings.map(({ flagged }) => flagged)).toEqual([false, true, false]);
    expect(readings[1]?.u1).toBeCloseTo(230, 1);
    expect(events).toEqual([]);
  });

  test("a wave with an offset keeps its frequency", () => {
    for (const reading of readingsOf({ volts: steady(230), offsetVolts: 20 })) expect(reading.f).toBeCloseTo(50, 4);
  });
});

test("createMeasurement() refuses a declared voltage that is none", () => {
  for (const volts of [0, -230, Number.NaN, Infinity])
    expect(() => createMeasurement({ declaredVolts: volts })).toThrow(/wanted declaredVolts above 0/);
});
