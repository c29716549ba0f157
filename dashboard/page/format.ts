// Numbers, times and states as people read them. All functions are pure; times that are shown are UTC unless named.

import type { EventKind } from "wire/event";

/** Shown where a value is not known, or could not be measured. */
export const unknown = "–";

export interface Quantified {
  readonly text: string;
  readonly unit: string;
}

/** Volts as "230.1 V" or "25.981 kV": one volt is visible on the medium-voltage grid. */
export function volts(value: number | null): Quantified {
  if (value === null || Number.isNaN(value)) return { text: unknown, unit: "" };
  return Math.abs(value) >= 1_000
    ? { text: (value / 1_000).toFixed(3), unit: " kV" }
    : { text: value.toFixed(1), unit: " V" };
}

/** Hertz to one millihertz; a frequency that is not valid is said to be so and never a number. */
export function hertz(value: number | null): Quantified {
  return value === null || Number.isNaN(value)
    ? { text: "invalid", unit: "" }
    : { text: value.toFixed(3), unit: " Hz" };
}

export function quantity(value: number, unit: "V" | "Hz"): string {
  const shown = unit === "V" ? volts(value) : hertz(value);
  return shown.text + shown.unit;
}

/** Two largest units: "840 ms", "12.4 s", "3 min 05 s", "2 h 10 min", "4 d 3 h". */
export function duration(millis: number): string {
  if (millis < 1_000) return `${Math.max(0, Math.round(millis))} ms`;
  if (millis < 59_950) return `${(millis / 1_000).toFixed(1)} s`;
  return wholeDuration(Math.round(millis / 1_000) * 1_000);
}

/** As `duration`, in whole seconds: for ages and uptimes. */
export function wholeDuration(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${twoDigits(Math.floor((seconds % 3_600) / 60))} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

/** One unit, for narrow columns: "42 s", "12 min", "3.4 h", "2.1 d". */
export function shortDuration(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1_000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 5_940) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 * 2 ? `${(seconds / 3_600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}

export function clockTime(micros: number): string {
  return isShowable(micros) ? new Date(micros / 1_000).toISOString().slice(11, 19) : unknown;
}

export function clockTimeMillis(micros: number): string {
  return isShowable(micros) ? new Date(micros / 1_000).toISOString().slice(11, 23) : unknown;
}

export function dateTime(micros: number): string {
  return isShowable(micros) ? `${new Date(micros / 1_000).toISOString().slice(0, 19).replace("T", " ")} UTC` : unknown;
}

/** A time from the network may be any number; a Date beyond this range throws. */
function isShowable(micros: number): boolean {
  return Math.abs(micros) <= 8.64e18;
}

export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  return value < 1_000_000 ? `${(value / 1_000).toFixed(1)} kB` : `${(value / 1_000_000).toFixed(1)} MB`;
}

/** Microseconds of processor time, or of a clock's error: "12 µs", "3.4 ms", "1.2 s". */
export function micros(value: number): string {
  if (value < 1_000) return `${Math.round(value)} µs`;
  return value < 1_000_000 ? `${(value / 1_000).toFixed(1)} ms` : `${(value / 1_000_000).toFixed(1)} s`;
}

/** Thousands apart by a thin space, as the SI writes them. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

export function rate(perSecond: number): string {
  return perSecond < 9.95 ? perSecond.toFixed(1) : count(perSecond);
}

export const eventNames: Readonly<Record<EventKind, string>> = {
  dip: "Dip",
  swell: "Swell",
  interruption: "Interruption",
  "under-frequency": "Under-frequency",
  "over-frequency": "Over-frequency",
};

/** A shape for each kind, so that colour is never the only sign. */
export const eventSigns: Readonly<Record<EventKind, string>> = {
  dip: "▼",
  swell: "▲",
  interruption: "✖",
  "under-frequency": "↓",
  "over-frequency": "↑",
};

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
