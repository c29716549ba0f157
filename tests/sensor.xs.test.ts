// Does the sensor, with the entry that it has in the system table, measure on the engine what is on its waveform topic?

import { type Bench, expect, test } from "lughos/testing";
import type { WaveformBlock } from "services/api/waveform";
import sensor from "services/sensor/service";

const samplesPerSecond = 4_000;
const samplesEach = 80;
const voltsPerCount = 0.02;
const clock = { micros: 1_767_225_600_000_000, qualityMicros: 100 };
const volts = [230, 231, 232] as const;

/** A fiftieth of a second of a sine on each line. */
function sine(index: number, scale: number): WaveformBlock {
  const samples = new Int32Array(samplesEach * 3);
  for (let sample = 0; sample < samplesEach; sample++)
    for (let line = 0; line < 3; line++) {
      const turns = (50 * (index * samplesEach + sample)) / samplesPerSecond - line / 3;
      const value = (volts[line] ?? 0) * scale * Math.SQRT2 * Math.sin(2 * Math.PI * turns);
      samples[sample * 3 + line] = Math.round(value / voltsPerCount);
    }
  const timeMicros = clock.micros + index * 20_000;
  return {
    samples,
    voltsPerCount,
    samplesPerSecond,
    timeMicros,
    timeQualityMicros: 100,
    sequence: index * samplesEach,
  };
}

async function play(bench: Bench, seconds: number, scaleAt: (index: number) => number): Promise<void> {
  for (let index = 0; index < seconds * 50; index++) {
    await bench.publish("waveform", sine(index, scaleAt(index)));
    await bench.advance(20);
  }
}

test("a steady sine becomes a reading for each whole second", async (bench) => {
  await bench.start(sensor, { configuration: { declaredVolts: 230 }, clock });
  await play(bench, 4, () => 1);
  const readings = bench.channel("reporter").received("reading") as { timeMicros: number; f: number; u1: number }[];
  expect(readings.length).toBeGreaterThan(1);
  for (const { timeMicros, f, u1 } of readings) {
    expect(timeMicros % 1_000_000).toBe(0);
    expect(f).toBeCloseTo(50, 0.005);
    expect(u1).toBeCloseTo(230, 0.1);
  }
});

test("a voltage that sags is told as a dip, when it begins and when it ends", async (bench) => {
  await bench.start(sensor, { configuration: { declaredVolts: 230 }, clock });
  await play(bench, 4, (index) => (index >= 100 && index < 125 ? 0.7 : 1));
  const events = bench.channel("reporter").received("event");
  expect(events).toMatchObject([
    { kind: "dip", phase: "begin", unit: "V", durationMicros: null },
    { kind: "dip", phase: "end", lines: [1, 2, 3] },
  ]);
  expect((events.at(-1) as { readonly extreme: number }).extreme).toBeCloseTo(161, 0.1);
});
