// The rows of a data file as they stand there: the number and the stamp of each, and the values of its channels in their units.

import { limits } from "sim/comtrade/limits";
import type { Configuration } from "sim/comtrade/record";
import { refuseFile } from "sim/comtrade/refusal";

export interface Table {
  readonly rowCount: number;
  /** Number of the first sample: 1 or, as some recorders count, 0. */
  readonly firstNumber: number;
  /** In units of the file; NaN where there is none. */
  readonly stamps: Float64Array;
  readonly analog: readonly Float64Array[];
  readonly digital: readonly Uint8Array[];
}

/** Room for so many rows. The caller counts them in bytes that exist, never in what a configuration declares. */
export function createTable(file: string, { analog, digital }: Configuration, rowsMaximum: number): Table {
  const values = rowsMaximum * (1 + analog.length + digital.length);
  if (values > limits.values)
    refuseFile(file, `at most ${limits.values} values`, `room for ${values} (${rowsMaximum} rows)`);
  return {
    rowCount: rowsMaximum,
    firstNumber: 1,
    stamps: new Float64Array(rowsMaximum),
    analog: analog.map(() => new Float64Array(rowsMaximum)),
    digital: digital.map(() => new Uint8Array(rowsMaximum)),
  };
}

/** The rows that were filled. */
export function cutTable({ stamps, analog, digital }: Table, rowCount: number, firstNumber: number): Table {
  return {
    rowCount,
    firstNumber,
    stamps: stamps.subarray(0, rowCount),
    analog: analog.map((column) => column.subarray(0, rowCount)),
    digital: digital.map((column) => column.subarray(0, rowCount)),
  };
}

/** Rows are numbered without a break up to `declared`. Answers what is wrong with the number of a row, or null. */
export function judgeNumber(found: number, row: number, first: number, declared: number): string | null {
  if (row === 0) return found === 0 || found === 1 ? null : "sample number 1 or 0";
  if (found !== first + row) return `sample number ${first + row}`;
  return found > declared ? `no sample after ${declared}, the last that the configuration declares` : null;
}
