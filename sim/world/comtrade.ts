// A world that plays a COMTRADE record sample by sample: nodes hear the wave that a relay or a fault recorder heard, on the side
// of its transformer on which the values stand. All nodes hear the same, for there is one wave.
//
// The declared voltage is our assumption, as no record has it: the median of what the lines have in each cycle of the first 0.2 s
// in which the voltage is there at all (half of the largest that ever is). Between two laps lie 2 s in which nothing is
// known, so that the end and the begin of the record never make one wave.

import { openRecord } from "sim/comtrade/files";
import type { ComtradeRecord } from "sim/comtrade/record";
import { ComtradeError } from "sim/comtrade/refusal";
import { chooseChannels, type LineChannels, voltsPerUnit } from "sim/world/comtrade-channels";
import { createResampler, type Resampler, type SampledLine } from "sim/world/samples";
import { parseTimeOfDay } from "sim/world/time-of-day";
import { type SampleChunk, sampleMicros, type World, WorldError } from "sim/world/world";

export interface ComtradeOptions {
  /** Three names of analog channels, between commas. */
  readonly channels?: string | undefined;
  /** A time of day within the record, on its own clock. */
  readonly at?: string | undefined;
}

const pauseMicros = 2_000_000;
/** 2 s: a message of a hundred kilobytes to the process that plays it. */
const chunkFrames = 8_000;
/** Two blocks: less never fills one. */
const shortestSeconds = 0.04;
/** A wave between samples may be higher than both. */
const headroom = 1.25;
const largestCount = 8_388_607;

export function createComtradeWorld(file: string, { channels, at }: ComtradeOptions = {}): World {
  const record = open(file);
  const { configuration, seconds } = record;
  const lines = chooseChannels(record, file, channels).map((index) => lineOf(record, index));
  const zoneMinutes = configuration.zoneMinutes ?? 0;
  const recordStart = configuration.startMicros;
  const recordEnd = recordStart + (seconds.at(-1) as number) * 1e6;
  if (recordEnd - recordStart < shortestSeconds * 1e6)
    throw new WorldError(
      `Cannot play record ${file}: wanted at least ${shortestSeconds} s of it, found ${(recordEnd - recordStart) / 1e6}`,
    );
  const startMicros =
    at === undefined
      ? recordStart
      : parseTimeOfDay(at, { startMicros: recordStart, endMicros: recordEnd }, zoneMinutes);
  const resamplers = lines.map(createResampler);
  const peak = Math.max(...lines.map(({ values }) => peakOf(values)));
  const voltsPerCount = (headroom * peak) / largestCount;
  const lapMicros = Math.ceil((recordEnd - startMicros) / sampleMicros) * sampleMicros + pauseMicros;
  const voltsAt = createClockwork(resamplers, {
    startMicros,
    lapMicros,
    firstSeconds: (startMicros - recordStart) / 1e6,
  });
  return {
    name: `comtrade:${file}`,
    declaredVolts: findDeclaredVolts(lines),
    startMicros,
    endMicros: startMicros + lapMicros,
    zoneMinutes,
    remarks: remarksOf(record, resamplers),
    setpoints: () => [],
    playback: {
      voltsPerCount,
      samples: (fromMicros, toMicros) => cutChunks(Math.max(fromMicros, startMicros), toMicros, voltsPerCount, voltsAt),
    },
  };
}

function open(file: string): ComtradeRecord {
  try {
    return openRecord(file);
  } catch (error) {
    if (error instanceof ComtradeError) throw new WorldError(error.message, { cause: error });
    throw error;
  }
}

/** In volts. */
function lineOf(record: ComtradeRecord, index: LineChannels[number]): SampledLine {
  const channel = record.configuration.analog[index] as ComtradeRecord["configuration"]["analog"][number];
  const volts = voltsPerUnit(channel) as number;
  return {
    seconds: record.seconds,
    gaps: record.gaps,
    values: (record.analog[index] as Float64Array).map((value) => value * volts),
    skewSeconds: channel.skewMicros * 1e-6,
  };
}

function peakOf(values: Float64Array): number {
  return values.reduce((peak, value) => (Math.abs(value) > peak ? Math.abs(value) : peak), 0);
}

/** Voltages of each 0.2 s of the record, and of these the first that is no less than half of the largest. */
function findDeclaredVolts(lines: readonly SampledLine[]): number {
  const windows = new Map<number, number[]>();
  for (const [cycle, volts] of lines.flatMap((line) => [...rmsByCycle(line)])) {
    const window = Math.floor(cycle / 10);
    windows.set(window, [...(windows.get(window) ?? []), volts]);
  }
  const levels = [...windows].sort(([one], [other]) => one - other).map(([, volts]) => medianOf(volts));
  const largest = Math.max(...levels);
  return levels.find((level) => level >= largest / 2) as number;
}

/** In each 20 ms of a line. */
function rmsByCycle({ seconds, values }: SampledLine): Map<number, number> {
  const squares = new Map<number, number[]>();
  values.forEach((value, row) => {
    const cycle = Math.floor((seconds[row] as number) / 0.02);
    const found = squares.get(cycle) ?? [];
    if (found.length === 0) squares.set(cycle, found);
    if (!Number.isNaN(value)) found.push(value * value);
  });
  const mean = (found: readonly number[]): number => found.reduce((sum, square) => sum + square, 0) / found.length;
  return new Map(
    [...squares].filter(([, found]) => found.length > 0).map(([cycle, found]) => [cycle, Math.sqrt(mean(found))]),
  );
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] as number;
}

function remarksOf(record: ComtradeRecord, resamplers: readonly Resampler[]): string[] {
  const slowSeconds = Math.max(...resamplers.map((resampler) => resampler.slowSeconds));
  if (slowSeconds === 0) return [...record.remarks];
  return [
    ...record.remarks,
    `${slowSeconds.toFixed(1)} s of it have fewer than 500 samples a second: they are left out`,
  ];
}

/** Volts of the three lines at a moment of the world's clock, lap after lap; null where one of them is not known. */
type Clockwork = (micros: number) => readonly [number, number, number] | null;

function createClockwork(
  resamplers: readonly Resampler[],
  { startMicros, lapMicros, firstSeconds }: { startMicros: number; lapMicros: number; firstSeconds: number },
): Clockwork {
  const [first, second, third] = resamplers as readonly [Resampler, Resampler, Resampler];
  return (micros) => {
    const seconds = firstSeconds + ((micros - startMicros) % lapMicros) / 1e6;
    const [u1, u2, u3] = [first.at(seconds), second.at(seconds), third.at(seconds)];
    return Number.isNaN(u1 + u2 + u3) ? null : [u1, u2, u3];
  };
}

function cutChunks(fromMicros: number, toMicros: number, voltsPerCount: number, voltsAt: Clockwork): SampleChunk[] {
  const chunks: SampleChunk[] = [];
  let counts: number[] = [];
  const close = (endMicros: number): void => {
    const atMicros = endMicros - (counts.length / 3) * sampleMicros;
    if (counts.length > 0) chunks.push({ atMicros, samples: Int32Array.from(counts) });
    counts = [];
  };
  let micros = Math.ceil(fromMicros / sampleMicros) * sampleMicros;
  for (; micros < toMicros; micros += sampleMicros) {
    const volts = voltsAt(micros);
    if (volts === null || counts.length === 3 * chunkFrames) close(micros);
    if (volts !== null) for (const value of volts) counts.push(toCount(value / voltsPerCount));
  }
  close(micros);
  return chunks;
}

function toCount(value: number): number {
  return Math.max(-largestCount, Math.min(largestCount, Math.round(value)));
}
