// The boot record: what a node runs, in one small record that its host reads before any service runs. Writing it is the only
// commit point of a change of components. docs/UPDATES.md has every byte; hosts/xs/boot_record.c is the other reader.
//
// It lies in sectors 0 and 1 in turns: the one that holds the newer is never touched while the other is written, so that a
// cut leaves the old record or the new one. Each begins with a frame:
//
//   0  8  "LUGHBOOT"     8  2  format     10  2  length of the body     12  4  sequence     16  …  body, then 4 of CRC-32
//
// all little endian; the sum covers the number of the sector (4 bytes), then all before it. The body is deterministic CBOR. The
// last page of the frame's room counts: the host clears one bit of its first byte for each boot on trial, and behind it one for each
// end of the kernel.

import { decode, encode } from "wire/cbor";
import { crc32 } from "wire/crc32";
import { WireError } from "wire/error";
import { sentenceLengthMaximum, wordLengthMaximum } from "wire/limits";
import { Fields } from "wire/shape";

export const bootRecordLimits = Object.freeze({
  /** A whole record is one read of the flash port. */
  roomBytes: 4_096,
  /** Leaves the frame and the largest page of their room. */
  bodyBytes: 3_052,
  /** Of one byte: so many boots can be counted. */
  boots: 8,
  /** Ends of the kernel in a row that bring a node up in safe mode: two may be one cause that passes. */
  endsToSafeMode: 3,
  /** As many services as a birth lists. */
  components: 64,
  /** kernel/limits.ts, moduleLength. */
  moduleLength: 95,
});

/** A payload in the extents: where it begins, how long it is, and its SHA-256. */
export interface Extent {
  readonly sector: number;
  readonly lengthBytes: number;
  readonly digest: Uint8Array;
}

/** A service that runs something else than the system table says. */
export interface BootComponent {
  readonly service: string;
  readonly module: string;
  /** Where its code lies; without one it is a module of the firmware's own image. */
  readonly extent?: Extent;
}

/** A set that has to be confirmed: else, after so many boots or once the deadline passed, the former one runs again. */
export interface BootTrial {
  readonly former: readonly BootComponent[];
  readonly boots: number;
  readonly deadlineMillis: number;
}

export interface BootRecord {
  readonly active: readonly BootComponent[];
  readonly trial: BootTrial | null;
  /** Releases below it are refused, whatever their signature. */
  readonly securityFloor: number;
  /** Number of the journal's entry whose operation this record commits. */
  readonly operation: number;
}

export const emptyBootRecord: BootRecord = Object.freeze({
  active: Object.freeze([]),
  trial: null,
  securityFloor: 0,
  operation: 0,
});

/** What the host found, and told the firmware. */
export type BootState =
  /** Nothing was ever written, or the first write was cut: what the firmware has is what runs. */
  | "blank"
  | "confirmed"
  /** The active set runs on trial. */
  | "trial"
  /** The trial's boots are used up: the former set runs. */
  | "reverted"
  /** There was a record, and it cannot be read any more. Nothing but what can mend it may run. */
  | "unreadable";

export interface BootReport {
  readonly state: BootState;
  /** In words, when there is more to say; else "". */
  readonly reason: string;
  /** Boots on trial, this one included. */
  readonly boots: number;
  /** Of the kernel, in a row: each but the first within ten minutes of its boot, and nobody ordered one in between. */
  readonly ends: number;
  /** null: blank or unreadable. */
  readonly record: BootRecord | null;
}

const bootStates: readonly BootState[] = Object.freeze([
  "blank",
  "confirmed",
  "trial",
  "reverted",
  "unreadable",
] as const);
const magic: readonly number[] = Object.freeze([0x4c, 0x55, 0x47, 0x48, 0x42, 0x4f, 0x4f, 0x54]);
const format = 1;
const headBytes = 16;
const sumBytes = 4;

/** Bytes of a sector that a record may use. */
export function bootRoomBytes(sectorBytes: number): number {
  return Math.min(sectorBytes, bootRecordLimits.roomBytes);
}

