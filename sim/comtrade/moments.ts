// Dates, times and zones as configurations write them.

import type { Lines } from "sim/comtrade/lines";
import type { Revision } from "sim/comtrade/record";

export interface Moment {
  /** As if the clock were UTC. */
  readonly micros: number;
  /** With nine digits of the second the stamps of rows count nanoseconds (2013). */
  readonly hasNanoseconds: boolean;
}

/** `22/08/2016,16:04:22.000000`: day first, but until 1991 the month; a year of two digits is of 1970 to 2069. */
export function readMoment(lines: Lines, revision: Revision, what: string): Moment {
  const order = revision === 1991 ? "mm/dd/yyyy" : "dd/mm/yyyy";
  const [date = "", time = ""] = lines.next(`${what}, ${order},hh:mm:ss.ssssss`);
  const [, first, second, year = ""] = /^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d\d)$/.exec(date) ?? [];
  const [, hours, minutes, seconds, fraction = ""] = /^(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{0,9}))?$/.exec(time) ?? [];
  const [month, day] = (revision === 1991 ? [first, second] : [second, first]).map(Number);
  const whole = [
    fullYear(year),
    Number(month) - 1,
    Number(day),
    Number(hours),
    Number(minutes),
    Number(seconds),
  ] as const;
  const millis = Date.UTC(...whole);
  if (!isReal(whole, millis)) return lines.refuse(`${what}, ${order},hh:mm:ss.ssssss`, lines.quoted);
  return { micros: millis * 1000 + Number(fraction.padEnd(9, "0")) / 1000, hasNanoseconds: fraction.length > 6 };
}

function fullYear(year: string): number {
  if (year.length !== 2) return Number(year);
  return Number(year) + (Number(year) < 70 ? 2000 : 1900);
}

/** A day or an hour that does not exist rolls over to another one. */
function isReal(parts: readonly number[], millis: number): boolean {
  if (!Number.isFinite(millis)) return false;
  const date = new Date(millis);
  const found = [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  return found.every((value, index) => value === parts[index]);
}

/** `-5h30`, `+1`, `0`: how far the clock is ahead of UTC, in minutes; `x`: not told. */
export function readZone(lines: Lines, field = ""): number | null {
  if (field === "" || field.toLowerCase() === "x") return null;
  const [whole, sign, hours, minutes = "0"] = /^([+-]?)(\d{1,2})(?:h(\d{2}))?$/i.exec(field) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  if (whole === undefined || total > 14 * 60) return lines.refuse("a time code such as -5h30, 0 or x", `"${field}"`);
  return sign === "-" ? -total : total;
}
