// The power flow of a feeder: what voltage is where, when so much power is drawn. A backward and forward sweep over the tree,
// three lines at once: currents of the houses add up towards the source, and voltages fall along them from there. Loads
// draw constant power whatever their voltage. It settles in four to eight sweeps.

import type { FeederNetwork, House } from "sim/world/feeder-network";

// Taken once for each of millions of values.
const { abs, acos, cos, max, sin, tan } = Math;

/** Complex numbers in two arrays; the value of line `l` at bus `b` is at 3 b + l. */
export interface Phasors {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

export interface PowerFlow {
  /** In volts, phase to neutral. */
  readonly volts: Phasors;
  /** In amperes, in the branch that leads to each bus. */
  readonly amperes: Phasors;
  readonly sweeps: number;
}

/** Settled when no voltage moves by more. */
const settledVolts = 1e-9;
/** Many times what a load that the network can carry takes; beyond it there is no solution. */
const sweepsMaximum = 100;

/** `kilowatts`: drawn by each house. */
export function solveFlow(network: FeederNetwork, kilowatts: readonly number[]): PowerFlow {
  const volts = startVolts(network);
  const amperes = createPhasors(network);
  for (let sweeps = 1; sweeps <= sweepsMaximum; sweeps++) {
    sweepBack(network, kilowatts, volts, amperes);
    if (sweepForth(network, amperes, volts) < settledVolts) return { volts, amperes, sweeps };
  }
  throw new Error(`Cannot solve the feeder: wanted voltages that settle, found none in ${sweepsMaximum} sweeps`);
}

/** Power of a house in volt-amperes. */
export function powerOf({ powerFactor }: House, kilowatts: number): readonly [active: number, reactive: number] {
  const active = 1000 * kilowatts;
  return [active, active * tan(acos(powerFactor))];
}

function createPhasors({ parents }: FeederNetwork): Phasors {
  return { real: new Float64Array(3 * parents.length), imaginary: new Float64Array(3 * parents.length) };
}

function startVolts(network: FeederNetwork): Phasors {
  const volts = createPhasors(network);
  volts.real.forEach((_, index) => {
    const [real, imaginary] = sourceOf(network, index % 3);
    volts.real[index] = real;
    volts.imaginary[index] = imaginary;
  });
  return volts;
}

/** Behind source and transformer without load; lines 2 and 3 follow by a third of a turn each. */
function sourceOf({ sourceVolts }: FeederNetwork, line: number): readonly [number, number] {
  const angle = (-2 * Math.PI * line) / 3;
  return [sourceVolts * cos(angle), sourceVolts * sin(angle)];
}

function sweepBack(network: FeederNetwork, kilowatts: readonly number[], volts: Phasors, amperes: Phasors): void {
  const { real, imaginary } = amperes;
  real.fill(0);
  imaginary.fill(0);
  network.houses.forEach((house, index) => {
    const at = 3 * house.bus + house.line;
    const [active, reactive] = powerOf(house, kilowatts[index] ?? 0);
    const [a, b] = [volts.real[at] as number, volts.imaginary[at] as number];
    const square = a * a + b * b;
    real[at] = (real[at] as number) + (active * a + reactive * b) / square;
    imaginary[at] = (imaginary[at] as number) + (active * b - reactive * a) / square;
  });
  for (let bus = network.parents.length - 1; bus > 0; bus--) {
    const parent = 3 * (network.parents[bus] as number);
    for (let line = 0; line < 3; line++) {
      real[parent + line] = (real[parent + line] as number) + (real[3 * bus + line] as number);
      imaginary[parent + line] = (imaginary[parent + line] as number) + (imaginary[3 * bus + line] as number);
    }
  }
}

/** Answers the largest change of a part of a voltage. */
function sweepForth(network: FeederNetwork, amperes: Phasors, volts: Phasors): number {
  const { parents, impedances } = network;
  let largest = 0;
  for (let bus = 0; bus < parents.length; bus++) {
    const { self, mutual } = impedances[bus] as (typeof impedances)[number];
    const [sumReal, sumImaginary] = sumOfLines(amperes, bus);
    const [a, b] = [self[0] - mutual[0], self[1] - mutual[1]];
    for (let line = 0; line < 3; line++) {
      const at = 3 * bus + line;
      const [fromReal, fromImaginary] =
        bus === 0 ? sourceOf(network, line) : partsAt(volts, 3 * (parents[bus] as number) + line);
      const [currentReal, currentImaginary] = partsAt(amperes, at);
      // Z·I = (self - mutual)·I of the line + mutual·(sum of all three)
      const dropReal = a * currentReal - b * currentImaginary + mutual[0] * sumReal - mutual[1] * sumImaginary;
      const dropImaginary = a * currentImaginary + b * currentReal + mutual[0] * sumImaginary + mutual[1] * sumReal;
      const [beforeReal, beforeImaginary] = partsAt(volts, at);
      volts.real[at] = fromReal - dropReal;
      volts.imaginary[at] = fromImaginary - dropImaginary;
      largest = max(
        largest,
        abs((volts.real[at] as number) - beforeReal),
        abs((volts.imaginary[at] as number) - beforeImaginary),
      );
    }
  }
  return largest;
}

function partsAt({ real, imaginary }: Phasors, at: number): readonly [number, number] {
  return [real[at] as number, imaginary[at] as number];
}

function sumOfLines({ real, imaginary }: Phasors, bus: number): readonly [number, number] {
  const at = 3 * bus;
  return [
    (real[at] as number) + (real[at + 1] as number) + (real[at + 2] as number),
    (imaginary[at] as number) + (imaginary[at + 1] as number) + (imaginary[at + 2] as number),
  ];
}
