// A grid event, topic kind "event", at HIGH: once when it begins and again, with the same id, when it ended.

import { decode, encode } from "wire/cbor";
import { Fields } from "wire/shape";

export type EventKind = "dip" | "swell" | "interruption" | "under-frequency" | "over-frequency";
export type EventPhase = "begin" | "end";

export interface EventReport {
  readonly kind: EventKind;
  readonly phase: EventPhase;
  /** The same at begin and end, never used again by this node. */
  readonly id: number;
  /** Affected lines, of 1, 2, 3, each once, ascending; empty when the event is of no line. */
  readonly lines: readonly number[];
  readonly startMicros: number;
  readonly timeQualityMicros: number | null;
  /** null at begin. */
  readonly durationMicros: number | null;
  /** Residual or maximum volts, or extreme hertz, so far. */
  readonly extreme: number;
  readonly unit: "V" | "Hz";
  /** Counts what this node reports; a jump is a gap. */
  readonly sequence: number;
  /** Sent later than it happened, after an outage. */
  readonly historical: boolean;
}

const kinds: readonly EventKind[] = Object.freeze([
  "dip",
  "swell",
  "interruption",
  "under-frequency",
  "over-frequency",
] as const);
const phases: readonly EventPhase[] = Object.freeze(["begin", "end"] as const);
const units: readonly ("V" | "Hz")[] = Object.freeze(["V", "Hz"] as const);

/** Throws a WireError that names the field which is not as `EventReport` says. */
export function encodeEvent(event: EventReport): Uint8Array {
  return encode(readEvent(event));
}

export function decodeEvent(bytes: Uint8Array): EventReport {
  return readEvent(decode(bytes));
}

function readEvent(value: unknown): EventReport {
  const fields = new Fields(value, "event");
  const phase = fields.choice("phase", phases);
  const durationMicros = fields.countOrNull("durationMicros");
  if ((phase === "begin") !== (durationMicros === null))
    fields.refuse("durationMicros", phase === "begin" ? "null at begin" : "a duration at end", durationMicros);
  return {
    kind: fields.choice("kind", kinds),
    phase,
    id: fields.count("id"),
    lines: readLines(fields),
    startMicros: fields.count("startMicros"),
    timeQualityMicros: fields.countOrNull("timeQualityMicros"),
    durationMicros,
    extreme: fields.number("extreme"),
    unit: fields.choice("unit", units),
    sequence: fields.count("sequence"),
    historical: fields.boolean("historical"),
  };
}

function readLines(fields: Fields): number[] {
  const lines = fields.list("lines", 3, (line) => line as number);
  lines.forEach((line, index) => {
    const isLine = line === 1 || line === 2 || line === 3;
    if (!isLine || (index > 0 && line <= (lines[index - 1] as number)))
      fields.refuse("lines", "lines of 1, 2, 3, ascending", lines);
  });
  return lines;
}
