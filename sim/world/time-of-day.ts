// Times of day as people give them on a command line, found in a record.

import type { GridRecord } from "sim/world/record";
import { WorldError } from "sim/world/world";

/** What a record covers, in microseconds of UTC. */
export interface Span {
  readonly startMicros: number;
  readonly endMicros: number;
}

export function spanOf({ startMicros, intervalMicros, rows }: GridRecord): Span {
  return { startMicros, endMicros: startMicros + (rows.length - 1) * intervalMicros };
}

/** `12:33:20` or `12:33`, local time of the first day, in microseconds of UTC. Throws outside the span. */
export function parseTimeOfDay(text: string, { startMicros, endMicros }: Span, zoneMinutes: number): number {
  const zoneMicros = zoneMinutes * 60_000_000;
  const dayMicros = Math.floor((startMicros + zoneMicros) / microsOfDay) * microsOfDay - zoneMicros;
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  const [, hours = "", minutes = "", seconds = "0"] = match ?? [];
  const micros = dayMicros + (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000;
  if (match !== null && micros >= startMicros && micros < endMicros) return micros;
  const range = `${formatTimeOfDay(startMicros + zoneMicros)} to ${formatTimeOfDay(endMicros + zoneMicros)}`;
  throw new WorldError(`Cannot begin the record at ${text}: wanted a time from ${range}, found "${text}"`);
}

const microsOfDay = 86_400_000_000;

function formatTimeOfDay(localMicros: number): string {
  return new Date(localMicros / 1000).toISOString().slice(11, 19);
}
