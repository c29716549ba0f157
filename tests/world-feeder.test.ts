// Is the feeder what its data set says (GRID.md §3, R7), do its voltages obey Ohm, Kirchhoff and the loads, and does a day on it
// play as a world must?
//
// The files of the set have no results to compare with. So every solution is checked by what it must satisfy: currents taken back
// from the voltages alone, power that comes out as it went in, and a case that has a closed form.

import { describe, expect, test } from "@jest/globals";
import { powerOf, solveFlow } from "sim/world/feeder-flow";
import { type FeederNetwork, type Impedance, minutesOfDay, readFeeder } from "sim/world/feeder-network";
import { openWorld } from "sim/world/open";
import { playWorld } from "sim/world/play";
import type { Setpoint } from "sim/world/world";

const network = readFeeder();
const noon = Date.UTC(2025, 0, 1, 12) * 1000;

function demandIn(minute: number): number[] {
  return network.houses.map(({ kilowatts }) => kilowatts[minute] as number);
}

interface Complex {
  readonly re: number;
  readonly im: number;
}
const add = (...terms: Complex[]): Complex => ({
  re: terms.reduce((sum, { re }) => sum + re, 0),
  im: terms.reduce((sum, { im }) => sum + im, 0),
});
const times = (a: Complex, b: Complex): Complex => ({ re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re });
const over = (a: Complex, b: Complex): Complex => {
  const square = b.re ** 2 + b.im ** 2;
  return { re: (a.re * b.re + a.im * b.im) / square, im: (a.im * b.re - a.re * b.im) / square };
};
const minus = (a: Complex, b: Complex): Complex => ({ re: a.re - b.re, im: a.im - b.im });
const conjugate = ({ re, im }: Complex): Complex => ({ re, im: -im });
const sizeOf = ({ re, im }: Complex): number => Math.hypot(re, im);
const complex = ([re, im]: readonly [number, number]): Complex => ({ re, im });

function source({ sourceVolts }: FeederNetwork, line: number): Complex {
  return {
    re: sourceVolts * Math.cos((2 * Math.PI * line) / 3),
    im: -sourceVolts * Math.sin((2 * Math.PI * line) / 3),
  };
}

/** Currents that three voltage drops make: the impedances of a branch are alike on all lines, so it has two eigenvalues. */
function currentsOf(drops: readonly Complex[], { self, mutual }: Impedance): Complex[] {
  const between = minus(complex(self), complex(mutual));
  const together = add(complex(self), complex(mutual), complex(mutual));
  const mean = over(add(...drops), { re: 3, im: 0 });
  return drops.map((drop) => add(over(minus(drop, mean), between), over(mean, together)));
}

describe("the network (R7)", () => {
  test("has 905 lines of 1,431 m in all, 906 buses and 55 houses: 21, 19 and 15 on the lines", () => {
    expect(network.parents).toHaveLength(906);
    expect(network.impedances).toHaveLength(906);
    expect(network.lengthMetres).toBeCloseTo(1_431.5, 1);
    const counts = [0, 1, 2].map((line) => network.houses.filter((house) => house.line === line).length);
    expect(counts).toEqual([21, 19, 15]);
    expect(new Set(network.houses.map(({ bus }) => bus)).size).toBe(55);
    expect(network.houses.every(({ powerFactor }) => powerFactor === 0.95)).toBe(true);
  });

  test("has 12 profiles of a day, of 5.3 to 10.6 kWh and peaks of 2.2 to 12.7 kW, each for houses minutes apart", () => {
    const own = [1, 6, 11, 16, 21, 26, 31, 36, 41, 46, 51, 55].map(
      (number) => (network.houses[number - 1] as FeederNetwork["houses"][number]).kilowatts,
    );
    const energies = own
      .map((profile) => profile.reduce((sum, value) => sum + value, 0) / 60)
      .sort((one, other) => one - other);
    const peaks = own.map((profile) => Math.max(...profile)).sort((one, other) => one - other);
    expect([energies[0], energies[11], peaks[0], peaks[11]].map((each) => each?.toFixed(1))).toEqual([
      "5.3",
      "10.6",
      "2.2",
      "12.7",
    ]);
    for (const { kilowatts } of network.houses) expect(kilowatts).toHaveLength(minutesOfDay);
    const [first, , third] = network.houses;
    expect(third?.kilowatts[610]).toBe(first?.kilowatts[600]);
    expect(third?.kilowatts[3]).toBe(first?.kilowatts[1_433]);
    const total = Array.from({ length: minutesOfDay }, (_, minute) =>
      demandIn(minute).reduce((sum, value) => sum + value, 0),
    );
    expect(Math.max(...total)).toBeCloseTo(51.6, 1);
    expect(total.indexOf(Math.max(...total))).toBe(8 * 60 + 5);
  });
});

