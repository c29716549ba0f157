// A day on a low-voltage feeder of 55 houses: each node measures the three lines where a house is connected, and its voltages
// follow from what all the houses draw. Node 1 is load 1 of the set, and so on; node 56 stands where node 1 does.
//
// Each minute of the day is one power flow, and between minutes voltages change along straight lines. The declared voltage
// is the base of the set, 240 V (416 V between phases), and not the 230 V of its loads: its transformer gives 252 V without
// load, 105 % of the one and 110 % of the other, and lightly loaded phases rise beyond. Frequency is no part of the set: it
// wanders slowly, within 20 mHz of 50 Hz, alike for all nodes. The day has no date; it is given one.

import { solveFlow } from "sim/world/feeder-flow";
import { type FeederNetwork, feederVolts, minutesOfDay, readFeeder } from "sim/world/feeder-network";
import { parseTimeOfDay } from "sim/world/time-of-day";
import type { Setpoint, World } from "sim/world/world";

const dayMicros = Date.UTC(2025, 0, 1) * 1000;
const endMicros = dayMicros + minutesOfDay * 60_000_000;
/** Of set points: nodes know their world some seconds ahead. */
const stepMicros = 2_000_000;
/** The minutes at hand: two are needed at a time, and a fleet asks node by node. */
const minutesKept = 8;
/** The morning: its peak of 52 kW comes at 08:05. */
const defaultAt = "07:50";

type Volts = readonly [number, number, number];

/** Plays from a time of day to midnight, again and again. */
export function createFeederWorld(at: string = defaultAt): World {
  const fromMicros = parseTimeOfDay(at, { startMicros: dayMicros, endMicros }, 0);
  const voltsAt = createDay(readFeeder());
  const lapMicros = endMicros - fromMicros;

  function pointOf(house: number, offsetMicros: number): Omit<Setpoint, "atMicros" | "continues"> {
    const seconds = (fromMicros - dayMicros + offsetMicros) / 1e6;
    return { volts: voltsAt(house, seconds), hertz: 50 + wander(seconds) };
  }

  function setpoints(node: number, rangeStart: number, rangeEnd: number): Setpoint[] {
    const found: Setpoint[] = [];
    const firstLap = Math.max(0, Math.ceil((rangeStart - fromMicros) / lapMicros) - 1);
    for (let lapStart = fromMicros + firstLap * lapMicros; lapStart < rangeEnd; lapStart += lapMicros) {
      const first = Math.max(0, Math.ceil((rangeStart - lapStart) / stepMicros));
      const last = Math.ceil(lapMicros / stepMicros);
      for (let index = first; index <= last; index++) {
        const offsetMicros = Math.min(index * stepMicros, lapMicros);
        const atMicros = lapStart + offsetMicros;
        if (atMicros >= rangeEnd) break;
        found.push({ ...pointOf(node, offsetMicros), atMicros, continues: index < last });
      }
    }
    return found;
  }

  return { name: "feeder", declaredVolts: feederVolts, startMicros: fromMicros, endMicros, zoneMinutes: 0, setpoints };
}

/** Voltages of the three lines at a node, at a second of the day. */
function createDay(network: FeederNetwork): (node: number, seconds: number) => Volts {
  const kept = new Map<number, readonly Volts[]>();
  const voltsIn = (minute: number): readonly Volts[] => {
    const known = kept.get(minute);
    if (known !== undefined) return known;
    const volts = solveMinute(network, minute);
    kept.set(minute, volts);
    const [oldest] = kept.keys();
    if (kept.size > minutesKept) kept.delete(oldest as number);
    return volts;
  };
  return (node, seconds) => {
    const house = node % network.houses.length;
    const minute = Math.floor(seconds / 60);
    const before = voltsIn(minute % minutesOfDay)[house] as Volts;
    const after = voltsIn((minute + 1) % minutesOfDay)[house] as Volts;
    const share = seconds / 60 - minute;
    const between = (line: 0 | 1 | 2): number => before[line] + share * (after[line] - before[line]);
    return [between(0), between(1), between(2)];
  };
}

/** Voltages of all houses when everything is drawn that their profiles have in a minute. */
function solveMinute(network: FeederNetwork, minute: number): readonly Volts[] {
  const { volts } = solveFlow(
    network,
    network.houses.map(({ kilowatts }) => kilowatts[minute] as number),
  );
  return network.houses.map(({ bus }) => {
    const volt = (line: number): number =>
      Math.hypot(volts.real[3 * bus + line] as number, volts.imaginary[3 * bus + line] as number);
    return [volt(0), volt(1), volt(2)];
  });
}

/** In hertz, at most 0.02 to either side. */
function wander(seconds: number): number {
  const wave = (periodSeconds: number): number => Math.sin((2 * Math.PI * seconds) / periodSeconds);
  return 0.01 * wave(611) + 0.006 * wave(173) + 0.004 * wave(61);
}
