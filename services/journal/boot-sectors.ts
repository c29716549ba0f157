// Writes the boot record, so that a cut at any moment leaves the old one or the new one: the sector that counts is never touched,
// the other is erased, and what is programmed there counts only once its checksum is whole. What was written is read back
// before it is believed.

import { type Context, isRefusal } from "lughos";
import {
  type BootRecord,
  type BootSector,
  bootRoomBytes,
  chooseBootSector,
  decodeBootSector,
  emptyBootRecord,
  encodeBootRecord,
} from "services/api/boot-record";
import type { FlashBytes, FlashDone, FlashGeometry, FlashRefusal } from "services/api/flash";

/** The device port "flash". */
export interface BootFlash {
  geometry(): Promise<FlashGeometry>;
  read(address: number, length: number): Promise<FlashBytes | FlashRefusal>;
  program(address: number, bytes: Uint8Array): Promise<FlashDone | FlashRefusal>;
  erase(sector: number): Promise<FlashDone | FlashRefusal>;
  sync(): Promise<FlashDone | FlashRefusal>;
}

export interface FoundBootRecord {
  readonly record: BootRecord;
  /** 0: none was ever written. */
  readonly sequence: number;
  /** The sector that holds it; null: none does. */
  readonly sector: number | null;
}

/** An erase of each sector, at its worst, and what stands in front of it. */
const flashPatienceMillis = 5_000;

export function openBootFlash({ call }: Context): BootFlash {
  const ask = <Reply>(type: string, argument: object): Promise<Reply> =>
    call<Reply>("flash", type, argument, { deadlineMillis: flashPatienceMillis }).catch((error: unknown) => {
      // A flash that does not answer has failed, as one that says so.
      if (isRefusal(error)) return { error: "failed" } as Reply;
      throw error;
    });
  return {
    geometry: () => ask<FlashGeometry>("geometry", {}),
    read: (address, length) => ask<FlashBytes | FlashRefusal>("read", { address, length }),
    program: (address, bytes) => ask<FlashDone | FlashRefusal>("program", { address, bytes }),
    erase: (sector) => ask<FlashDone | FlashRefusal>("erase", { sector }),
    sync: () => ask<FlashDone | FlashRefusal>("sync", {}),
  };
}

/** What counts now; null when it cannot be read, and then nobody may write over what is evidence. */
export async function findBootRecord(flash: BootFlash): Promise<FoundBootRecord | null> {
  const geometry = await flash.geometry();
  const first = await readSector(flash, geometry, 0);
  const second = await readSector(flash, geometry, 1);
  // One that nobody could look at may be the newer: the other must not be taken for what counts.
  if (first === null || second === null) return null;
  const sectors = [first, second] as const;
  const chosen = chooseBootSector(sectors);
  if (chosen === "unreadable") return null;
  const found = chosen === "blank" ? undefined : sectors[chosen];
  if (found?.kind !== "record") return { record: emptyBootRecord, sequence: 0, sector: null };
  return { record: found.record, sequence: found.sequence, sector: chosen as number };
}

/** Answers null when the record is durable, or why it could not be written; then the old one counts. */
export async function writeBootRecord(flash: BootFlash, record: BootRecord): Promise<string | null> {
  const found = await findBootRecord(flash);
  if (found === null) return "the boot record cannot be read, and is not written over";
  const geometry = await flash.geometry();
  const sector = found.sector === 0 ? 1 : 0;
  const bytes = padToPages(encodeBootRecord(record, found.sequence + 1, sector), geometry.pageBytes);
  if (bytes.length > bootRoomBytes(geometry.sectorBytes) - geometry.pageBytes)
    return `a boot record of ${bytes.length} bytes does not fit a sector of ${geometry.sectorBytes}`;
  const error = await program(flash, sector, sector * geometry.sectorBytes, bytes);
  if (error !== null) return error;
  const written = await readSector(flash, geometry, sector);
  return written?.kind === "record" && written.sequence === found.sequence + 1
    ? null
    : "it reads otherwise than written";
}

/** An erase must be durable before what is programmed there is begun: else a cut may mix old and new. */
async function program(flash: BootFlash, sector: number, address: number, bytes: Uint8Array): Promise<string | null> {
  const steps = [
    () => flash.erase(sector),
    () => flash.sync(),
    () => flash.program(address, bytes),
    () => flash.sync(),
  ];
  for (const step of steps) {
    const { error } = await step();
    if (error !== undefined) return `the flash answered ${error}`;
  }
  return null;
}

/** A read that failed may pass the second time; null: it did not. */
async function readSector(flash: BootFlash, geometry: FlashGeometry, sector: number): Promise<BootSector | null> {
  const { sectorBytes, pageBytes } = geometry;
  const read = (): ReturnType<BootFlash["read"]> => flash.read(sector * sectorBytes, bootRoomBytes(sectorBytes));
  const once = await read();
  const answer = once.error === undefined ? once : await read();
  return answer.error === undefined ? decodeBootSector(answer.bytes, sector, pageBytes) : null;
}

function padToPages(bytes: Uint8Array, pageBytes: number): Uint8Array {
  const padded = new Uint8Array(Math.ceil(bytes.length / pageBytes) * pageBytes).fill(0xff);
  padded.set(bytes);
  return padded;
}
