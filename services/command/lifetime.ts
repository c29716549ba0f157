// How long the flash lasts, from what was really erased.

import type { StorageStatus } from "services/api/storage";

/** Erases that data sheets of serial NOR flash promise for each sector. */
const endurance = 100_000;

const secondsOfYear = 31_557_600;

/** Of fewer sectors the rate is mostly chance: when the first was begun, and how full the last one is. */
const leastWritten = 4;

/** At the rate of its life so far, spread evenly over the log, as the log spreads them. null: too few were written to say. */
export function lifetimeYears(
  { sectors, sectorsWritten }: Pick<StorageStatus, "sectors" | "sectorsWritten">,
  poweredSeconds: number,
): number | null {
  if (sectors === 0 || sectorsWritten < leastWritten || poweredSeconds === 0) return null;
  return ((endurance * sectors) / sectorsWritten) * (poweredSeconds / secondsOfYear);
}
