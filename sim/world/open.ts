// The worlds by name, as `--world` gives them.

import { readFileSync } from "node:fs";
import { createComtradeWorld } from "sim/world/comtrade";
import { createFeederWorld } from "sim/world/feeder";
import { parseRecord } from "sim/world/record";
import { createReplay } from "sim/world/replay";
import { createSteadyWorld } from "sim/world/steady";
import { parseTimeOfDay, spanOf } from "sim/world/time-of-day";
import { createToledoWorld, toledoVolts, toledoZoneMinutes } from "sim/world/toledo";
import { type World, WorldError } from "sim/world/world";

export interface WorldOptions {
  /** Time of day of a record at which it begins, local to it: `12:33` or `12:33:20`. */
  readonly at?: string | undefined;
  /** Names of three channels of a COMTRADE record, between commas. */
  readonly channels?: string | undefined;
}

/**
 * `blackout`, `steady`, `feeder`, `comtrade:FILE`, or `csv:FILE` for another record of the form, the declared voltage and
 * the time zone of blackout's. Throws a WorldError that a person can act on.
 */
export function openWorld(name: string, { at, channels }: WorldOptions = {}): World {
  if (name.startsWith("comtrade:")) return createComtradeWorld(name.slice("comtrade:".length), { at, channels });
  if (channels !== undefined)
    throw new WorldError(`Cannot open world ${name}: wanted --channels with comtrade:FILE only, found "${channels}"`);
  if (name.startsWith("csv:")) return openFile(name.slice("csv:".length), at);
  switch (name) {
    case "blackout":
      return createToledoWorld(at);
    case "feeder":
      return createFeederWorld(at);
    case "steady":
      if (at !== undefined) throw new WorldError(`Cannot open world steady: wanted no time to begin at, found "${at}"`);
      return createSteadyWorld();
    default:
      throw new WorldError(
        `Cannot open world "${name}": wanted blackout, steady, feeder, comtrade:FILE or csv:FILE, found "${name}"`,
      );
  }
}

/** Plays the whole of it, or from the time given to its end. */
function openFile(file: string, at: string | undefined): World {
  const record = parseRecord(readText(file), file, toledoZoneMinutes);
  const span = spanOf(record);
  return createReplay({
    name: `csv:${file}`,
    record,
    declaredVolts: toledoVolts,
    zoneMinutes: toledoZoneMinutes,
    fromMicros: at === undefined ? record.startMicros : parseTimeOfDay(at, span, toledoZoneMinutes),
    untilMicros: span.endMicros,
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
