// Finds the log again from what lies on the flash, and nothing else: the head by the headers of all sectors, its end by the
// first frame that is not whole, and what happened since the last checkpoint by walking from there.
//
// A torn end is what a power cut leaves and is no damage. Damage is what cannot have come so: a frame that is not whole although
// a later one says that it was synced, or the next sector that it ended behind it. Then nothing is changed and nothing is guessed.

import {
  decodeHeader,
  decodePinned,
  dimensionsOf,
  encodeHeader,
  type Frame,
  frameKinds,
  type HeaderFound,
  headerReadBytes,
  nowhere,
  type Pointer,
  type SectorHeader,
} from "services/storage/format";
import { beginLog, Log, type LogPosition } from "services/storage/log";
import { type Medium, StorageFailure, unreadable } from "services/storage/medium";
import { SectorWindow } from "services/storage/window";

export interface Recovered {
  readonly log: Log;
  /** Payload of the last checkpoint; undefined: there was none yet. */
  readonly checkpoint: { readonly pointer: Pointer; readonly payload: Uint8Array } | undefined;
  /** Where the log begins that has had no checkpoint. */
  readonly origin: LogPosition;
}

/** Fewer leave no room to compact. */
const sectorsLeast = 4;
/** Less does not hold a header and a record beside it. */
const sectorBytesLeast = 512;

export async function recover(medium: Medium): Promise<Recovered> {
  const { sectors, sectorBytes } = medium;
  if (sectors < sectorsLeast || sectorBytes < sectorBytesLeast)
    throw new StorageFailure(
      "too-small",
      `Cannot keep a log: wanted ${sectorsLeast} sectors of ${sectorBytesLeast} bytes, found ${sectors} of ${sectorBytes}`,
    );
  // Whoever ran before us may have died with the power on: what we read must not be lost behind our back.
  await medium.sync();
  const { head, origin } = await findHead(medium);
  return head === undefined ? begin(medium) : open(medium, head, origin);
}

interface Ends {
  head: SectorHeader | undefined;
  /** The first sector that the log ever had, if it is there still. */
  origin: SectorHeader | undefined;
}

async function findHead(medium: Medium): Promise<Ends> {
  const ends: Ends = { head: undefined, origin: undefined };
  let damaged = 0;
  for (let sector = 0; sector < medium.sectors; sector++) {
    const found = await readHeader(medium, sector);
    if (found === "newer")
      throw new StorageFailure(
        "newer-format",
        "Cannot open the log: it was written by a later version of the storage service",
      );
    if (found === "damaged") damaged++;
    if (typeof found === "string") continue;
    if (found.sequence > (ends.head?.sequence ?? 0)) ends.head = found;
    if (found.previousSequence === 0) ends.origin = found;
  }
  if (ends.head === undefined && damaged > 0 && !(await isUnbegun(medium)))
    throw new StorageFailure("unreadable", `Cannot open the log: all of its ${damaged} headers are damaged`);
  return ends;
}

export async function readHeader(medium: Medium, sector: number): Promise<HeaderFound> {
  return decodeHeader(await medium.read(sector * medium.sectorBytes, headerReadBytes), sector, medium);
}

// ── A flash without a log ──

async function begin(medium: Medium): Promise<Recovered> {
  if (!(await isUnbegun(medium)))
    throw new StorageFailure(
      "foreign-format",
      "Cannot open the log: wanted a log or an erased flash, found something else",
    );
  const log = await beginLog(medium);
  return { log, checkpoint: undefined, origin: log.position };
}

/** Erased from end to end, but for a part of the very first header: the power failed as the log began. */
async function isUnbegun(medium: Medium): Promise<boolean> {
  const header = { sequence: 1, sector: 0, previousSequence: 0, previousEnd: 0, checkpoint: nowhere };
  const first = encodeHeader(header, medium);
  const found = await medium.read(0, first.length);
  for (let index = 0; index < first.length; index++)
    if (((found[index] as number) & (first[index] as number)) !== first[index]) return false;
  for (let sector = 0; sector < medium.sectors; sector++) {
    const isErased = await new SectorWindow(medium, sector, 0).isBlankFrom(sector === 0 ? first.length : 0);
    if (!isErased) return false;
  }
  return true;
}

