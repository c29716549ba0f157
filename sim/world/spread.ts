// How nodes differ though they hang on one grid: each has its own transformer, load and noise. All of it follows from
// the node's number, so that a node is the same in every run. Small beside the record: what a node reads stays within
// 0.1 % of it.

const { imul } = Math;

/** Ratios of a node's own voltages to those of the record, at most this far from 1. */
const gainSpread = 0.0004;
/** And at each set point once more: load that comes and goes. */
const loadSpread = 0.0005;

export interface NodeTraits {
  /** Angle of line 1 at the start, in turns: within 3 degrees, as along a feeder. */
  readonly phaseTurns: number;
  /** Standard deviation of white noise relative to the declared voltage: a converter of 12 to 14 good bits. */
  readonly noiseRatio: number;
  /** For its noise; never 0. */
  readonly seed: number;
}

export function traitsOf(node: number): NodeTraits {
  return {
    phaseTurns: (3 / 360) * signedChance(node, 1),
    noiseRatio: 0.000_1 * (1 + 0.5 * signedChance(node, 2)),
    seed: mix(node, 3) | 1,
  };
}

/** The node's own voltage for one of the record, at the set point of this number. */
export function spreadVolts(volts: number, node: number, line: number, setpoint: number): number {
  const gain = gainSpread * signedChance(node, 4 + line);
  const load = loadSpread * signedChance(mix(node, 7), setpoint);
  return volts * (1 + gain + load);
}

/** Uniform in [-1, 1), always the same for the same pair. */
function signedChance(first: number, second: number): number {
  return mix(first, second) / 2 ** 31 - 1;
}

/** 32 bits that depend on all bits of both numbers (the finish of MurmurHash3). */
function mix(first: number, second: number): number {
  let bits = imul(first + 1, 0x9e3779b1) ^ imul(second + 1, 0x85ebca77);
  bits = imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
