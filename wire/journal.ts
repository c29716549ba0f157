// The journal of a node's changes as it lies in storage and crosses a wire: records in a chain, each with the SHA-256 of the one
// before. Whoever has seen one hash can tell later whether anything before it was altered.

import { decode, encode } from "wire/cbor";
import { formatHex } from "wire/hex";
import { sentenceLengthMaximum, wordLengthMaximum } from "wire/limits";
import type { PlainRecord } from "wire/plain";
import { sha256 } from "wire/sha256";
import { Fields } from "wire/shape";

/** What one operation is asked to do: as a command has it. */
export interface Order {
  readonly operation: string;
  readonly argument: PlainRecord;
}

export interface Change {
  readonly order: Order;
  /** What takes it back; null: nothing does. */
  readonly reverse: Order | null;
  /** Who wanted it. */
  readonly by: string;
  /** The change that this one undoes; null: it is no undoing. */
  readonly undoes: number | null;
}

/** A change has two records: one when it is begun, one when it is over. */
export interface JournalRecord {
  /** Counts records, from 1. */
  readonly number: number;
  readonly timeMicros: number;
  readonly kind: "begun" | "committed" | "undone";
  /** Number of the record that began the change; its own for that. */
  readonly entry: number;
  /** null: it is the second of the two. */
  readonly change: Change | null;
  /** Why it was undone; else "". */
  readonly reason: string;
  /** 32 zeros before the first. */
  readonly previous: Uint8Array;
}

const kinds = Object.freeze(["begun", "committed", "undone"] as const);

export function encodeJournalRecord(record: JournalRecord): Uint8Array {
  return encode(readJournalRecord(record));
}

export function decodeJournalRecord(bytes: Uint8Array): JournalRecord {
  return readJournalRecord(decode(bytes));
}

export function hashJournalRecord(record: JournalRecord): Uint8Array {
  return sha256(encodeJournalRecord(record));
}

/** What is wrong with a chain that ends with this hash, in hexadecimal digits, in words; null: it holds. */
export function findJournalFlaw(records: readonly JournalRecord[], head: string): string | null {
  for (const [index, record] of records.entries()) {
    const before = records[index - 1];
    if (before === undefined) continue;
    if (record.number !== before.number + 1) return `record ${before.number + 1} is missing`;
    if (formatHex(record.previous) !== formatHex(hashJournalRecord(before)))
      return `record ${record.number} does not follow from record ${before.number}: one of them was altered`;
  }
  const last = records.at(-1);
  const found = last === undefined ? "0".repeat(64) : formatHex(hashJournalRecord(last));
  return found === head ? null : "the last record is not the one whose hash the node tells";
}

/** Throws a WireError that names the field which is not as `JournalRecord` says. */
export function readJournalRecord(value: unknown): JournalRecord & PlainRecord {
  const fields = new Fields(value, "record");
  return {
    number: fields.count("number"),
    timeMicros: fields.count("timeMicros"),
    kind: fields.choice("kind", kinds),
    entry: fields.count("entry"),
    change: fields.plain("change") === null ? null : readChange(fields.plain("change")),
    reason: fields.text("reason", sentenceLengthMaximum),
    previous: fields.digest("previous"),
  };
}

export function readChange(value: unknown): Change & PlainRecord {
  const fields = new Fields(value, "change");
  return {
    order: readOrder(fields.fields("order")),
    reverse: fields.plain("reverse") === null ? null : readOrder(fields.fields("reverse")),
    by: fields.text("by", wordLengthMaximum),
    undoes: fields.countOrNull("undoes"),
  };
}

function readOrder(fields: Fields): Order & PlainRecord {
  return {
    operation: fields.text("operation", wordLengthMaximum),
    argument: fields.plain("argument") as PlainRecord,
  };
}
