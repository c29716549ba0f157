// A transaction as one frame of the log holds it. For each change: length of the key (1 byte; the highest bit says that it is
// deleted), the key, and of a value its length (2) and bytes.

import { getText, getUint16, putText, putUint16 } from "services/storage/bytes";
import type { Change, Changes } from "services/storage/delta";

const deletedFlag = 0x80;

export function commitBytes(changes: Changes): number {
  return changes.reduce((sum, { key, value }) => sum + 1 + key.length + (value === null ? 0 : 2 + value.length), 0);
}

export function encodeCommit(changes: Changes): Uint8Array {
  const bytes = new Uint8Array(commitBytes(changes));
  let at = 0;
  for (const { key, value } of changes) {
    bytes[at] = key.length | (value === null ? deletedFlag : 0);
    putText(bytes, at + 1, key);
    at += 1 + key.length;
    if (value === null) continue;
    putUint16(bytes, at, value.length);
    bytes.set(value, at + 2);
    at += 2 + value.length;
  }
  return bytes;
}

export function decodeCommit(borrowed: Uint8Array): Change[] {
  const bytes = borrowed.slice();
  const changes: Change[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] as number;
    const keyEnd = at + 1 + (first & ~deletedFlag);
    const key = getText(bytes, at + 1, keyEnd - at - 1);
    const isDeleted = (first & deletedFlag) !== 0;
    const end = isDeleted ? keyEnd : keyEnd + 2 + getUint16(bytes, keyEnd);
    changes.push({ key, value: isDeleted ? null : bytes.subarray(keyEnd + 2, end) });
    at = end;
  }
  return changes;
}
