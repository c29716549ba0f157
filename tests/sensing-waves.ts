// Waves for the tests of sensing: what a waveform port would deliver, from a description in volts and hertz.
// A reference, not a simulator: one sine for each sample from `Math.sin`, so that the fast synthesiser in C can be held
// against it, and the measurement against both.

import type { GridEvent, Reading } from "services/api/reading";
import type { WaveformBlock } from "services/api/waveform";
import type { Measurement } from "services/sensor/measurement";
import { createRandom } from "sim/random";

// Globals are slow to reach from inside Jest's contexts, and these are used for each sample.
const { PI, SQRT2, max, min, round, sin } = Math;

export const samplesPerSecond = 4_000;
export const blockSamples = 80;
/** 2025-04-28T10:00:00Z. */
export const noonMicros = 1_745_834_400_000_000;

export interface Wave {
  /** Phase to neutral, rms, of a line (0, 1, 2) at a moment in seconds from the start. */
  volts(line: number, seconds: number): number;
  hertz?(seconds: number): number;
  /** Angle of line 1 at the start. */
  phaseDegrees?: number;
  /** Added to the angle at a moment: for steps of the phase. */
  shiftDegrees?(seconds: number): number;
  /** Order (whole or not) and amplitude relative to the fundamental. */
  tones?: readonly (readonly [order: number, ratio: number])[];
  /** Standard deviation of white noise, in volts. */
  noiseVolts?: number;
  offsetVolts?: number;
}

export interface Recording {
  readonly seconds: number;
  readonly declaredVolts?: number;
  readonly startMicros?: number;
  readonly firstSequence?: number;
  readonly qualityMicros?: number | null;
  readonly seed?: number;
}

/** The blocks of a wave, one after the other; each is made anew, so it may be kept. */
export function* record(wave: Wave, recording: Recording): Generator<WaveformBlock> {
  const { seconds, declaredVolts = 230, startMicros = noonMicros, firstSequence = 0, qualityMicros = 10 } = recording;
  const voltsPerCount = (2.5 * declaredVolts) / 2 ** 23;
  const random = createRandom(recording.seed ?? 1);
  const hertz = wave.hertz ?? (() => 50);
  let turns = (wave.phaseDegrees ?? 0) / 360;
  for (let first = 0; first < seconds * samplesPerSecond; first += blockSamples) {
    const samples = new Int32Array(3 * blockSamples);
    for (let index = 0; index < blockSamples; index++) {
      const moment = (first + index) / samplesPerSecond;
      const angle = turns + (wave.shiftDegrees?.(moment) ?? 0) / 360;
      for (let line = 0; line < 3; line++)
        samples[3 * index + line] = toCounts(sampleVolts(wave, line, moment, angle, random) / voltsPerCount);
      turns += hertz(moment + 0.5 / samplesPerSecond) / samplesPerSecond;
    }
    yield {
      samples,
      voltsPerCount,
      samplesPerSecond,
      timeMicros: startMicros + first * 250,
      timeQualityMicros: qualityMicros,
      sequence: firstSequence + first,
    };
  }
}

function sampleVolts(wave: Wave, line: number, moment: number, turns: number, random: () => number): number {
  const angle = 2 * PI * (turns - line / 3);
  let ratio = sin(angle);
  for (const [order, share] of wave.tones ?? []) ratio += share * sin(order * angle);
  let noise = 0;
  if (wave.noiseVolts !== undefined) {
    for (let draw = 0; draw < 12; draw++) noise += random();
    noise = (noise - 6) * wave.noiseVolts;
  }
  return wave.volts(line, moment) * SQRT2 * ratio + noise + (wave.offsetVolts ?? 0);
}

function toCounts(value: number): number {
  return max(-8_388_607, min(8_388_607, round(value)));
}

/** Everything that a measurement finds in these blocks. */
export function measure(
  measurement: Measurement,
  blocks: Iterable<WaveformBlock>,
): { readings: Reading[]; events: GridEvent[] } {
  const found = { readings: [] as Reading[], events: [] as GridEvent[] };
  for (const block of blocks) {
    const { readings, events } = measurement.block(block);
    found.readings.push(...readings);
    found.events.push(...events);
  }
  return found;
}
