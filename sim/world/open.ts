// The worlds by name, as `--world` gives them.

import { readFileSync } from "node:fs";
import { parseRecord } from "sim/world/record";
import { createReplay } from "sim/world/replay";
import { createSteadyWorld } from "sim/world/steady";
import { parseTimeOfDay } from "sim/world/time-of-day";
import { createToledoWorld, toledoVolts, toledoZoneMinutes } from "sim/world/toledo";
import { type World, WorldError } from "sim/world/world";

export interface WorldOptions {
  /** Time of day of a record at which it begins, local to it: `12:33` or `12:33:20`. */
  readonly at?: string | undefined;
}

/**
 * `blackout`, `steady`, or `csv:FILE` for another record of the form, the declared
 * voltage and the time zone of blackout's. Throws a WorldError that a person can act on.
 */
export function openWorld(name: string, { at }: WorldOptions = {}): World {
  if (name.startsWith("csv:")) return openFile(name.slice("csv:".length), at);
  switch (name) {
    case "blackout":
      return createToledoWorld(at);
    case "steady":
      if (at !== undefined) throw new WorldError(`Cannot open world steady: wanted no time to begin at, found "${at}"`);
      return createSteadyWorld();
    default:
      throw new WorldError(`Cannot open world "${name}": wanted blackout, steady or csv:FILE, found "${name}"`);
  }
}

/** Plays the whole of it, or from the time given to its end. */
function openFile(file: string, at: string | undefined): World {
  const record = parseRecord(readText(file), file, toledoZoneMinutes);
  const lastMicros = record.startMicros + (record.rows.length - 1) * record.intervalMicros;
  return createReplay({
    name: `csv:${file}`,
    record,
    declaredVolts: toledoVolts,
    zoneMinutes: toledoZoneMinutes,
    fromMicros: at === undefined ? record.startMicros : parseTimeOfDay(at, record, toledoZoneMinutes),
    untilMicros: lastMicros,
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new WorldError(`Cannot read record ${file}: wanted a file, found ${code ?? error}`, { cause: error });
  }
}