/** Throws a WireError when the record does not fit, or is none. */
export function encodeBootRecord(record: BootRecord, sequence: number, sector: number): Uint8Array {
  const body = encode(readBootRecord(record));
  if (body.length > bootRecordLimits.bodyBytes)
    throw new WireError(
      `Cannot write boot record: wanted at most ${bootRecordLimits.bodyBytes} bytes, found ${body.length}`,
    );
  const bytes = new Uint8Array(headBytes + body.length + sumBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint16(8, format, true);
  view.setUint16(10, body.length, true);
  view.setUint32(12, sequence, true);
  bytes.set(body, headBytes);
  view.setUint32(headBytes + body.length, sumOf(bytes.subarray(0, headBytes + body.length), sector), true);
  return bytes;
}

/** `torn`: what a power cut may leave, or rot. `foreign`: whole, and not as this firmware reads a record. */
export type BootSector =
  | { readonly kind: "blank" | "torn" | "foreign" }
  | { readonly kind: "record"; readonly sequence: number; readonly boots: number; readonly record: BootRecord };

/** Reads the room of one sector. What is counted beside a record makes none. */
export function decodeBootSector(room: Uint8Array, sector: number, pageBytes: number): BootSector {
  if (room.subarray(0, room.length - pageBytes).every((byte) => byte === 0xff)) return { kind: "blank" };
  const view = new DataView(room.buffer, room.byteOffset, room.length);
  const end = headBytes + view.getUint16(10, true);
  const isFramed = magic.every((byte, index) => room[index] === byte) && end + sumBytes <= room.length - pageBytes;
  if (!isFramed || view.getUint32(end, true) !== sumOf(room.subarray(0, end), sector)) return { kind: "torn" };
  if (view.getUint16(8, true) !== format) return { kind: "foreign" };
  try {
    const record = readBootRecord(decode(room.slice(headBytes, end)));
    return { kind: "record", sequence: view.getUint32(12, true), boots: countBoots(room, pageBytes), record };
  } catch (error) {
    if (error instanceof WireError) return { kind: "foreign" };
    throw error;
  }
}

/**
 * Which of the two counts: the newer record. A foreign one may be newer than any of ours, and is never passed over. One
 * torn beside one blank is a first record that was cut off, which is as good as none.
 */
export function chooseBootSector(sectors: readonly [BootSector, BootSector]): 0 | 1 | "blank" | "unreadable" {
  const [a, b] = sectors;
  if (a.kind === "foreign" || b.kind === "foreign") return "unreadable";
  if (a.kind === "record" && b.kind === "record") return b.sequence > a.sequence ? 1 : 0;
  if (a.kind === "record") return 0;
  if (b.kind === "record") return 1;
  return a.kind === "blank" || b.kind === "blank" ? "blank" : "unreadable";
}

/** What a host told the firmware; undefined of one without flash. A record that only we find wrong is as unreadable as any. */
export function readBootReport(told: unknown): BootReport {
  if (told === undefined) return { state: "blank", reason: "", boots: 0, ends: 0, record: null };
  try {
    const fields = new Fields(told, "boot report");
    return {
      state: fields.choice("state", bootStates),
      reason: fields.text("reason", sentenceLengthMaximum),
      boots: fields.count("boots"),
      ends: fields.count("ends"),
      record: fields.plain("record") === null ? null : readBootRecord(fields.plain("record")),
    };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { state: "unreadable", reason: error.message, boots: 0, ends: 0, record: null };
  }
}

/** What the firmware told every service of it; a table of a test may not have it. */
export function bootOf(configuration: { readonly [name: string]: unknown }): Pick<BootReport, "state" | "reason"> {
  const { state = "blank", reason = "" } = (configuration.boot ?? {}) as Partial<BootReport>;
  return { state, reason };
}

function countBoots(room: Uint8Array, pageBytes: number): number {
  let boots = 0;
  for (
    let bits = room[room.length - pageBytes] as number;
    (bits & 1) === 0 && boots < bootRecordLimits.boots;
    bits >>= 1
  )
    boots++;
  return boots;
}

function sumOf(bytes: Uint8Array, sector: number): number {
  return crc32(bytes, crc32(Uint8Array.of(sector, sector >>> 8, sector >>> 16, sector >>> 24)));
}

function readBootRecord(value: unknown): BootRecord {
  const fields = new Fields(value, "boot record");
  return {
    active: fields.list("active", bootRecordLimits.components, readComponent),
    trial: fields.plain("trial") === null ? null : readTrial(fields.fields("trial")),
    securityFloor: fields.count("securityFloor"),
    operation: fields.count("operation"),
  };
}

function readTrial(fields: Fields): BootTrial {
  const boots = fields.count("boots");
  if (boots < 1 || boots > bootRecordLimits.boots)
    fields.refuse("boots", `1 to ${bootRecordLimits.boots} boots`, boots);
  return {
    former: fields.list("former", bootRecordLimits.components, readComponent),
    boots,
    deadlineMillis: fields.count("deadlineMillis"),
  };
}

function readComponent(value: unknown, path: string): BootComponent {
  const fields = new Fields(value, path);
  const component = {
    service: fields.text("service", wordLengthMaximum),
    module: fields.text("module", bootRecordLimits.moduleLength),
  };
  return fields.has("extent") ? { ...component, extent: readExtent(fields.fields("extent")) } : component;
}

function readExtent(fields: Fields): Extent {
  return {
    sector: fields.count("sector"),
    lengthBytes: fields.count("lengthBytes"),
    digest: fields.digest("digest"),
  };
}
