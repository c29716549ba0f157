// Data of text: a line for each row, its number, stamp, analog and digital values between commas.

import { withoutEnd } from "sim/comtrade/encoding";
import { parseNumber } from "sim/comtrade/lines";
import type { Configuration } from "sim/comtrade/record";
import { type Part, quote, refuseLine } from "sim/comtrade/refusal";
import { createTable, cutTable, judgeNumber, type Table } from "sim/comtrade/table";

export function parseAsciiRows(part: Part, configuration: Configuration): Table {
  const { analog, digital } = configuration;
  const fieldCount = 2 + analog.length + digital.length;
  // A row has at least a byte for each number or comma, and each begins a line.
  const rowsMaximum = Math.min(countLines(part.bytes), Math.ceil(part.bytes.length / fieldCount));
  const table = createTable(part.file, configuration, rowsMaximum);
  const readRow = createRowReader(part, configuration, table);
  let row = 0;
  let firstNumber = 1;
  forEachLine(part.bytes, (text, line) => {
    // Some relays end lines twice, and a text of DOS ends with SUB.
    if (text === "") return;
    const fields = text.split(",");
    if (fields.length !== fieldCount)
      refuseLine(part, line, `${fieldCount} fields of a row`, `${fields.length} in ${quote(text)}`);
    const number = readRow(fields, row, line);
    if (row++ === 0) firstNumber = number;
  });
  return cutTable(table, row, firstNumber);
}

/** Answers the number of the row. */
function createRowReader(
  part: Part,
  { analog, digital, rates, revision }: Configuration,
  table: Table,
): (fields: readonly string[], row: number, line: number) => number {
  const declared = rates.at(-1)?.lastSample ?? 0;
  const missing = analog.map((channel) => missingMark(revision, channel.minimum, channel.maximum));
  let first = 0;
  return (fields, row, line) => {
    const number = readNumber(part, fields[0] ?? "", line, "the number of a sample");
    if (row === 0) first = number;
    const wrong = judgeNumber(number, row, first, declared);
    if (wrong !== null) refuseLine(part, line, wrong, `${number}`);
    const stamp = (fields[1] ?? "").trim();
    table.stamps[row] = stamp === "" ? Number.NaN : readNumber(part, stamp, line, "a time stamp");
    analog.forEach(({ multiplier, offset }, index) => {
      const field = (fields[2 + index] ?? "").trim();
      const count = field === "" ? Number.NaN : readNumber(part, field, line, "a number or nothing");
      (table.analog[index] as Float64Array)[row] = count === missing[index] ? Number.NaN : multiplier * count + offset;
    });
    digital.forEach((_, index) => {
      const field = (fields[2 + analog.length + index] ?? "").trim();
      if (field !== "0" && field !== "1") refuseLine(part, line, "a digital value, 0 or 1", quote(field));
      (table.digital[index] as Uint8Array)[row] = field === "1" ? 1 : 0;
    });
    return number;
  };
}

/**
 * The count that stands for a missing value, in 1991 and 1999 by the standard. Later an empty field does, and the old mark only
 * where the channel cannot reach it: 99999 may be 100 V.
 */
function missingMark(revision: Configuration["revision"], minimum: number, maximum: number): number | null {
  if (revision === 1991) return 999_999;
  const isReachable = minimum <= 99_999 && maximum >= 99_999;
  return revision === 1999 || !isReachable ? 99_999 : null;
}

function readNumber(part: Part, field: string, line: number, wanted: string): number {
  return parseNumber(field.trim()) ?? refuseLine(part, line, wanted, quote(field));
}

function countLines(bytes: Uint8Array): number {
  let count = 1;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

/** Lines without what blank stands at their ends, counted from 1. They are decoded one by one: the data may be large. */
function forEachLine(bytes: Uint8Array, take: (text: string, line: number) => void): void {
  const decoder = new TextDecoder("iso-8859-1");
  let line = 1;
  for (let begin = 0; begin < bytes.length; line++) {
    const found = bytes.indexOf(10, begin);
    const end = found === -1 ? bytes.length : found;
    take(decoder.decode(withoutEnd(bytes.subarray(begin, end))), line);
    begin = end + 1;
  }
}
