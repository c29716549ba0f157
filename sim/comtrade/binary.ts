// Data of bytes, little endian: a row has the number and the stamp of the sample (4 bytes each), its analog values (2 or 4 bytes
// each), and its digital values, sixteen to a word.

import type { Configuration, FileType } from "sim/comtrade/record";
import { type Part, refuseByte } from "sim/comtrade/refusal";
import { createTable, judgeNumber, type Table } from "sim/comtrade/table";

/** Stands for a stamp that is missing. */
const noStamp = 0xffff_ffff;
/** The most negative float: the mark of 2013 for a missing value, beside any NaN. */
const noFloat = -3.402_823_466_385_288_6e38;

interface ValueFormat {
  readonly lengthBytes: number;
  /** NaN for a missing value. */
  read(view: DataView, at: number): number;
}

export function parseBinaryRows(part: Part, configuration: Configuration): Table {
  const format = formatOf(configuration.fileType);
  const words = Math.ceil(configuration.digital.length / 16);
  const rowBytes = 8 + configuration.analog.length * format.lengthBytes + 2 * words;
  const bytes = withoutEndMark(part.bytes, rowBytes);
  const rowCount = Math.floor(bytes.length / rowBytes);
  const left = bytes.length - rowCount * rowBytes;
  if (left > 0) refuseByte(part, rowCount * rowBytes, `a row of ${rowBytes} bytes`, `${left} (is the file cut?)`);
  const table = createTable(part.file, configuration, rowCount);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const firstNumber = checkNumbers(part, view, rowBytes, rowCount, configuration);
  readStamps(view, rowBytes, table.stamps);
  readAnalog(part, view, rowBytes, format, configuration, table);
  readDigital(view, rowBytes, rowBytes - 2 * words, table);
  return { ...table, firstNumber };
}

function formatOf(type: FileType): ValueFormat {
  switch (type) {
    case "BINARY32":
      return { lengthBytes: 4, read: (view, at) => orMissing(view.getInt32(at, true), -0x8000_0000) };
    case "FLOAT32":
      return { lengthBytes: 4, read: (view, at) => orMissing(view.getFloat32(at, true), noFloat) };
    default:
      return { lengthBytes: 2, read: (view, at) => orMissing(view.getInt16(at, true), -0x8000) };
  }
}

function orMissing(count: number, mark: number): number {
  return count === mark ? Number.NaN : count;
}

/** Programs of DOS end even these with SUB. */
function withoutEndMark(bytes: Uint8Array, rowBytes: number): Uint8Array {
  const isMarked = bytes.length % rowBytes === 1 && bytes.at(-1) === 0x1a;
  return isMarked ? bytes.subarray(0, -1) : bytes;
}

function checkNumbers(
  part: Part,
  view: DataView,
  rowBytes: number,
  rowCount: number,
  { rates }: Configuration,
): number {
  const declared = rates.at(-1)?.lastSample ?? 0;
  const first = rowCount > 0 ? view.getUint32(0, true) : 0;
  for (let row = 0; row < rowCount; row++) {
    const number = view.getUint32(row * rowBytes, true);
    const wrong = judgeNumber(number, row, first, declared);
    if (wrong !== null) refuseByte(part, row * rowBytes, wrong, `${number}`);
  }
  return first;
}

/** Stamps of four bytes begin anew after 71 minutes of microseconds: a fall by half their range is no step back. */
function readStamps(view: DataView, rowBytes: number, stamps: Float64Array): void {
  const range = 2 ** 32;
  let laps = 0;
  let before = 0;
  for (let row = 0; row < stamps.length; row++) {
    const stamp = view.getUint32(row * rowBytes + 4, true);
    if (stamp !== noStamp && stamp < before - range / 2) laps += 1;
    stamps[row] = stamp === noStamp ? Number.NaN : stamp + laps * range;
    if (stamp !== noStamp) before = stamp;
  }
}

function readAnalog(
  part: Part,
  view: DataView,
  rowBytes: number,
  format: ValueFormat,
  { analog }: Configuration,
  table: Table,
): void {
  analog.forEach(({ multiplier, offset }, index) => {
    const column = table.analog[index] as Float64Array;
    const offsetBytes = 8 + index * format.lengthBytes;
    for (let row = 0; row < table.rowCount; row++) {
      const at = row * rowBytes + offsetBytes;
      const count = format.read(view, at);
      if (Math.abs(count) === Infinity) refuseByte(part, at, "a number", "infinity");
      column[row] = multiplier * count + offset;
    }
  });
}

function readDigital(view: DataView, rowBytes: number, offsetBytes: number, table: Table): void {
  table.digital.forEach((column, index) => {
    const wordAt = offsetBytes + 2 * (index >> 4);
    for (let row = 0; row < table.rowCount; row++)
      column[row] = (view.getUint16(row * rowBytes + wordAt, true) >> (index & 15)) & 1;
  });
}
