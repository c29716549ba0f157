// Nodes of the index, a tree on the flash whose leaves hold the values. A node is never changed: what differs is written anew, and
// the nodes above it with it, up to a new root.
//
//   leaf        for each key, in order:  key length (1 byte), value length (2), key, value
//   above it    for each node below:     key length (1), its first key, its address (4) and sum (4)

import { getText, getUint16, getUint32, putText, putUint16, putUint32 } from "services/storage/bytes";
import type { Pointer } from "services/storage/format";

/** `value` is part of the node that it was read from. */
export interface LeafItem {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Points to a node below. */
export interface InnerItem extends Pointer {
  /** The first key below it, when it was written. */
  readonly key: string;
  readonly value?: never;
}

export type Item = LeafItem | InnerItem;

export function itemBytes({ key, value }: Item): number {
  return value === undefined ? 9 + key.length : 3 + key.length + value.length;
}

export function sizeOf(items: readonly Item[]): number {
  let bytes = 0;
  for (const item of items) bytes += itemBytes(item);
  return bytes;
}

export function encodeNode(items: readonly Item[]): Uint8Array {
  const bytes = new Uint8Array(sizeOf(items));
  let at = 0;
  for (const item of items) {
    const { key, value } = item;
    bytes[at++] = key.length;
    if (value !== undefined) {
      putUint16(bytes, at, value.length);
      at += 2;
    }
    putText(bytes, at, key);
    at += key.length;
    if (value === undefined) {
      putUint32(bytes, at, item.address);
      putUint32(bytes, at + 4, item.sum);
      at += 8;
    } else {
      bytes.set(value, at);
      at += value.length;
    }
  }
  return bytes;
}

export function decodeLeaf(payload: Uint8Array): LeafItem[] {
  const items: LeafItem[] = [];
  for (let at = 0; at < payload.length; ) {
    const keyAt = at + 3;
    const valueAt = keyAt + (payload[at] as number);
    const end = valueAt + getUint16(payload, at + 1);
    items.push({ key: getText(payload, keyAt, valueAt - keyAt), value: payload.subarray(valueAt, end) });
    at = end;
  }
  return items;
}

export function decodeInner(payload: Uint8Array): InnerItem[] {
  const items: InnerItem[] = [];
  for (let at = 0; at < payload.length; ) {
    const length = payload[at] as number;
    items.push({ key: getText(payload, at + 1, length), ...pointerAt(payload, at) });
    at += 9 + length;
  }
  return items;
}

/** The node below in which a key belongs, and the first key of the one behind it. */
export function childOf(
  payload: Uint8Array,
  key: string,
): { readonly below: Pointer; readonly next: string | undefined } {
  let found = 0;
  for (let at = 0; at < payload.length; at += 9 + (payload[at] as number)) {
    if (at > 0 && compareKey(payload, at + 1, payload[at] as number, key) > 0) {
      return { below: pointerAt(payload, found), next: getText(payload, at + 1, payload[at] as number) };
    }
    found = at;
  }
  return { below: pointerAt(payload, found), next: undefined };
}

function pointerAt(payload: Uint8Array, at: number): Pointer {
  const end = at + 1 + (payload[at] as number);
  return { address: getUint32(payload, end), sum: getUint32(payload, end + 4) };
}

export function valueIn(payload: Uint8Array, key: string): Uint8Array | undefined {
  for (let at = 0; at < payload.length; ) {
    const keyAt = at + 3;
    const valueAt = keyAt + (payload[at] as number);
    const end = valueAt + getUint16(payload, at + 1);
    if (compareKey(payload, keyAt, valueAt - keyAt, key) === 0) return payload.slice(valueAt, end);
    at = end;
  }
  return undefined;
}

/** Below, equal or above 0, as the key on the flash is before, the same as or behind the other. */
function compareKey(bytes: Uint8Array, at: number, length: number, key: string): number {
  const shorter = Math.min(length, key.length);
  for (let index = 0; index < shorter; index++) {
    const difference = (bytes[at + index] as number) - key.charCodeAt(index);
    if (difference !== 0) return difference;
  }
  return length - key.length;
}
