// How long the flash lasts, from what was really erased.

import type { StorageStatus } from "services/api/storage";

/** Erases that data sheets of serial NOR flash promise for each sector. */
const endurance = 100_000;

const secondsOfYear = 31_557_600;

/**
 * At the rate of its life so far, spread evenly over the log, as the log spreads them. null: fewer sectors were written than the
 * log has, so most of the rate is chance.
 */
export function lifetimeYears(
  { sectors, sectorsWritten }: Pick<StorageStatus, "sectors" | "sectorsWritten">,
  poweredSeconds: number,
): number | null {
  if (sectors === 0 || sectorsWritten < sectors || poweredSeconds === 0) return null;
  return ((endurance * sectors) / sectorsWritten) * (poweredSeconds / secondsOfYear);
}
