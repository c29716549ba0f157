// How much fits. Compaction copies before it frees, so at every moment as many sectors are free as writing the whole index anew
// would take; what a store may hold follows from that. All of it is counted from above: frames leave a rest at the end of a
// sector, and a change may split a node.

import { storageLimits } from "services/api/storage";
import { dimensionsOf, frameBytes } from "services/storage/format";
import type { Medium } from "services/storage/medium";

export interface Room {
  readonly valueBytes: number;
  /** A leaf or a node above is about so long, a large value apart. */
  readonly nodeBytes: number;
  /** Of changes that wait in memory. */
  readonly deltaBytes: number;
  /** Of the index: above it nothing is put, and above the second nothing is deleted. */
  readonly capacityBytes: number;
  readonly ceilingBytes: number;
  /** Sectors that an index of so many bytes fills at most, and one that is begun. */
  sectorsFor(bytes: number): number;
}

/** The head, what was begun before it, the checkpoint's, and those that a piece of work may begin. */
const sectorsBeside = 6;
/** Some deletes: what frees room must have some. */
const reserveBytes = 1_024;

export function roomOf(medium: Medium): Room {
  const { pageBytes, sectorBytes, sectors } = medium;
  const { headerBytes, payloadBytes } = dimensionsOf(medium);
  const valueBytes = Math.min(storageLimits.valueBytes, sectorBytes / 4);
  const nodeBytes = Math.max(pageBytes, Math.min(512, Math.max(256, sectorBytes / 8)));
  const longest = frameBytes(pageBytes, Math.max(nodeBytes, 3 + storageLimits.keyLength + valueBytes));
  const usable = sectorBytes - headerBytes - longest;
  const ceilingBytes = Math.max(0, Math.floor((sectors - sectorsBeside) / 2) * usable);
  return {
    valueBytes,
    nodeBytes,
    deltaBytes: payloadBytes,
    capacityBytes: ceilingBytes - Math.min(reserveBytes, ceilingBytes / 4),
    ceilingBytes,
    sectorsFor: (bytes) => Math.ceil(bytes / usable) + 1,
  };
}
