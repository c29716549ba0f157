// The network of the IEEE European Low Voltage Test Feeder (sim/data/ieee-eu-lv-feeder), read from its OpenDSS files: a tree of
// 905 lines behind one transformer, with 55 houses of one phase each. Strict, like every reader of records here.
//
// Two things stand in no file of the set. The source and the transformer: SOURCE.txt gives 11 kV at 1.05 per unit and 800 kVA,
// 11/0.416 kV, delta-wye, 4 %; the 3 kA of short-circuit current and the defaults of OpenDSS for what is left open (0.4 %
// resistance, X/R of 4) follow the Master.dss of the same commit. And the profiles: 12 of 55 are included, so a house
// without one lives as the last one before it that has one, 5 minutes later for each house between. The peak is then
// 52 kW, where all 55 profiles have 57.

import { readIncluded } from "sim/world/included";
import { WorldError } from "sim/world/world";

/** Of a branch, in ohms: of a line on itself, and between two lines. Earth and neutral are inside of both. */
export interface Impedance {
  readonly self: readonly [real: number, imaginary: number];
  readonly mutual: readonly [real: number, imaginary: number];
}

export interface House {
  /** Index of its bus in the tree. */
  readonly bus: number;
  /** 0, 1, 2. */
  readonly line: number;
  readonly powerFactor: number;
  /** Active power in each minute of the day, in kilowatts. */
  readonly kilowatts: Float64Array;
}

export interface FeederNetwork {
  /** Of each bus, the index of the bus nearer to the source, which is smaller; -1 for the first, behind the transformer. */
  readonly parents: Int32Array;
  /** Of the branch that leads to each bus; that of the first is source and transformer. */
  readonly impedances: readonly Impedance[];
  /** No load, phase to neutral. */
  readonly sourceVolts: number;
  readonly houses: readonly House[];
  readonly lengthMetres: number;
}

export const minutesOfDay = 1_440;
/** The base voltage of the set: 416 V between phases. */
export const feederVolts = 416 / Math.sqrt(3);

const folder = "sim/data/ieee-eu-lv-feeder";
const minutesBetweenHouses = 5;

/** The properties of one line of a file, in lower case: `New Line.LINE1 Bus1=1 Bus2=2 …`. */
class Entry {
  readonly name: string;
  readonly #properties: ReadonlyMap<string, string>;
  readonly #place: string;

  constructor(text: string, kind: string, place: string) {
    this.#place = place;
    const [verb, name = "", ...properties] = text.trim().toLowerCase().split(/\s+/);
    if (verb !== "new" || !name.startsWith(`${kind}.`)) this.#refuse(`New ${kind}.NAME`, text);
    this.name = name.slice(kind.length + 1);
    this.#properties = new Map(properties.map((each) => each.split("=", 2) as [string, string]));
  }

  text(key: string): string {
    return this.#properties.get(key) ?? this.#refuse(`${key}=…`, "none");
  }

  number(key: string): number {
    const text = this.text(key);
    const value = text === "" ? Number.NaN : Number(text);
    return Number.isFinite(value) && value >= 0 ? value : this.#refuse(`${key}= a number of 0 or more`, text);
  }

  #refuse(wanted: string, found: string): never {
    throw new WorldError(`Cannot read ${this.#place}: wanted ${wanted}, found "${found}"`);
  }
}

function readEntries(file: string, kind: string): Entry[] {
  return readLines(file).map((line, index) => new Entry(line, kind, `${folder}/${file}:${index + 1}`));
}

function readLines(file: string): string[] {
  return readIncluded(`${folder}/${file}`).trimEnd().split(/\r?\n/);
}

export function readFeeder(): FeederNetwork {
  const codes = new Map(readEntries("LineCode.txt", "linecode").map((entry) => [entry.name, entry]));
  const branches = readEntries("Lines.txt", "line").map((entry) => readBranch(entry, codes));
  const { order, parents, impedances } = growTree(branches);
  const houses = readEntries("Loads.txt", "load").map((entry, index) => readHouse(entry, index + 1, order));
  return {
    parents,
    impedances: [readSource(), ...impedances],
    sourceVolts: 1.05 * feederVolts,
    houses,
    lengthMetres: branches.reduce((sum, { metres }) => sum + metres, 0),
  };
}

