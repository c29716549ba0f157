// Cuts the samples of one line into half cycles of the fundamental, and sums their squares. This is the only code that
// runs for each sample, 12,000 times a second on a node, so it is written for the interpreter: samples in groups of
// eight, variables outside of the loop, the sign looked at once in a group. A plain loop takes twice the steps on XS.
//
// A crossing counts when a group ends on the other side of zero and beyond a dead band; its moment is the zero itself,
// between two samples. Both ends of a half cycle are zeros of the wave, so a sum over its samples divided by its exact
// length has no error of the edges. Where no wave is left, nominal timing cuts instead.

import { limits } from "services/sensor/limits";

/**
 * `whole`: between two crossings. `timed`: ended by timing, for want of a crossing. `partial`: from somewhere to a
 * crossing; its samples count for a second, but no cycle can be made of it.
 */
export type HalfCycleShape = "whole" | "timed" | "partial";

/** Positions are samples since the start of the device, with fractions. Records are used again: copy what is kept. */
export interface HalfCycle {
  line: number;
  begin: number;
  end: number;
  /** Sum of the squares of its samples, in volts². */
  squares: number;
  shape: HalfCycleShape;
  /** At `end` the wave came up through zero. Says nothing when it is `timed`. */
  isRising: boolean;
  /** It was too large for the converter. */
  isClipped: boolean;
}

export interface LineScanner {
  /** Forgets the wave: the sample at `position` follows on nothing. The dead band is a peak value. */
  restart(position: number, voltsPerCount: number, deadBandVolts: number): void;
  /**
   * Takes the line's share of an interleaved block whose first sample stands at `position`. The block is kept until the
   * next one comes.
   */
  scan(samples: Int32Array, position: number): void;
}

/** A crossing may lie this many samples before the end of the group that shows it: a wave of 3 % is slow to leave zero. */
const searchSamples = 24;

/** `line` counts from 0. `take` gets each half cycle as it closes. */
export function createLineScanner(
  line: number,
  samplesPerSecond: number,
  take: (halfCycle: HalfCycle) => void,
): LineScanner {
  const nominal = Math.round(samplesPerSecond / (2 * limits.nominalHertz));
  const shortest = nominal * limits.shortestHalfCycle;
  const longest = nominal * limits.longestHalfCycle;
  const clippedSquare = (limits.clippedRatio * limits.largestCount) ** 2;
  const record: HalfCycle = {
    line,
    begin: 0,
    end: 0,
    squares: 0,
    shape: "whole",
    isRising: false,
    isClipped: false,
  };
  let began: "at-crossing" | "by-timing" | "somewhere" = "somewhere";
  let begin = 0;
  /** Without a crossing timing ends the half cycle with the first group that ends here or later. */
  let deadline = 0;
  let squares = 0;
  /** The side of zero that the wave is on, 1 or -1; 0 until the first sample. */
  let polarity = 0;
  let deadBand = 0;
  let voltsSquaredPerCount = 0;
  /** The block before, for crossings that lie in it. */
  let before: Int32Array | null = null;

  function restart(position: number, voltsPerCount: number, deadBandVolts: number): void {
    began = "somewhere";
    begin = position;
    deadline = position + longest;
    squares = 0;
    polarity = 0;
    deadBand = deadBandVolts / voltsPerCount;
    voltsSquaredPerCount = voltsPerCount * voltsPerCount;
    before = null;
  }

  function scan(samples: Int32Array, position: number): void {
    const length = samples.length;
    if (polarity === 0) polarity = (samples[line] as number) < 0 ? -1 : 1;
    let index = line;
    let end = position;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let e = 0;
    let f = 0;
    let g = 0;
    let h = 0;
    while (index < length) {
      a = samples[index] as number;
      b = samples[index + 3] as number;
      c = samples[index + 6] as number;
      d = samples[index + 9] as number;
      e = samples[index + 12] as number;
      f = samples[index + 15] as number;
      g = samples[index + 18] as number;
      h = samples[index + 21] as number;
      squares += a * a + b * b + c * c + d * d + e * e + f * f + g * g + h * h;
      index += 24;
      end += 8;
      if (h * polarity < 0 && (h >= deadBand || h <= -deadBand)) endAtCrossing(samples, index - 3, end - 1);
      if (end >= deadline) endByTiming(end);
    }
    before = samples;
  }

  /** The sample at `index` shows that the wave crossed zero: searches back for where, into the block before if need be. */
  function endAtCrossing(samples: Int32Array, index: number, position: number): void {
    let block = samples;
    let at = index;
    let sample = block[at] as number;
    let earlier = 0;
    let after = 0;
    for (let back = 0; back < searchSamples; back++) {
      at -= 3;
      if (at < 0) {
        if (before === null || block === before) return;
        block = before;
        at += block.length;
      }
      earlier = block[at] as number;
      after += sample * sample;
      if (earlier * polarity >= 0) {
        cross(position - back - sample / (sample - earlier), after);
        return;
      }
      sample = earlier;
    }
  }

  /**
   * Ends the half cycle at a zero, with the sum of what lies after it; not so soon that it can only be an echo, nor
   * before its begin, where timing was faster. Where a wave returns to a dead line, its first zero may be the jump
   * itself, so the half cycle after it is not whole either.
   */
  function cross(zero: number, after: number): void {
    if (zero <= begin || (began === "at-crossing" && zero - begin < shortest)) return;
    polarity = -polarity;
    close(zero, squares - after, began === "at-crossing" ? "whole" : "partial");
    squares = after;
    began = began === "by-timing" ? "somewhere" : "at-crossing";
    deadline = zero + longest;
  }

  function endByTiming(end: number): void {
    close(end, squares, "timed");
    squares = 0;
    began = "by-timing";
    deadline = end + nominal;
  }

  function close(end: number, sum: number, shape: HalfCycleShape): void {
    record.begin = begin;
    record.end = end;
    record.squares = sum * voltsSquaredPerCount;
    record.shape = shape;
    record.isRising = polarity > 0;
    record.isClipped = sum > clippedSquare * (end - begin);
    begin = end;
    take(record);
  }

  return { restart, scan };
}
