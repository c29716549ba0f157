// Reads a record from the bytes of its files. Nothing here touches a file system: `sim/comtrade/files` finds the bytes.

import { parseAsciiRows } from "sim/comtrade/ascii";
import { parseBinaryRows } from "sim/comtrade/binary";
import { parseConfiguration } from "sim/comtrade/configuration";
import { decodeText } from "sim/comtrade/encoding";
import type { ComtradeRecord, Configuration, FileType } from "sim/comtrade/record";
import { type Part, refuseFile } from "sim/comtrade/refusal";
import { splitSections } from "sim/comtrade/sections";
import type { Table } from "sim/comtrade/table";
import { type RefuseRow, timeRows } from "sim/comtrade/timing";

export interface Parts {
  readonly configuration: Part;
  readonly samples: Part;
  readonly header?: Part | null;
  readonly information?: Part | null;
}

/** `encoding` names that of the configuration, where looking at it would mistake it. Throws a ComtradeError. */
export function readCombined(file: Part, encoding?: string): ComtradeRecord {
  const sections = splitSections(file);
  return readParts(sections, encoding, sections.fileType);
}

/** As `readCombined`, for parts that are files of their own. */
export function readParts(parts: Parts, encoding?: string, fileType: FileType | null = null): ComtradeRecord {
  const { samples, header = null, information = null } = parts;
  const remarks: string[] = [];
  const configuration = parseConfiguration(parts.configuration, (remark) => remarks.push(remark), encoding);
  if (fileType !== null && fileType !== configuration.fileType)
    refuseFile(samples.file, `data of type ${configuration.fileType}, as its configuration says`, fileType);
  const table = parseRows(samples, configuration);
  remarks.push(...judgeLength(table, configuration, samples.file));
  const timing = timeRows(
    { micros: toMicros(table, configuration), firstNumber: table.firstNumber, rates: configuration.rates },
    createRowRefusal(samples, table),
  );
  return {
    configuration,
    seconds: timing.seconds,
    gaps: timing.gaps,
    analog: table.analog,
    digital: table.digital,
    header: textOf(header),
    information: textOf(information),
    remarks: [...remarks, ...timing.remarks],
  };
}

function parseRows(samples: Part, configuration: Configuration): Table {
  return configuration.fileType === "ASCII"
    ? parseAsciiRows(samples, configuration)
    : parseBinaryRows(samples, configuration);
}

/** A recording that ends between two rows is whole up to there, and said to be short. */
function judgeLength({ rowCount, firstNumber }: Table, { rates }: Configuration, file: string): string[] {
  if (rowCount === 0) refuseFile(file, "at least one sample", "none");
  const declared = rates.at(-1)?.lastSample ?? 0;
  const last = firstNumber + rowCount - 1;
  const isWhole = last === declared || (firstNumber === 0 && rowCount === declared);
  return isWhole ? [] : [`the data end after sample ${last} of ${declared} (is the file cut?)`];
}

function toMicros({ stamps }: Table, { stampMicros }: Configuration): Float64Array {
  return stamps.map((stamp) => stamp * stampMicros);
}

function createRowRefusal({ file }: Part, { firstNumber }: Table): RefuseRow {
  return (row, wanted, found) => refuseFile(file, `in sample ${firstNumber + row} ${wanted}`, found);
}

function textOf(part: Part | null): string | null {
  if (part === null) return null;
  const text = decodeText(part).text.trim();
  return text === "" ? null : text;
}
