// Takes the samples of a record at other moments than they were recorded: at the 4,000 a second that nodes measure.
//
// The method is interpolation by a sinc under a Kaiser window (β 8, 16 zero crossings to each side), the whole of what a
// band-limited wave needs to be known between its samples: rms stays within 0.01 %, and a record of 4,000 samples a second
// comes out as it is. A faster one is filtered at 2 kHz by the same sinc, stretched. Straight lines would take 0.8 % off
// a wave of 50 Hz that was recorded at 1,200 S/s, and make harmonics of it.
//
// Distances are counted in samples, so that a rate may drift as clocks do. What is missing stays missing: nothing is taken
// across a gap, and near an edge the wave goes on mirrored in the point of its last sample.

// Taken once for each of millions of values.
const { abs, ceil, floor, max, min } = Math;

/** Rows of a record, as `sim/comtrade` reads them. */
export interface SampledLine {
  readonly seconds: Float64Array;
  /** Rows in front of which something was not recorded. */
  readonly gaps: readonly number[];
  /** NaN where there is none. */
  readonly values: Float64Array;
  /** How much later than `seconds` its samples were taken. */
  readonly skewSeconds: number;
}

/** Rows, both included, between which values can be taken. */
interface Run {
  readonly first: number;
  readonly last: number;
}

export interface Resampler {
  /** The value at a moment; NaN where nothing is known. */
  at(seconds: number): number;
  /** Seconds that are in the record, but in which it is too slow to have a wave. */
  readonly slowSeconds: number;
}

const targetInterval = 1 / 4_000;
const crossings = 16;
const beta = 8;
/** Entries of the kernel's table for each sample: straight lines between them err by 5e-6. */
const tableSteps = 256;
/** Ten samples in a cycle of 50 Hz: below there is no wave to measure, only values of one. */
const slowestInterval = 1 / 500;
/** Intervals that differ more belong to two rates. Stamps in whole microseconds make them differ by some percent. */
const rateTolerance = 0.25;

export function createResampler(line: SampledLine): Resampler {
  const all = findRuns(line);
  const isFast = ({ first, last }: Run): boolean => lengthOf(line, first, last) / (last - first) <= slowestInterval;
  const runs = all.filter(isFast);
  const kernel = createKernel();
  return {
    slowSeconds: all
      .filter((run) => !isFast(run))
      .reduce((sum, { first, last }) => sum + lengthOf(line, first, last), 0),
    at(seconds) {
      const moment = seconds - line.skewSeconds;
      const run = runs[findLast(runs.length, (index) => startOf(line, runs[index] as Run) <= moment)];
      if (run === undefined || moment > (line.seconds[run.last] as number)) return Number.NaN;
      return interpolate(line, run, moment, kernel);
    },
  };
}

function lengthOf({ seconds }: SampledLine, first: number, last: number): number {
  return (seconds[last] as number) - (seconds[first] as number);
}

function startOf({ seconds }: SampledLine, { first }: Run): number {
  return seconds[first] as number;
}

/** Stretches without a gap at one rate. Where the rate changes, the sample between belongs to both. */
function findRuns(line: SampledLine): Run[] {
  const { seconds, values } = line;
  const gaps = new Set(line.gaps);
  const runs: Run[] = [];
  let first = 0;
  const close = (last: number, next: number): void => {
    if (last > first) runs.push({ first, last });
    first = next;
  };
  for (let row = 0; row < seconds.length; row++) {
    const isKnown = !Number.isNaN(values[row]);
    if (!isKnown || gaps.has(row)) close(row - 1, isKnown ? row : row + 1);
    else if (row - first >= 2 && isOtherRate(line, row)) close(row - 1, row - 1);
  }
  close(seconds.length - 1, seconds.length);
  return runs;
}

function isOtherRate(line: SampledLine, row: number): boolean {
  return abs(lengthOf(line, row - 1, row) / lengthOf(line, row - 2, row - 1) - 1) > rateTolerance;
}

/** The last index for which a test holds that holds up to some index and never after; -1: none. */
function findLast(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function interpolate(line: SampledLine, run: Run, moment: number, kernel: Float64Array): number {
  const { seconds, values } = line;
  const { first, last } = run;
  const found = first + findLast(last - first, (index) => (seconds[first + index] as number) <= moment);
  const interval = lengthOf(line, found, found + 1);
  const place = found + (moment - (seconds[found] as number)) / interval;
  const stretch = max(1, targetInterval / interval);
  const reach = crossings * stretch;
  let sum = 0;
  let weights = 0;
  for (let row = ceil(place - reach); row <= place + reach; row++) {
    const weight = look(kernel, abs(row - place) / stretch);
    weights += weight;
    sum += weight * valueAt(values, run, row);
  }
  return sum / weights;
}

function valueAt(values: Float64Array, { first, last }: Run, row: number): number {
  if (row >= first && row <= last) return values[row] as number;
  const edge = row < first ? first : last;
  const mirrored = min(last, max(first, 2 * edge - row));
  return 2 * (values[edge] as number) - (values[mirrored] as number);
}

function look(kernel: Float64Array, distance: number): number {
  const place = distance * tableSteps;
  const index = floor(place);
  const before = kernel[index] ?? 0;
  return before + (place - index) * ((kernel[index + 1] ?? 0) - before);
}

function createKernel(): Float64Array {
  return new Float64Array(crossings * tableSteps + 1).map((_, index) => {
    const distance = index / tableSteps;
    const window = bessel(beta * Math.sqrt(1 - (distance / crossings) ** 2)) / bessel(beta);
    return window * (index === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance));
  });
}

/** The modified Bessel function of order 0, by its series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let order = 1; term > sum * 1e-12; order++) {
    term *= (x / (2 * order)) ** 2;
    sum += term;
  }
  return sum;
}
