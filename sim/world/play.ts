// Sets the clock of a world against UTC: the world begins at an anchor, and every later moment follows.

import type { Playback, Setpoint, World } from "sim/world/world";

/** Configuration of a node's reporter (`world`): with it a reading says which moment of the record it measured. */
export interface WorldClock {
  readonly anchorMicros: number;
  readonly startMicros: number;
  readonly endMicros: number;
  readonly zoneMinutes: number;
}

export interface Play {
  readonly world: World;
  /** When the world begins, in microseconds of UTC. */
  readonly anchorMicros: number;
  /** null for a world whose clock means nothing. */
  readonly clock: WorldClock | null;
  /** As `World.setpoints`, in UTC. */
  setpoints(node: number, fromMicros: number, toMicros: number): Setpoint[];
  /** As `World.playback`, in UTC; null: the world has set points. */
  readonly playback: Playback | null;
}

/**
 * Begins at the first whole second at or after `nowMicros`, so that seconds of the world are seconds of UTC and a reading
 * is centred on the rows of the record.
 */
export function playWorld(world: World, nowMicros: number): Play {
  const { startMicros, endMicros, zoneMinutes } = world;
  const anchorMicros = Math.ceil((nowMicros - startMicros) / 1_000_000) * 1_000_000 + startMicros;
  const shiftMicros = anchorMicros - startMicros;
  return {
    world,
    anchorMicros,
    clock: endMicros === null ? null : { anchorMicros, startMicros, endMicros, zoneMinutes },
    setpoints: (node, fromMicros, toMicros) =>
      world
        .setpoints(node, fromMicros - shiftMicros, toMicros - shiftMicros)
        .map((point) => ({ ...point, atMicros: point.atMicros + shiftMicros })),
    playback: world.playback === undefined ? null : shiftPlayback(world.playback, shiftMicros),
  };
}

/** By whole seconds, which keeps samples where blocks expect them. */
function shiftPlayback({ voltsPerCount, samples }: Playback, shiftMicros: number): Playback {
  return {
    voltsPerCount,
    samples: (fromMicros, toMicros) =>
      samples(fromMicros - shiftMicros, toMicros - shiftMicros).map((chunk) => ({
        ...chunk,
        atMicros: chunk.atMicros + shiftMicros,
      })),
  };
}
