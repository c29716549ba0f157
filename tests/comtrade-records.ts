// The records that tests of COMTRADE read, and what a person would measure in them with a ruler.

import { existsSync } from "node:fs";
import { openRecord } from "sim/comtrade/files";
import type { ComtradeRecord } from "sim/comtrade/record";

const folder = "tests/records";

export function open(path: string): ComtradeRecord {
  return openRecord(`${folder}/${path}`);
}

/** Of 1.3 MB, for which there is no room in the project: read from the data beside it where that is. */
export const wholeSwing = "../shared/data/wisp-comtrade/2.cfg";
export const hasWholeSwing = existsSync(wholeSwing);

export interface Level {
  /** Of the middle of the window. */
  readonly seconds: number;
  readonly rms: number;
}

/** The rms of a channel over each window of so many samples: one cycle. */
export function rmsOf(record: ComtradeRecord, name: string, windowSamples: number): Level[] {
  const index = record.configuration.analog.findIndex((channel) => channel.name === name);
  const values = record.analog[index] as Float64Array;
  const levels: Level[] = [];
  let squares = 0;
  values.forEach((value, row) => {
    squares += value ** 2 - (row < windowSamples ? 0 : (values[row - windowSamples] as number) ** 2);
    if (row < windowSamples - 1) return;
    const begin = record.seconds[row - windowSamples + 1] as number;
    levels.push({
      seconds: (begin + (record.seconds[row] as number)) / 2,
      rms: Math.sqrt(Math.max(0, squares / windowSamples)),
    });
  });
  return levels;
}

export function lowestIn(levels: readonly Level[], fromSeconds: number, toSeconds: number): number {
  return Math.min(
    ...levels.filter(({ seconds }) => seconds >= fromSeconds && seconds < toSeconds).map(({ rms }) => rms),
  );
}
