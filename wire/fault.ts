// The report of a fault: what is worth knowing of it when nobody was there. Topic kind "fault", at HIGH; and the answer to the
// command "faults". Never a message's body, only its type.

import { decode, encode } from "wire/cbor";
import { sentenceLengthMaximum, wordLengthMaximum } from "wire/limits";
import type { PlainValue } from "wire/plain";
import { Fields } from "wire/shape";

export interface FaultReport {
  /** Counts the faults that this node reported; a jump is a gap. */
  readonly sequence: number;
  readonly timeMicros: number;
  /** Bound of the time's error; null: the clock was never set. */
  readonly timeQualityMicros: number | null;
  readonly service: string;
  /** Of the version that fell. */
  readonly version: string;
  readonly generation: number;
  /** In the kernel's words: "threw", "out-of-memory". */
  readonly kind: string;
  readonly reason: string;
  /** Type of the message in hand; "" when there was none. */
  readonly messageType: string;
  /** Memory of its machine when it fell, and what it may have. */
  readonly bytes: number;
  readonly memoryBytes: number;
  /** Steps of the meter that its last dispatch took, where that is known, and what it may take. */
  readonly steps: number | null;
  readonly budgetSteps: number;
  /** The version before has taken its place: it was on trial, or is a scheduler. */
  readonly isReplaced: boolean;
  /** It happened before the node's last boot: in the answer to "faults". */
  readonly isEarlier: boolean;
  /** What the node did last, as `packTrace` writes it (wire/trace); null when nobody could say. */
  readonly trace: PlainValue;
}

/** Throws a WireError that names the field which is not as `FaultReport` says. */
export function encodeFault(report: FaultReport): Uint8Array {
  return encode(readFault(report, "fault"));
}

export function decodeFault(bytes: Uint8Array): FaultReport {
  return readFault(decode(bytes), "fault");
}

export function readFault(value: unknown, path: string): FaultReport {
  const fields = new Fields(value, path);
  return {
    sequence: fields.count("sequence"),
    timeMicros: fields.count("timeMicros"),
    timeQualityMicros: fields.countOrNull("timeQualityMicros"),
    service: fields.text("service", wordLengthMaximum),
    version: fields.text("version", wordLengthMaximum),
    generation: fields.count("generation"),
    kind: fields.text("kind", wordLengthMaximum),
    reason: fields.text("reason", sentenceLengthMaximum),
    messageType: fields.text("messageType", wordLengthMaximum),
    bytes: fields.count("bytes"),
    memoryBytes: fields.count("memoryBytes"),
    steps: fields.countOrNull("steps"),
    budgetSteps: fields.count("budgetSteps"),
    isReplaced: fields.boolean("isReplaced"),
    isEarlier: fields.boolean("isEarlier"),
    trace: fields.plain("trace"),
  };
}
