// How voltages of nodes differ though they hang on one grid: each has its own transformer and load. All of it follows
// from the node's number, so that a node is the same in every run, and stays within 0.1 % of the record.

const { imul } = Math;

/** Ratios of a node's own voltages to those of the record, at most this far from 1. */
const gainSpread = 0.0004;
/** And at each set point once more: load that comes and goes. */
const loadSpread = 0.0005;

/** The node's own voltage for one of the record, at the set point of this number. */
export function spreadVolts(volts: number, node: number, line: number, setpoint: number): number {
  const gain = gainSpread * signedChance(node, 1 + line);
  const load = loadSpread * signedChance(mix(node, 4), setpoint);
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