describe.each([
  ["at night", 180],
  ["at the peak", 485],
  ["at noon", 720],
  ["in the evening", 1_140],
])("the power flow %s", (_when, minute) => {
  const demand = demandIn(minute);
  const { volts, sweeps } = solveFlow(network, demand);
  const voltAt = (bus: number, line: number): Complex => ({
    re: volts.real[3 * bus + line] as number,
    im: volts.imaginary[3 * bus + line] as number,
  });
  /** From the voltages alone. */
  const branches = network.impedances.map((impedance, bus) => {
    const parent = network.parents[bus] as number;
    const drops = [0, 1, 2].map((line) =>
      minus(parent < 0 ? source(network, line) : voltAt(parent, line), voltAt(bus, line)),
    );
    return { drops, currents: currentsOf(drops, impedance) };
  });
  const drawn = new Map(
    network.houses.map((house, index) => [
      3 * house.bus + house.line,
      complex(powerOf(house, demand[index] as number)),
    ]),
  );

  test("obeys Kirchhoff at every bus: what flows in flows on, or into a house at its constant power", () => {
    const rest = network.impedances.flatMap((_, bus) => (branches[bus] as (typeof branches)[0]).currents);
    network.parents.forEach((parent, bus) => {
      if (parent >= 0)
        for (let line = 0; line < 3; line++)
          rest[3 * parent + line] = minus(
            rest[3 * parent + line] as Complex,
            (branches[bus]?.currents[line] ?? rest[0]) as Complex,
          );
    });
    for (const [at, power] of drawn)
      rest[at] = minus(rest[at] as Complex, conjugate(over(power, voltAt(Math.floor(at / 3), at % 3))));
    expect(Math.max(...rest.map(sizeOf))).toBeLessThan(1e-6);
    expect(sweeps).toBeLessThan(15);
  });

  test("balances: the source gives what houses draw and branches lose", () => {
    const given = add(
      ...[0, 1, 2].map((line) => times(source(network, line), conjugate(branches[0]?.currents[line] as Complex))),
    );
    const lost = add(
      ...branches.flatMap(({ drops, currents }) =>
        drops.map((drop, line) => times(drop, conjugate(currents[line] as Complex))),
      ),
    );
    const used = add(...drawn.values());
    expect(sizeOf(minus(given, add(lost, used)))).toBeLessThan(1e-6 * sizeOf(given));
    expect(lost.re).toBeGreaterThan(0);
    expect(lost.re).toBeLessThan(0.05 * used.re);
  });
});

test("one house alone has the voltage that the closed form gives, and lifts or lowers the lines beside it", () => {
  const kilowatts = 10;
  for (const number of [1, 26, 55]) {
    const house = network.houses[number - 1] as FeederNetwork["houses"][number];
    const path: Impedance[] = [];
    for (let bus = house.bus; bus >= 0; bus = network.parents[bus] as number)
      path.push(network.impedances[bus] as Impedance);
    const self = add(...path.map((impedance) => complex(impedance.self)));
    const mutual = add(...path.map((impedance) => complex(impedance.mutual)));
    // |V|⁴ + (2 Re(Z S*) − E²) |V|² + |Z S*|² = 0, of which the higher root is where a network works.
    const power = complex(powerOf(house, kilowatts));
    const product = times(self, conjugate(power));
    const half = (network.sourceVolts ** 2 - 2 * product.re) / 2;
    const expected = Math.sqrt(half + Math.sqrt(half ** 2 - sizeOf(product) ** 2));
    const { volts } = solveFlow(
      network,
      network.houses.map((each) => (each === house ? kilowatts : 0)),
    );
    const voltAt = (line: number): Complex => ({
      re: volts.real[3 * house.bus + line] as number,
      im: volts.imaginary[3 * house.bus + line] as number,
    });
    expect(sizeOf(voltAt(house.line))).toBeCloseTo(expected, 6);
    const current = conjugate(over(power, voltAt(house.line)));
    for (const line of [0, 1, 2].filter((each) => each !== house.line))
      expect(sizeOf(minus(voltAt(line), minus(source(network, line), times(mutual, current))))).toBeLessThan(1e-6);
  }
});