/** Erases everything, the first sector first: should the power fail, it is the one that is certainly whole. */
export async function format(medium: Medium): Promise<void> {
  for (let sector = 0; sector < medium.sectors; sector++) {
    await medium.erase(sector);
    await medium.sync();
  }
}

// ── A flash with a log ──

/** The end of the log, and what was seen on the way to it. */
interface End {
  readonly header: SectorHeader;
  readonly offset: number;
  readonly isSealed: boolean;
  readonly checkpoint: Pointer;
}

async function open(medium: Medium, head: SectorHeader, origin: SectorHeader | undefined): Promise<Recovered> {
  const { headerBytes } = dimensionsOf(medium);
  await refuseLostHeader(medium, head);
  const { header, offset, isSealed, checkpoint: pointer } = await findEnd(medium, head);
  const payload = pointer.address === 0 ? undefined : (await readPinned(medium, pointer, "a checkpoint")).payload;
  if (payload === undefined && origin === undefined) throw unreadable("the first header of the log", 0);
  const log = new Log(medium, {
    head: { sector: header.sector, offset, sequence: header.sequence },
    lastSequence: head.sequence,
    isSealed,
    freeSectors: freeBehind(medium, header.sector, origin?.sector ?? header.sector),
    checkpoint: pointer,
  });
  return {
    log,
    checkpoint: payload && { pointer, payload },
    origin: { sector: origin?.sector ?? 0, offset: headerBytes, sequence: origin?.sequence ?? 0 },
  };
}

/**
 * Behind the last commit or checkpoint there may be sectors with nothing but nodes, of a merge that nobody will finish: they are
 * free, and some may be erased in part already. Without this, whoever is cut in the middle of compaction again and again would
 * use up the room that it needs.
 */
async function findEnd(medium: Medium, head: SectorHeader): Promise<End> {
  const { sectorBytes } = medium;
  let header = head;
  for (let limit = sectorBytes; ; ) {
    const { sector, sequence, previousSequence, previousEnd } = header;
    const window = new SectorWindow(medium, sector, sequence);
    let { checkpoint } = header;
    let isNeeded = false;
    const offset = await walk(window, dimensionsOf(medium).headerBytes, limit, ({ kind, sum }, at) => {
      if (kind !== frameKinds.node) isNeeded = true;
      if (kind === frameKinds.checkpoint) checkpoint = { address: sector * sectorBytes + at, sum };
    });
    if (header === head || (isNeeded && limit === sectorBytes)) await refuseDamage(window, medium, offset);
    else if (isNeeded ? offset < limit : await isMissed(medium, header, limit))
      throw unreadable("the log", sector * sectorBytes + offset);
    if (isNeeded || previousSequence === 0)
      return { header, offset, isSealed: header !== head || !(await window.isBlankFrom(offset)), checkpoint };
    header = await findInFront(medium, header);
    limit = header.sequence === previousSequence ? previousEnd : sectorBytes;
  }
}

/** The sector that this one follows; when that was erased, the newest in front of it, with nothing needed between. */
async function findInFront(medium: Medium, behind: SectorHeader): Promise<SectorHeader> {
  const { sectors } = medium;
  let found: SectorHeader | undefined;
  for (let sector = 0; sector < sectors && found?.sequence !== behind.previousSequence; sector++) {
    const header = await readHeader(medium, sector);
    if (typeof header === "string" || header.sequence >= behind.sequence) continue;
    if (header.sequence === behind.previousSequence || header.sequence > (found?.sequence ?? 0)) found = header;
  }
  if (found === undefined) throw unreadable("the header of a sector in front of", behind.sector * medium.sectorBytes);
  if (found.sequence === behind.previousSequence) return found;
  for (let sector = (found.sector + 1) % sectors; sector !== behind.sector; sector = (sector + 1) % sectors)
    for (let sequence = found.sequence + 1; sequence < behind.sequence; sequence++)
      if (await isMissed(medium, { sector, sequence }, medium.sectorBytes))
        throw unreadable("the header of a sector", sector * medium.sectorBytes);
  return found;
}

/**
 * Whether a commit or a checkpoint lies anywhere in a sector, behind whatever does not read as it was written. Only in front of
 * where the next sector says that it ended: behind that lies what a failed sync took back.
 */
