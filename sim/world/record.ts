// Reads a record of voltages and frequency from CSV, in the form of data/toledo-blackout. Strict: a file that was cut,
// mixed up or edited by accident is refused with its line, since a simulation of a wrong record looks like a right one.

import { WorldError } from "sim/world/world";

/** What stands in one row; null for a row with missing values (NaN), which are gaps and never zeros. */
export type Row = { readonly volts: readonly [number, number, number]; readonly hertz: number } | null;

export interface GridRecord {
  /** Of the first row, in microseconds of UTC. */
  readonly startMicros: number;
  readonly intervalMicros: number;
  readonly rows: readonly Row[];
}

const header = "AnalyzerL1PhaseVoltage,AnalyzerL2PhaseVoltage,AnalyzerL3PhaseVoltage,AnalyzerL1Frequency,time";
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Above the highest transmission voltage in use: a larger number is a slip of units. */
const voltsMaximum = 1_000_000;
/** Grids of 50, 60 and 16.7 Hz, and what is left of one that decays. */
const hertzMaximum = 100;

/** `file` is for messages; times of the file are `zoneMinutes` ahead of UTC. */
export function parseRecord(text: string, file: string, zoneMinutes: number): GridRecord {
  const refuse = (line: number, wanted: string, found: string): never => {
    throw new WorldError(`Cannot read record ${file}:${line}: wanted ${wanted}, found ${found}`);
  };
  const lines = text.split(/\r?\n/);
  if (lines[0] !== header) refuse(1, `the header ${header}`, quote(lines[0]));
  if (lines.pop() !== "") refuse(lines.length + 1, "a line end after the last row (is the file cut?)", "none");
  const rows: Row[] = [];
  const times: number[] = [];
  lines.slice(1).forEach((line, index) => {
    const refuseHere = (wanted: string, found: string): never => refuse(index + 2, wanted, found);
    const fields = line.split(",");
    if (fields.length !== 5) refuseHere("5 fields", `${fields.length} in ${quote(line)}`);
    rows.push(parseRow(fields, refuseHere));
    times.push(parseTime(fields[4] as string, zoneMinutes, refuseHere));
    checkStep(times, refuseHere);
  });
  const [startMicros, secondMicros] = times;
  if (startMicros === undefined || secondMicros === undefined)
    return refuse(lines.length, "at least two rows", `${rows.length}`);
  return { startMicros, intervalMicros: secondMicros - startMicros, rows };
}

type Refuse = (wanted: string, found: string) => never;

function parseRow(fields: readonly string[], refuse: Refuse): Row {
  const [u1 = "", u2 = "", u3 = "", f = ""] = fields;
  const volts = [u1, u2, u3].map((field) => parseNumber(field, voltsMaximum, refuse));
  const hertz = parseNumber(f, hertzMaximum, refuse);
  const [first, second, third] = volts as [number, number, number];
  return [...volts, hertz].some(Number.isNaN) ? null : { volts: [first, second, third], hertz };
}

function parseNumber(field: string, maximum: number, refuse: Refuse): number {
  if (field === "NaN") return Number.NaN;
  const value = /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(field) ? Number(field) : -1;
  return value >= 0 && value <= maximum ? value : refuse(`a number from 0 to ${maximum}, or NaN`, quote(field));
}

/** `28-Apr-2025 11:00:00`, in microseconds of UTC. */
function parseTime(field: string, zoneMinutes: number, refuse: Refuse): number {
  const match = /^(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)$/.exec(field);
  const [, day, month = "", year, hour, minute, second] = match ?? [];
  const parts = [year, months.indexOf(month), day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const micros = Date.UTC(...parts) * 1000;
  const text = new Date(micros / 1000 || 0).toISOString();
  // A day or hour that does not exist rolls over to another one.
  const isReal = match !== null && text.slice(8, 10) === day && text.slice(11, 19) === `${hour}:${minute}:${second}`;
  return isReal ? micros - zoneMinutes * 60_000_000 : refuse("a time such as 28-Apr-2025 11:00:00", quote(field));
}

/** Rows are equally far apart, so a row that is missing shows. */
function checkStep(times: readonly number[], refuse: Refuse): void {
  const [first = 0, second = first] = times;
  const last = times.at(-1) ?? first;
  const expected = first + (times.length - 1) * (second - first);
  if (times.length > 1 && second <= first) refuse("a time after the row before", "an earlier one");
  if (last !== expected)
    refuse(`a time ${(second - first) / 1e6} s after the row before`, `${(last - (times.at(-2) ?? 0)) / 1e6} s`);
}

function quote(text: string | undefined): string {
  const shown = text ?? "";
  return `"${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}"`;
}
