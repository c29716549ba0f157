// A world in which nothing happens: nominal voltage and frequency, for tests and for looking at the rest of the system.

import { spreadVolts } from "sim/world/spread";
import type { Setpoint, World } from "sim/world/world";

/** How often the loads of its nodes change. */
const intervalMicros = 2_000_000;

export function createSteadyWorld(declaredVolts = 230, hertz = 50): World {
  return {
    name: "steady",
    declaredVolts,
    startMicros: 0,
    endMicros: null,
    zoneMinutes: 0,
    setpoints(node, fromMicros, toMicros) {
      const found: Setpoint[] = [];
      for (let index = Math.ceil(fromMicros / intervalMicros); index * intervalMicros < toMicros; index++) {
        const [u1, u2, u3] = [0, 1, 2].map((line) => spreadVolts(declaredVolts, node, line, index)) as [
          number,
          number,
          number,
        ];
        found.push({ atMicros: index * intervalMicros, volts: [u1, u2, u3], hertz, continues: true });
      }
      return found;
    },
  };
}
