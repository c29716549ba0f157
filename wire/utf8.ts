// UTF-8 (RFC 3629) for engines without TextEncoder: strict both ways, so that a text has one byte form.
// Lone surrogates have no UTF-8 form and are refused, as are overlong forms, surrogates and anything above U+10FFFF.
//
// JavaScript's strings are indexed by UTF-16 unit on V8 and on XS as we build it, but by code point on an XS built without
// mxCESU8: there "😀" has length 1. So nothing here relies on either, and limits on texts count code points.

import { WireError } from "wire/error";

// A fromCodePoint call takes its arguments on the engine's stack, and the smallest machines have 64 slots of it.
const pointsPerCall = 16;

/** Code points of a text: what a limit in characters counts, the same on every engine. */
export function countPoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += spanPoint(text, index)) count += 1;
  return count;
}

/** Length in UTF-8 bytes; -1 when the text has a lone surrogate. */
export function measureUtf8(text: string): number {
  let lengthBytes = 0;
  for (let index = 0; index < text.length; index++) {
    const point = text.codePointAt(index) as number;
    if (point < 0x80) lengthBytes += 1;
    else if (point < 0x800) lengthBytes += 2;
    else if (point >= 0xd800 && point <= 0xdfff) return -1;
    else if (point < 0x10000) lengthBytes += 3;
    else {
      lengthBytes += 4;
      index += spanPoint(text, index) - 1;
    }
  }
  return lengthBytes;
}

/** Writes a text that `measureUtf8` accepted; the caller made room. Returns the offset behind it. */
export function writeUtf8(text: string, into: Uint8Array, start: number): number {
  let offset = start;
  for (let index = 0; index < text.length; index++) {
    const point = text.codePointAt(index) as number;
    if (point < 0x80) into[offset++] = point;
    else if (point < 0x800) {
      into[offset++] = 0xc0 | (point >> 6);
      into[offset++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      into[offset++] = 0xe0 | (point >> 12);
      into[offset++] = 0x80 | ((point >> 6) & 0x3f);
      into[offset++] = 0x80 | (point & 0x3f);
    } else {
      into[offset++] = 0xf0 | (point >> 18);
      into[offset++] = 0x80 | ((point >> 12) & 0x3f);
      into[offset++] = 0x80 | ((point >> 6) & 0x3f);
      into[offset++] = 0x80 | (point & 0x3f);
      index += spanPoint(text, index) - 1;
    }
  }
  return offset;
}

/** Reads the text in bytes[start, end). Throws a WireError at the first byte that is not UTF-8. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let points: number[] = [];
  let offset = start;
  while (offset < end) {
    const first = bytes[offset] as number;
    const sequenceBytes = first < 0x80 ? 1 : sequenceLengthBytes(bytes, offset, end);
    points.push(sequenceBytes === 1 ? first : joinSequence(bytes, offset, sequenceBytes));
    offset += sequenceBytes;
    if (points.length === pointsPerCall) {
      text += String.fromCodePoint.apply(null, points);
      points = [];
    }
  }
  return points.length === 0 ? text : text + String.fromCodePoint.apply(null, points);
}

/** Orders two well-formed texts as their UTF-8 bytes order, which is by code point and not by UTF-16 unit. */
export function compareUtf8(left: string, right: string): number {
  const shared = left.length < right.length ? left.length : right.length;
  for (let index = 0; index < shared; index++) {
    const difference = rankUnit(left.charCodeAt(index)) - rankUnit(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Order of texts as keys in deterministic CBOR (RFC 8949 §4.2.1): the head of an encoded key puts shorter texts first. */
export function compareTextKeys(left: string, right: string): number {
  // Bytes are counted, since equal numbers of UTF-16 units say nothing about them once a text leaves ASCII.
  return measureUtf8(left) - measureUtf8(right) || compareUtf8(left, right);
}

/** How far the next code point is: two units on engines where charCodeAt sees half of it. */
function spanPoint(text: string, index: number): 1 | 2 {
  return text.codePointAt(index) === text.charCodeAt(index) ? 1 : 2;
}

/** Surrogates stand for points above all of the basic plane, so they rank behind U+E000 to U+FFFF. */
function rankUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Table 3-7 of the Unicode Standard: the first byte narrows what the second may be. */
function sequenceLengthBytes(bytes: Uint8Array, offset: number, end: number): number {
  const first = bytes[offset] as number;
  const lengthBytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const second = offset + 1 < end ? (bytes[offset + 1] as number) : -1;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const isWhole =
    first >= 0xc2 && first <= 0xf4 && second >= lowest && second <= highest && offset + lengthBytes <= end;
  if (!isWhole) refuseSequence(offset);
  for (let index = offset + 2; index < offset + lengthBytes; index++)
    if (((bytes[index] as number) & 0xc0) !== 0x80) refuseSequence(index);
  return lengthBytes;
}

function joinSequence(bytes: Uint8Array, offset: number, lengthBytes: number): number {
  let point = (bytes[offset] as number) & (0x7f >> lengthBytes);
  for (let index = offset + 1; index < offset + lengthBytes; index++)
    point = (point << 6) | ((bytes[index] as number) & 0x3f);
  return point;
}

function refuseSequence(offset: number): never {
  throw new WireError(`Cannot read text at byte ${offset}: wanted UTF-8, found an ill-formed sequence`, offset);
}