test("a load that no network can carry is no voltage", () => {
  expect(() =>
    solveFlow(
      network,
      network.houses.map(() => 500),
    ),
  ).toThrow("Cannot solve the feeder");
});

describe("world feeder", () => {
  const world = openWorld("feeder");
  const day = openWorld("feeder", { at: "00:00" });
  const pointAt = (node: number, micros: number): Setpoint => day.setpoints(node, micros, micros + 1)[0] as Setpoint;

  test("plays from 07:50 to midnight, at the base voltage of the set", () => {
    expect(world.declaredVolts).toBeCloseTo(240.18, 2);
    expect(new Date(world.startMicros / 1000).toISOString().slice(11)).toBe("07:50:00.000Z");
    expect(new Date((world.endMicros as number) / 1000).toISOString().slice(11)).toBe("00:00:00.000Z");
    const points = world.setpoints(0, world.startMicros, world.startMicros + 60e6);
    expect(points.map(({ atMicros }) => (atMicros - world.startMicros) / 1e6)).toEqual(
      Array.from({ length: 30 }, (_, index) => 2 * index),
    );
    expect(points.every(({ continues }) => continues)).toBe(true);
  });

  test("has at each node the voltages of its house at whole minutes, and straight lines between", () => {
    const { volts } = solveFlow(network, demandIn(720));
    for (const node of [0, 17, 54]) {
      const { bus } = network.houses[node] as FeederNetwork["houses"][number];
      const expected = [0, 1, 2].map((line) =>
        Math.hypot(volts.real[3 * bus + line] as number, volts.imaginary[3 * bus + line] as number),
      );
      expect(pointAt(node, noon).volts).toEqual(expected);
      const [before, middle, after] = [0, 30e6, 60e6].map((later) => pointAt(node, noon + later).volts);
      middle?.forEach((value, line) => {
        expect(value).toBeCloseTo(((before?.[line] as number) + (after?.[line] as number)) / 2, 9);
      });
    }
    expect(pointAt(55, noon)).toEqual(pointAt(0, noon));
    // Houses 4 and 5 hang on like ends of like lines, and draw the same at noon.
    expect(new Set(network.houses.map((_, node) => pointAt(node, noon).volts.join())).size).toBe(54);
  });

  test("is an ordinary day: every house within 95 and 106 % all day, and 50 Hz within 20 mHz", () => {
    let [lowest, highest] = [Number.POSITIVE_INFINITY, 0];
    for (let minute = 5; minute < minutesOfDay; minute += 15)
      for (let node = 0; node < 55; node++) {
        const { volts, hertz } = day.setpoints(
          node,
          day.startMicros + minute * 60e6,
          day.startMicros + minute * 60e6 + 1,
        )[0] as Setpoint;
        lowest = Math.min(lowest, ...volts);
        highest = Math.max(highest, ...volts);
        expect(Math.abs(hertz - 50)).toBeLessThanOrEqual(0.02);
      }
    expect(lowest / day.declaredVolts).toBeGreaterThan(0.95);
    expect(highest / day.declaredVolts).toBeLessThan(1.06);
    expect(lowest).toBeLessThan(245);
  });

  test("loops at midnight: the end does not continue, and the begin stands at the same moment", () => {
    for (const at of ["23:59", "23:58:01"]) {
      const late = openWorld("feeder", { at });
      const end = late.endMicros as number;
      const length = end - late.startMicros;
      const [last, first] = late.setpoints(3, end, end + 1) as [Setpoint, Setpoint];
      expect([last.continues, last.atMicros, first.continues, first.atMicros]).toEqual([false, end, true, end]);
      const lap = late.setpoints(3, late.startMicros, end);
      const later = late.setpoints(3, end + 3 * length, end + 4 * length);
      expect(later.slice(1)).toEqual(lap.map((point) => ({ ...point, atMicros: point.atMicros + 4 * length })));
      const pieces = Array.from({ length: 40 }, (_, index) =>
        late.setpoints(3, end + index * 7e6, end + (index + 1) * 7e6),
      );
      expect(pieces.flat()).toEqual(late.setpoints(3, end, end + 280e6));
    }
  });

  test("tells the time of its day, and refuses one that is none", () => {
    expect(playWorld(world, 1_800_000_000_000_000).clock).toMatchObject({
      startMicros: world.startMicros,
      zoneMinutes: 0,
    });
    expect(() => openWorld("feeder", { at: "24:00" })).toThrow(
      'wanted a time from 00:00:00 to 00:00:00, found "24:00"',
    );
  });
});
