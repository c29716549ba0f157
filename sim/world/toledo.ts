// The collapse of the Iberian grid on 28 April 2025, as a meter near Toledo recorded it (data/toledo-blackout): three
// voltages and the frequency every 2 s, from 11:00:00 to 12:59:58 CEST. At 12:33:12 the voltage passes 110 %, from
// 12:33:18 the frequency falls, and at 12:33:24 nothing is left. What the record shows as 47.4 falling to 40 Hz after
// that is the meter's own memory, at 20 to 60 V: the waveform has it, and the nodes must not believe it.
//
// The declared voltage is our assumption, for the meter's is not published: 45 kV between phases is the usual level that
// fits. The ordinary hour, 11 to 12, then lies between 101.9 and 109.2 % and has no event; from 12:27:38 to :50 line 2
// stands at 110.2 %, which is a swell. By default the world plays from 12:32:00 to 12:36:00, again and again.

import { readIncluded } from "sim/world/included";
import { type GridRecord, parseRecord } from "sim/world/record";
import { createReplay } from "sim/world/replay";
import { parseTimeOfDay, spanOf } from "sim/world/time-of-day";
import { type World, WorldError } from "sim/world/world";

/** 45 kV / √3. */
export const toledoVolts = 25_981;
/** Central European Summer Time. */
export const toledoZoneMinutes = 120;

const path = "sim/data/toledo-blackout/toledo_data.csv";
const rowCount = 3_600;
const defaultAt = "12:32:00";
const defaultUntil = "12:36:00";

/** `at`: a time of day within the record. After 12:36:00 the world loops at the end of the record. */
export function createToledoWorld(at: string = defaultAt): World {
  const record = readToledoRecord();
  const span = spanOf(record);
  const fromMicros = parseTimeOfDay(at, span, toledoZoneMinutes);
  const untilMicros = parseTimeOfDay(defaultUntil, span, toledoZoneMinutes);
  return createReplay({
    name: "blackout",
    record,
    declaredVolts: toledoVolts,
    zoneMinutes: toledoZoneMinutes,
    fromMicros,
    untilMicros: fromMicros < untilMicros ? untilMicros : span.endMicros,
  });
}

export function readToledoRecord(): GridRecord {
  const record = parseRecord(readIncluded(path), path, toledoZoneMinutes);
  const { length } = record.rows;
  if (length === rowCount) return record;
  throw new WorldError(`Cannot read record ${path}:${length + 2}: wanted ${rowCount} rows, found ${length}`);
}
