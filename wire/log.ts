// One line of a node's log, topic kind "log". Not retained: what nobody read when it came is history.

import { decode, encode } from "wire/cbor";
import { sentenceLengthMaximum, wordLengthMaximum } from "wire/limits";
import { Fields } from "wire/shape";

export type LogLevel = "error" | "warning" | "info";

export interface LogLine {
  readonly timeMicros: number;
  readonly level: LogLevel;
  readonly service: string;
  readonly text: string;
}

const levels: readonly LogLevel[] = Object.freeze(["error", "warning", "info"] as const);

/** Throws a WireError that names the field which is not as `LogLine` says; a longer text is the caller's to cut. */
export function encodeLog(line: LogLine): Uint8Array {
  return encode(readLog(line));
}

export function decodeLog(bytes: Uint8Array): LogLine {
  return readLog(decode(bytes));
}

function readLog(value: unknown): LogLine {
  const fields = new Fields(value, "log");
  return {
    timeMicros: fields.count("timeMicros"),
    level: fields.choice("level", levels),
    service: fields.text("service", wordLengthMaximum),
    text: fields.text("text", sentenceLengthMaximum),
  };
}
