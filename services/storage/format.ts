// The bytes of the log, as docs/STORAGE.md says them: the header that opens a sector, and the frame that holds everything else.
//
// A frame is one program of the flash, so a transaction in one frame is there or is not. Its sum covers its address and the
// sequence number of its sector: what landed elsewhere, or was left from an earlier life of the sector, is none of ours.

import { getUint16, getUint32, isBlank, putText, putUint16, putUint32 } from "services/storage/bytes";
import { type Medium, paddedTo } from "services/storage/medium";
import { crc32 } from "wire/crc32";

export const formatVersion = 1;
const magic = "LUGL";
const headerLength = 36;
const frameHeaderLength = 16;
/** The longest that one program takes (services/api/flash). */
const programBytes = 4_096;

export const frameKinds = Object.freeze({ commit: 1, node: 2, checkpoint: 3 });

/** A place that a checksum pins: what lies there must have this sum, or it is not what was meant. */
export interface Pointer {
  readonly address: number;
  readonly sum: number;
}

export const nowhere: Pointer = Object.freeze({ address: 0, sum: 0 });

export interface SectorHeader {
  /** Counts opened sectors from 1: the order of the log. */
  readonly sequence: number;
  readonly sector: number;
  /** The sector of the log before this one, 0 for none, and where its frames ended. */
  readonly previousSequence: number;
  readonly previousEnd: number;
  /** The last durable checkpoint; `nowhere`: none yet. */
  readonly checkpoint: Pointer;
}

export type HeaderFound = SectorHeader | "blank" | "newer" | "damaged" | "foreign";

export interface Frame {
  readonly kind: number;
  /** Of a node: 1 for a leaf. */
  readonly level: number;
  /** Up to this offset the sector was synced before the frame was programmed. */
  readonly durableEnd: number;
  readonly sum: number;
  readonly payload: Uint8Array;
  /** On the flash, padded to pages. */
  readonly bytes: number;
}

export interface FramePlace {
  readonly address: number;
  readonly sequence: number;
  readonly durableEnd: number;
}

/** What follows from the geometry. */
export interface Dimensions {
  readonly headerBytes: number;
  /** Of the payload of one frame. */
  readonly payloadBytes: number;
}

export function dimensionsOf({ pageBytes, sectorBytes }: Medium): Dimensions {
  const headerBytes = paddedTo(pageBytes, headerLength);
  return { headerBytes, payloadBytes: Math.min(programBytes, sectorBytes - headerBytes) - frameHeaderLength };
}

export function frameBytes(pageBytes: number, payloadLength: number): number {
  return paddedTo(pageBytes, frameHeaderLength + payloadLength);
}

export function encodeHeader(header: SectorHeader, { pageBytes, sectorBytes }: Medium): Uint8Array {
  const bytes = new Uint8Array(paddedTo(pageBytes, headerLength)).fill(0xff);
  putText(bytes, 0, magic);
  bytes[4] = formatVersion;
  bytes[5] = Math.log2(pageBytes);
  bytes[6] = Math.log2(sectorBytes);
  bytes[7] = 0;
  putUint32(bytes, 8, header.sequence);
  putUint32(bytes, 12, header.sector);
  putUint32(bytes, 16, header.previousSequence);
  putUint32(bytes, 20, header.previousEnd);
  putUint32(bytes, 24, header.checkpoint.address);
  putUint32(bytes, 28, header.checkpoint.sum);
  putUint32(bytes, 32, crc32(bytes.subarray(0, 32)));
  return bytes;
}

/** Magic, version and sum stand where they are in every version to come. */
export function decodeHeader(bytes: Uint8Array, sector: number, { pageBytes, sectorBytes }: Medium): HeaderFound {
  if (isBlank(bytes)) return "blank";
  for (let index = 0; index < magic.length; index++) if (bytes[index] !== magic.charCodeAt(index)) return "foreign";
  if (getUint32(bytes, 32) !== crc32(bytes.subarray(0, 32))) return "damaged";
  if ((bytes[4] as number) > formatVersion) return "newer";
  const isSameChip = 2 ** (bytes[5] as number) === pageBytes && 2 ** (bytes[6] as number) === sectorBytes;
  if (!isSameChip || getUint32(bytes, 12) !== sector) return "foreign";
  return {
    sequence: getUint32(bytes, 8),
    sector,
    previousSequence: getUint32(bytes, 16),
    previousEnd: getUint32(bytes, 20),
    checkpoint: { address: getUint32(bytes, 24), sum: getUint32(bytes, 28) },
  };
}

export const headerReadBytes = headerLength;

export function encodeFrame(
  { kind, level }: Pick<Frame, "kind" | "level">,
  payload: Uint8Array,
  { address, sequence, durableEnd }: FramePlace,
  pageBytes: number,
): { readonly bytes: Uint8Array; readonly sum: number } {
  const bytes = new Uint8Array(frameBytes(pageBytes, payload.length)).fill(0xff);
  putUint16(bytes, 4, payload.length);
  bytes[6] = kind;
  bytes[7] = level;
  putUint32(bytes, 8, durableEnd);
  putUint32(bytes, 12, sequence);
  bytes.set(payload, frameHeaderLength);
  const sum = sumOf(bytes.subarray(4, frameHeaderLength + payload.length), address);
  putUint32(bytes, 0, sum);
  return { bytes, sum };
}

/** How long the frame is that begins here, as it says itself; 0 when it cannot be one. */
export function frameLengthOf(bytes: Uint8Array): number {
  const length = bytes.length < frameHeaderLength ? 0xffff : getUint16(bytes, 4);
  return length > programBytes - frameHeaderLength ? 0 : frameHeaderLength + length;
}

/** The frame that begins here and was written as one of this sector; undefined: there is none. Its payload is borrowed. */
export function decodeFrame(
  bytes: Uint8Array,
  { address, sequence }: Pick<FramePlace, "address" | "sequence">,
  pageBytes: number,
): Frame | undefined {
  const length = frameLengthOf(bytes);
  if (length === 0 || length > bytes.length || getUint32(bytes, 12) !== sequence) return undefined;
  const sum = getUint32(bytes, 0);
  if (sum !== sumOf(bytes.subarray(4, length), address)) return undefined;
  return {
    kind: bytes[6] as number,
    level: bytes[7] as number,
    durableEnd: getUint32(bytes, 8),
    sum,
    payload: bytes.subarray(frameHeaderLength, length),
    bytes: paddedTo(pageBytes, length),
  };
}

/** A frame that a pointer names: its own sequence number is part of what the sum pins. */
export function decodePinned(bytes: Uint8Array, pointer: Pointer, pageBytes: number): Frame | undefined {
  const length = frameLengthOf(bytes);
  if (length === 0 || length > bytes.length || getUint32(bytes, 0) !== pointer.sum) return undefined;
  return decodeFrame(bytes, { address: pointer.address, sequence: getUint32(bytes, 12) }, pageBytes);
}

function sumOf(bytes: Uint8Array, address: number): number {
  const place = new Uint8Array(4);
  putUint32(place, 0, address);
  return crc32(bytes, crc32(place));
}