async function isMissed(
  medium: Medium,
  { sector, sequence }: Pick<SectorHeader, "sector" | "sequence">,
  end: number,
): Promise<boolean> {
  const window = new SectorWindow(medium, sector, sequence);
  for (let offset = dimensionsOf(medium).headerBytes; offset < end; offset += medium.pageBytes) {
    const frame = await window.frameAt(offset);
    if (frame !== undefined && frame.kind !== frameKinds.node) return true;
  }
  return false;
}

function freeBehind({ sectors }: Medium, head: number, tail: number): number {
  return (tail - head - 1 + sectors) % sectors;
}

/** Calls `visit` with every whole frame; answers where the first one begins that is not. */
async function walk(
  window: SectorWindow,
  from: number,
  end: number,
  visit: (frame: Frame, offset: number) => Promise<void> | void,
): Promise<number> {
  let offset = from;
  while (offset < end) {
    const frame = await window.frameAt(offset);
    if (frame === undefined) break;
    await visit(frame, offset);
    offset += frame.bytes;
  }
  return offset;
}

/** A frame behind the end of the log that was programmed after that end had been synced. */
async function refuseDamage(window: SectorWindow, medium: Medium, end: number): Promise<void> {
  for (let offset = end + medium.pageBytes; offset < medium.sectorBytes; offset += medium.pageBytes) {
    const later = await window.frameAt(offset);
    if (later !== undefined && later.durableEnd > end) throw unreadable("the log", end);
  }
}

/**
 * A header is durable before the first frame behind it is written: commits without one are no torn opening. Nodes alone may be
 * what an erase has left of a merge that was cut.
 */
async function refuseLostHeader(medium: Medium, head: SectorHeader): Promise<void> {
  const sector = (head.sector + 1) % medium.sectors;
  const window = new SectorWindow(medium, sector, head.sequence + 1);
  await walk(window, dimensionsOf(medium).headerBytes, medium.sectorBytes, ({ kind }) => {
    if (kind !== frameKinds.node) throw unreadable("the header of a sector", sector * medium.sectorBytes);
  });
}

export async function readPinned(medium: Medium, pointer: Pointer, what: string, guess = 512): Promise<Frame> {
  const { pageBytes, sectorBytes } = medium;
  const room = sectorBytes - (pointer.address % sectorBytes);
  for (const length of [guess, 4_096]) {
    const bytes = await medium.read(pointer.address, Math.min(length, room));
    const frame = decodePinned(bytes, pointer, pageBytes);
    if (frame !== undefined) return frame;
  }
  throw unreadable(what, pointer.address);
}

/** Visits the payload of every commit from a position to the head, in order. */
export async function replay(
  log: Log,
  from: LogPosition,
  visit: (payload: Uint8Array) => Promise<void>,
): Promise<void> {
  const { medium, dimensions, position: head } = log;
  let { sector, sequence } = from;
  let offset = from.offset;
  const visitCommit = async ({ kind, payload }: Frame): Promise<void> => {
    if (kind === frameKinds.commit) await visit(payload);
  };
  for (;;) {
    const isHead = sequence === head.sequence;
    const next = isHead ? undefined : await findNext(medium, { sector, sequence }, head);
    const end = next?.previousEnd ?? head.offset;
    const reached = await walk(new SectorWindow(medium, sector, sequence), offset, end, visitCommit);
    if (reached < end) throw unreadable("the log", sector * medium.sectorBytes + reached);
    if (next === undefined) return;
    ({ sector, sequence } = next);
    offset = dimensions.headerBytes;
  }
}

/**
 * The sector of the log that follows this one. One whose opening failed may bear a whole header: the next one then names the
 * same predecessor, and it is the later of the two that counts.
 */
async function findNext(
  medium: Medium,
  from: { readonly sector: number; readonly sequence: number },
  head: LogPosition,
): Promise<SectorHeader> {
  let next: SectorHeader | undefined;
  for (let sector = from.sector; sector !== head.sector; ) {
    sector = (sector + 1) % medium.sectors;
    const found = await readHeader(medium, sector);
    if (typeof found === "string" || found.sequence <= from.sequence) continue;
    if (found.previousSequence === from.sequence) next = found;
    else if (next !== undefined && found.previousSequence >= next.sequence) break;
  }
  if (next === undefined) throw unreadable("the header of a sector", from.sector * medium.sectorBytes);
  return next;
}
