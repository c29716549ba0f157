// Where a simulated world stands in its record, as people write it. Nodes of a simulation report true times; this text
// beside them says which moment of the record was measured, and a loop shows as its jump back and a new lap. Engines of nodes have no
// Date, so the calendar is computed here.

import type { Plain } from "lughos";

/** From the configuration of a simulated node: a record runs from `startMicros` to `endMicros`, again and again. */
export interface WorldClock {
  /** When the world began to play, in microseconds of UTC. */
  readonly anchorMicros: number;
  /** Of the record, in microseconds of UTC. */
  readonly startMicros: number;
  readonly endMicros: number;
  /** How far the clocks of its people are ahead of UTC. */
  readonly zoneMinutes: number;
}

/** null: there is no world, the node measures the real one. */
export function readWorldClock(value: Plain | undefined): WorldClock | null {
  if (value === undefined || value === null) return null;
  const { anchorMicros, startMicros, endMicros, zoneMinutes } = value as Partial<WorldClock>;
  const isClock = isNumber(anchorMicros) && isNumber(startMicros) && isNumber(endMicros) && isNumber(zoneMinutes);
  if (isClock && endMicros > startMicros) return { anchorMicros, startMicros, endMicros, zoneMinutes };
  throw new TypeError(
    "Cannot read configuration.world: wanted anchorMicros, startMicros, a later endMicros, zoneMinutes",
  );
}

/** `2025-04-28T12:33:20+02:00`, from the second lap on with ` lap 2` behind it. null: the world had not begun. */
export function formatWorldTime(clock: WorldClock, timeMicros: number): string | null {
  const played = timeMicros - clock.anchorMicros;
  if (played < 0) return null;
  const lengthMicros = clock.endMicros - clock.startMicros;
  const lap = Math.floor(played / lengthMicros) + 1;
  const micros = clock.startMicros + (played % lengthMicros);
  const seconds = Math.floor(micros / 1_000_000) + clock.zoneMinutes * 60;
  const ofDay = seconds % secondsOfDay;
  const zone = Math.abs(clock.zoneMinutes);
  return [
    formatDate(Math.floor(seconds / secondsOfDay)),
    "T",
    formatClock(Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60),
    `:${twoDigits(ofDay % 60)}`,
    clock.zoneMinutes < 0 ? "-" : "+",
    formatClock(Math.floor(zone / 60), zone % 60),
    lap === 1 ? "" : ` lap ${lap}`,
  ].join("");
}

const secondsOfDay = 86_400;

/**
 * Days since 1970-01-01, of the Gregorian calendar. Counted in years that begin in March, a leap day is a year's last,
 * and 400 years are always 146,097 days.
 */
function formatDate(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leapDays = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${year}-${twoDigits(month)}-${twoDigits(day)}`;
}

function formatClock(hours: number, minutes: number): string {
  return `${twoDigits(hours)}:${twoDigits(minutes)}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