interface Branch {
  readonly from: string;
  readonly to: string;
  readonly metres: number;
  readonly impedance: Impedance;
}

function readBranch(entry: Entry, codes: ReadonlyMap<string, Entry>): Branch {
  const code = codes.get(entry.text("linecode"));
  if (code === undefined) throw new WorldError(`Cannot read line ${entry.name}: wanted a line code, found none`);
  const metres = entry.number("length");
  const kilometres = metres / 1000;
  const positive = [code.number("r1") * kilometres, code.number("x1") * kilometres] as const;
  const zero = [code.number("r0") * kilometres, code.number("x0") * kilometres] as const;
  return { from: entry.text("bus1"), to: entry.text("bus2"), metres, impedance: fromSequences(positive, zero) };
}

/** Impedances of lines from those of positive and zero sequence. */
function fromSequences(positive: readonly [number, number], zero: readonly [number, number]): Impedance {
  return {
    self: [(2 * positive[0] + zero[0]) / 3, (2 * positive[1] + zero[1]) / 3],
    mutual: [(zero[0] - positive[0]) / 3, (zero[1] - positive[1]) / 3],
  };
}

/** Seen from 416 V. The delta winding keeps zero sequence out of the source. */
function readSource(): Impedance {
  const base = 416 ** 2 / 800_000;
  const transformer = [0.004 * base, 0.04 * base] as const;
  const source = (feederVolts / 3_000) * (416 / 11_000);
  const resistance = source / Math.hypot(1, 4);
  return fromSequences([transformer[0] + resistance, transformer[1] + 4 * resistance], transformer);
}

/** Buses in an order in which each comes after the one that feeds it. */
function growTree(branches: readonly Branch[]): {
  order: ReadonlyMap<string, number>;
  parents: Int32Array;
  impedances: Impedance[];
} {
  const order = new Map([["1", 0]]);
  const parents = new Int32Array(branches.length + 1).fill(-1);
  const impedances: Impedance[] = [];
  for (const { from, to, impedance } of branches) {
    const parent = order.get(from);
    if (parent === undefined || order.has(to))
      throw new WorldError(`Cannot build the feeder: wanted a tree in its order, found a line from ${from} to ${to}`);
    parents[order.size] = parent;
    order.set(to, order.size);
    impedances.push(impedance);
  }
  return { order, parents, impedances };
}

function readHouse(entry: Entry, number: number, order: ReadonlyMap<string, number>): House {
  const [name = "", line = ""] = entry.text("bus1").split(".");
  const bus = order.get(name);
  if (bus === undefined || !/^[123]$/.test(line))
    throw new WorldError(`Cannot read load ${number} of the feeder: wanted a bus and a phase, found ${name}.${line}`);
  return { bus, line: Number(line) - 1, powerFactor: entry.number("pf"), kilowatts: readProfile(number) };
}

const profiles = [1, 6, 11, 16, 21, 26, 31, 36, 41, 46, 51, 55];

function readProfile(house: number): Float64Array {
  const profile = profiles.filter((each) => each <= house).at(-1) as number;
  const file = `Daily_1min_100profiles/load_profile_${profile}.txt`;
  const values = readLines(file).map((line, index) => {
    const value = line.trim() === "" ? Number.NaN : Number(line);
    if (value >= 0) return value;
    throw new WorldError(`Cannot read ${folder}/${file}:${index + 1}: wanted kilowatts, found "${line}"`);
  });
  if (values.length !== minutesOfDay)
    throw new WorldError(`Cannot read ${folder}/${file}: wanted ${minutesOfDay} values, found ${values.length}`);
  const laterMinutes = minutesBetweenHouses * (house - profile);
  return Float64Array.from(
    values,
    (_, minute) => values[(minute - laterMinutes + minutesOfDay) % minutesOfDay] as number,
  );
}
