// A world that plays a record, from a moment of it to another, and then again from the first.

import type { GridRecord, Row } from "sim/world/record";
import { spreadVolts } from "sim/world/spread";
import type { Setpoint, World } from "sim/world/world";

export interface ReplayOptions {
  readonly name: string;
  readonly record: GridRecord;
  readonly declaredVolts: number;
  readonly zoneMinutes: number;
  /** Of the record, in microseconds of UTC: within it, the end after the start. Neither needs to be that of a row. */
  readonly fromMicros: number;
  readonly untilMicros: number;
}

export function createReplay(options: ReplayOptions): World {
  const { name, record, declaredVolts, zoneMinutes, fromMicros, untilMicros } = options;
  const lap = cutLap(record, fromMicros, untilMicros);
  const lengthMicros = untilMicros - fromMicros;

  function setpoints(node: number, rangeStart: number, rangeEnd: number): Setpoint[] {
    const found: Setpoint[] = [];
    // The last set point of a lap stands where the next lap begins.
    const firstLap = Math.max(0, Math.ceil((rangeStart - fromMicros) / lengthMicros) - 1);
    for (let lapStart = fromMicros + firstLap * lengthMicros; lapStart < rangeEnd; lapStart += lengthMicros)
      for (let index = findFrom(lap, rangeStart - lapStart + fromMicros); index < lap.length; index++) {
        const point = lap[index] as Setpoint;
        const atMicros = point.atMicros - fromMicros + lapStart;
        if (atMicros >= rangeEnd) break;
        const [u1, u2, u3] = point.volts.map((volts, line) => spreadVolts(volts, node, line, index));
        found.push({ ...point, atMicros, volts: [u1 as number, u2 as number, u3 as number] });
      }
    return found;
  }

  return { name, declaredVolts, startMicros: fromMicros, endMicros: untilMicros, zoneMinutes, setpoints };
}

/** The set points of one lap, both ends included, at the times of the record. */
function cutLap(record: GridRecord, fromMicros: number, untilMicros: number): Setpoint[] {
  const { startMicros, intervalMicros } = record;
  const times = new Set([fromMicros, untilMicros]);
  const firstRow = Math.ceil((fromMicros - startMicros) / intervalMicros);
  for (let at = startMicros + firstRow * intervalMicros; at < untilMicros; at += intervalMicros) times.add(at);
  const points: Setpoint[] = [];
  for (const atMicros of [...times].sort((left, right) => left - right)) {
    const row = rowAt(record, atMicros);
    if (row === null) continue;
    const isKnownAfter = atMicros < untilMicros && rowAt(record, nextMoment(record, atMicros)) !== null;
    points.push({ ...row, atMicros, continues: isKnownAfter });
  }
  return points;
}

/** Halfway to the next row: known when that row is. */
function nextMoment({ startMicros, intervalMicros }: GridRecord, atMicros: number): number {
  const row = Math.floor((atMicros - startMicros) / intervalMicros);
  return (atMicros + startMicros + (row + 1) * intervalMicros) / 2;
}

/** The values at a moment, on the straight line between two rows; null when either is missing. */
function rowAt({ rows, startMicros, intervalMicros }: GridRecord, atMicros: number): Row {
  const place = (atMicros - startMicros) / intervalMicros;
  const before = rows[Math.floor(place)] ?? null;
  const after = rows[Math.ceil(place)] ?? null;
  if (before === null || after === null) return null;
  const share = place - Math.floor(place);
  const between = (left: number, right: number): number => left + share * (right - left);
  const [u1, u2, u3] = before.volts;
  const [v1, v2, v3] = after.volts;
  return { volts: [between(u1, v1), between(u2, v2), between(u3, v3)], hertz: between(before.hertz, after.hertz) };
}

/** Index of the first set point at or after a moment. */
function findFrom(points: readonly Setpoint[], atMicros: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as Setpoint).atMicros < atMicros) low = middle + 1;
    else high = middle;
  }
  return low;
}
