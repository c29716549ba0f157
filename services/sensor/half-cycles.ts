// Cuts the samples of one line into half cycles of the fundamental, and sums their squares. This is the only code that
// runs for each sample (12,000 times a second on a node), so it does little: add the square, compare two signs.
//
// A crossing counts when the wave afterwards leaves a dead band around zero; its moment is the zero itself, between two
// samples. Both ends of a half cycle are zeros of the wave, so a sum over its samples divided by its exact length has no
// error of the edges. Where no wave is left, nominal timing cuts instead.

import { limits } from "services/sensor/limits";

/**
 * `whole`: between two crossings. `timed`: ended by timing, for want of a crossing. `partial`: from somewhere to a
 * crossing; its samples count for a second, but no cycle can be made of it.
 */
export type HalfCycleShape = "whole" | "timed" | "partial";

/** Positions are samples since the start of the device, with fractions. */
export interface HalfCycle {
  line: number;
  begin: number;
  end: number;
  /** Sum of the squares of its samples, in volts². */
  squares: number;
  shape: HalfCycleShape;
  /** At `end` the wave came up through zero. */
  isRising: boolean;
  /** A sample stood at the limit of the converter. */
  isClipped: boolean;
}

/** Half cycles that were closed and wait to be looked at. Records are used again: copy what is kept. */
export interface HalfCycleList {
  readonly items: HalfCycle[];
  count: number;
}

export interface LineScanner {
  /** Forgets the wave: the sample at `position` follows on nothing. The dead band is a peak value. */
  restart(position: number, voltsPerCount: number, deadBandVolts: number): void;
  /** Takes the line's share of an interleaved block whose first sample stands at `position`. */
  scan(samples: Int32Array, position: number): void;
}

/** `line` counts from 0. */
export function createLineScanner(line: number, samplesPerSecond: number, closed: HalfCycleList): LineScanner {
  const lines = limits.lines;
  const nominal = Math.round(samplesPerSecond / (2 * limits.nominalHertz));
  const shortest = nominal * limits.shortestHalfCycle;
  const longest = nominal * limits.longestHalfCycle;
  const largestSquare = limits.largestCount ** 2;
  const none = -1;
  let began: "at-crossing" | "by-timing" | "somewhere" = "somewhere";
  let begin = 0;
  /** Where timing ends the half cycle, a whole position. */
  let deadline = 0;
  let squares = 0;
  let isClipped = false;
  /** The side of zero that the wave is on, 1 or -1; 0 until the first sample. */
  let polarity = 0;
  let last = 0;
  let deadBand = 0;
  let voltsSquaredPerCount = 0;
  /** Where the wave went to the other side, and the sum until there; `none` when it has not. */
  let zero = none;
  let squaresAtZero = 0;

  function restart(position: number, voltsPerCount: number, deadBandVolts: number): void {
    began = "somewhere";
    begin = position;
    deadline = Math.ceil(position + longest);
    squares = 0;
    isClipped = false;
    polarity = 0;
    deadBand = deadBandVolts / voltsPerCount;
    voltsSquaredPerCount = voltsPerCount * voltsPerCount;
    zero = none;
  }

  function scan(samples: Int32Array, position: number): void {
    const length = samples.length;
    if (polarity === 0) polarity = sideOf(samples[line] as number);
    let index = line;
    while (index < length) {
      const stop = Math.min(length, line + lines * (deadline - position));
      let sum = squares;
      let isAtCrossing = false;
      for (; index < stop && !isAtCrossing; index += lines) {
        const sample = samples[index] as number;
        const square = sample * sample;
        sum += square;
        if (square >= largestSquare) isClipped = true;
        if (sample * polarity < 0) {
          const before = index < lines ? last : (samples[index - lines] as number);
          if (before * polarity >= 0) {
            zero = position + (index - line) / lines - sample / (sample - before);
            squaresAtZero = sum - square;
          }
          isAtCrossing = isCrossing(sample);
        }
      }
      squares = sum;
      if (isAtCrossing) endAtCrossing();
      else if (index >= stop && stop < length) endByTiming(samples[index - lines] ?? last);
    }
    last = samples[length - lines + line] as number;
  }

  /** Does a sample on the other side of zero show that the wave really went there? */
  function isCrossing(sample: number): boolean {
    if (zero === none || (sample < deadBand && sample > -deadBand)) return false;
    return began !== "at-crossing" || zero - begin >= shortest;
  }

  function endAtCrossing(): void {
    polarity = -polarity;
    close(zero, squaresAtZero, began === "at-crossing" ? "whole" : "partial");
    began = "at-crossing";
    deadline = Math.ceil(zero + longest);
    zero = none;
  }

  /** Takes the side of zero anew, too: a wave that returns may do so on either. */
  function endByTiming(sample: number): void {
    close(deadline, squares, "timed");
    began = "by-timing";
    deadline += nominal;
    polarity = sideOf(sample);
    zero = none;
  }

  function close(end: number, sum: number, shape: HalfCycleShape): void {
    const record = takeRecord(closed);
    record.line = line;
    record.begin = begin;
    record.end = end;
    record.squares = sum * voltsSquaredPerCount;
    record.shape = shape;
    record.isRising = shape !== "timed" && polarity > 0;
    record.isClipped = isClipped;
    begin = end;
    squares -= sum;
    isClipped = false;
  }

  return { restart, scan };
}

function sideOf(sample: number): number {
  return sample < 0 ? -1 : 1;
}

/** The list grows to the most that one block can close, and stays so. */
function takeRecord(list: HalfCycleList): HalfCycle {
  let record = list.items[list.count];
  if (record === undefined) {
    record = { line: 0, begin: 0, end: 0, squares: 0, shape: "whole", isRising: false, isClipped: false };
    list.items.push(record);
  }
  list.count += 1;
  return record;
}
