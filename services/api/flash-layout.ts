// Where what lies in a node's flash: the one place that says it. hosts/xs/boot_record.h knows the first part too, since a host
// reads it before any service runs.
//
//   sectors 0 and 1   the boot record, written in turns (services/api/boot-record)
//   a quarter         extents: payloads of components that came as updates, so that storage and scheduler can be among them
//   the rest          the log of the storage service
//
// It follows from the geometry alone, so that nothing has to be read before something can be found.

import type { FlashGeometry } from "services/api/flash";

/** Neighbouring sectors; `sectors` may be 0. */
export interface FlashPart {
  readonly firstSector: number;
  readonly sectors: number;
}

export interface FlashLayout {
  readonly bootRecord: FlashPart;
  readonly extents: FlashPart;
  readonly log: FlashPart;
}

const bootSectors = 2;

/** A chip with fewer sectors is too small for a second copy of anything: it takes updates as a whole image, or none. */
const sectorsForExtents = 32;

export function layOutFlash({ sectors }: Pick<FlashGeometry, "sectors">): FlashLayout {
  const extentSectors = sectors < sectorsForExtents ? 0 : Math.floor(sectors / 4);
  const firstOfLog = bootSectors + extentSectors;
  return {
    bootRecord: { firstSector: 0, sectors: bootSectors },
    extents: { firstSector: bootSectors, sectors: extentSectors },
    log: { firstSector: firstOfLog, sectors: sectors - firstOfLog },
  };
}
