// A checkpoint says where the index has its root, from where on the log is newer than it, and where the log begins.

import { getText, getUint32, putText, putUint32 } from "services/storage/bytes";
import type { LogPosition } from "services/storage/log";
import type { Root } from "services/storage/tree";

export interface Checkpoint {
  readonly root: Root;
  /** Bytes of all nodes of the index on the flash. */
  readonly liveBytes: number;
  /** The first commit that is not in the index. */
  readonly replayFrom: LogPosition;
  /** The oldest sector that anything lies in. */
  readonly tailSector: number;
  /** Bytes kept under each prefix that has a quota, up to `replayFrom`. */
  readonly used: readonly PrefixUse[];
}

export interface PrefixUse {
  readonly prefix: string;
  readonly bytes: number;
}

const fixedLength = 30;

export function encodeCheckpoint({ root, liveBytes, replayFrom, tailSector, used }: Checkpoint): Uint8Array {
  const bytes = new Uint8Array(fixedLength + used.reduce((sum, { prefix }) => sum + 5 + prefix.length, 0));
  bytes[0] = root.height;
  putUint32(bytes, 1, root.pointer.address);
  putUint32(bytes, 5, root.pointer.sum);
  putUint32(bytes, 9, liveBytes);
  putUint32(bytes, 13, replayFrom.sector);
  putUint32(bytes, 17, replayFrom.offset);
  putUint32(bytes, 21, replayFrom.sequence);
  putUint32(bytes, 25, tailSector);
  bytes[29] = used.length;
  let at = fixedLength;
  for (const { prefix, bytes: count } of used) {
    bytes[at] = prefix.length;
    putText(bytes, at + 1, prefix);
    putUint32(bytes, at + 1 + prefix.length, count);
    at += 5 + prefix.length;
  }
  return bytes;
}

export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const used: PrefixUse[] = [];
  for (let at = fixedLength, left = bytes[29] as number; left > 0; left--) {
    const length = bytes[at] as number;
    used.push({ prefix: getText(bytes, at + 1, length), bytes: getUint32(bytes, at + 1 + length) });
    at += 5 + length;
  }
  return {
    root: { height: bytes[0] as number, pointer: { address: getUint32(bytes, 1), sum: getUint32(bytes, 5) } },
    liveBytes: getUint32(bytes, 9),
    replayFrom: { sector: getUint32(bytes, 13), offset: getUint32(bytes, 17), sequence: getUint32(bytes, 21) },
    tailSector: getUint32(bytes, 25),
    used,
  };
}
