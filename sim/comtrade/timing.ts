// When each sample was taken. Sampling rates are exact, but say nothing of pauses in a recording; stamps of rows know pauses, but are
// cut to a whole unit: 416 µs for 416.4, which loses 2 ms in 2 s. So rates give the distance of samples, and a stamp
// that is suddenly more than half an interval late gives a pause. Without rates the stamps are all there is.

import type { SamplingRate } from "sim/comtrade/record";

export interface Timing {
  /** From the first sample, whatever its stamp. */
  readonly seconds: Float64Array;
  /** Rows in front of which there is a pause. */
  readonly gaps: readonly number[];
  readonly remarks: readonly string[];
}

export interface Stamps {
  /** By row, in microseconds; NaN: missing. */
  readonly micros: Float64Array;
  readonly firstNumber: number;
  readonly rates: readonly SamplingRate[];
}

/** `refuse` is told of a row, what was wanted in it and what was found. */
export type RefuseRow = (row: number, wanted: string, found: string) => never;

export function timeRows(stamps: Stamps, refuse: RefuseRow): Timing {
  checkOrder(stamps.micros, refuse);
  return stamps.rates[0]?.samplesPerSecond === 0 ? timeByStamps(stamps.micros, refuse) : timeByRates(stamps);
}

/** A stamp may be missing or repeat the one before (where rates tell the time), but time never runs back. */
function checkOrder(micros: Float64Array, refuse: RefuseRow): void {
  let last = -Infinity;
  micros.forEach((stamp, row) => {
    if (stamp < last) refuse(row, `a time stamp from ${last} µs on, that of a row before`, `${stamp} µs`);
    if (!Number.isNaN(stamp)) last = stamp;
  });
}

function timeByStamps(micros: Float64Array, refuse: RefuseRow): Timing {
  const first = micros[0] ?? 0;
  const seconds = new Float64Array(micros.length);
  micros.forEach((stamp, row) => {
    if (Number.isNaN(stamp)) refuse(row, "a time stamp, as there is no sampling rate", "none");
    seconds[row] = (stamp - first) * 1e-6;
    if (row > 0 && seconds[row] === seconds[row - 1])
      refuse(row, `a time stamp after ${stamp} µs, as there is no sampling rate`, "the same");
  });
  return { seconds, gaps: findPauses(seconds), remarks: [] };
}

/** An interval half as long again as both its neighbours is a pause; one that its neighbour shares is another rate. */
function findPauses(seconds: Float64Array): number[] {
  const interval = (row: number): number => (seconds[row] as number) - (seconds[row - 1] as number);
  const gaps: number[] = [];
  for (let row = 1; row < seconds.length; row++) {
    const neighbours = [row - 1, row + 1].filter((other) => other >= 1 && other < seconds.length).map(interval);
    if (neighbours.length > 0 && neighbours.every((other) => interval(row) > 1.5 * other)) gaps.push(row);
  }
  return gaps;
}

function timeByRates({ micros, firstNumber, rates }: Stamps): Timing {
  const intervals = intervalsOf(micros.length, firstNumber, rates);
  const isBelievable = doStampsFit(micros, intervals);
  const seconds = new Float64Array(micros.length);
  const gaps: number[] = [];
  const pauseOf = isBelievable ? createPauses() : () => 0;
  for (let row = 0; row < micros.length; row++) {
    const interval = intervals[row] as number;
    const expected = row === 0 ? 0 : (seconds[row - 1] as number) + interval;
    const pause = pauseOf((micros[row] as number) * 1e-6 - expected, interval);
    seconds[row] = expected + pause;
    if (pause > 0) gaps.push(row);
  }
  const remark = "the time stamps do not fit the sampling rates, which were taken";
  return { seconds, gaps, remarks: isBelievable ? [] : [remark] };
}

/**
 * How long the pause in front of a row was, from how late its stamp is by the rates. What counts as in time follows the stamps: at
 * once when they run late, slowly when they fall behind, so that a stamp which repeats and then catches up is no pause.
 */
function createPauses(): (lateSeconds: number, interval: number) => number {
  let usual: number | undefined;
  return (lateSeconds, interval) => {
    if (Number.isNaN(lateSeconds)) return 0; // There is no stamp.
    const pause = usual === undefined ? 0 : lateSeconds - usual;
    if (pause > interval / 2) return pause;
    usual = usual === undefined ? lateSeconds : Math.max(lateSeconds, usual - interval / 8);
    return 0;
  };
}

/** In front of each row, in seconds: a rate counts from the interval that leads to its first sample. */
function intervalsOf(count: number, firstNumber: number, rates: readonly SamplingRate[]): Float64Array {
  let rate = 0;
  return new Float64Array(count).map((_, row) => {
    while (rate + 1 < rates.length && firstNumber + row > (rates[rate] as SamplingRate).lastSample) rate += 1;
    return 1 / (rates[rate] as SamplingRate).samplesPerSecond;
  });
}

/** Are most steps of the stamps intervals? If not they count in another unit than they should, and know of no pause. */
function doStampsFit(micros: Float64Array, intervals: Float64Array): boolean {
  let fitting = 0;
  let steps = 0;
  for (let row = 1; row < micros.length; row++) {
    const ratio = (((micros[row] as number) - (micros[row - 1] as number)) * 1e-6) / (intervals[row] as number);
    if (Number.isNaN(ratio)) continue;
    steps += 1;
    if (ratio > 0.75 && ratio < 1.25) fitting += 1;
  }
  return fitting * 2 >= steps;
}
