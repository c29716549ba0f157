// How long to wait before the next attempt to connect. Doubling keeps a broker in trouble from being asked too often;
// the random part keeps a fleet that lost it in the same instant from coming back in the same instant.

/** Doubles from one second to one minute, after which a node is still back within a minute of its broker. */
const firstCeilingMicros = 1_000_000;
const lastCeilingMicros = 60_000_000;

/** Never less: a broker that refuses at once must not be asked in a tight loop. */
const floorMicros = 200_000;

/** `failures` counts failed attempts in a row, from 0; `random` answers a number of 0 up to, not including, 1. */
export function chooseBackoffMicros(failures: number, random: () => number): number {
  const ceilingMicros = Math.min(lastCeilingMicros, firstCeilingMicros * 2 ** Math.min(failures, 16));
  return floorMicros + Math.floor(random() * ceilingMicros);
}
