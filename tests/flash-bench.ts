// The words in which claims about a flash are written (tests/flash-conformance): what is under test, what a power cut may do,
// and short checks that throw when a claim is broken.

import type { FlashBytes, FlashDone, FlashError, FlashGeometry, FlashRefusal } from "services/api/flash";
import { flashLimits } from "services/api/flash";

/** How far an operation came in which the power failed. */
export type CutPoint = "before" | "first-half" | "all-but-last" | "some-bits" | "unstable" | "after";

export interface PowerCut {
  /** What becomes of whole operations that no sync reached; of a subset the seed decides. */
  readonly unsynced: "kept" | "lost" | "subset";
  readonly seed: number;
  /** The operation in which the power fails. Default: between two. */
  readonly during?: { readonly operation: FlashOperation; readonly point: CutPoint };
}

export type FlashOperation =
  | { readonly operation: "program"; readonly address: number; readonly bytes: Uint8Array }
  | { readonly operation: "erase"; readonly sector: number }
  | { readonly operation: "sync" };

/** The contract of services/api/flash as functions. Calls made together are submitted together. */
export interface FlashUnderTest {
  geometry(): Promise<FlashGeometry>;
  read(address: number, length: number): Promise<FlashBytes | FlashRefusal>;
  program(address: number, bytes: Uint8Array): Promise<FlashDone | FlashRefusal>;
  erase(sector: number): Promise<FlashDone | FlashRefusal>;
  sync(): Promise<FlashDone | FlashRefusal>;
  /** The power fails as told and comes back. Absent where power cannot be cut at will. */
  powerCut?(cut: PowerCut): Promise<void>;
}

export class FlashViolation extends Error {}

export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new FlashViolation(what);
}

/** A flash with its geometry at hand and operations that must succeed. */
export class FlashBench {
  readonly flash: FlashUnderTest;
  readonly pageBytes: number;
  /** Whole pages, and enough bytes that chance leaves neither none nor all of them. */
  readonly pieceBytes: number;
  readonly sectorBytes: number;
  readonly sectors: number;
  readonly totalBytes: number;

  private constructor(flash: FlashUnderTest, { pageBytes, sectorBytes, sectors }: FlashGeometry) {
    this.flash = flash;
    this.pageBytes = pageBytes;
    this.pieceBytes = Math.max(pageBytes, 16);
    this.sectorBytes = sectorBytes;
    this.sectors = sectors;
    this.totalBytes = sectors * sectorBytes;
  }

  static async open(flash: FlashUnderTest): Promise<FlashBench> {
    return new FlashBench(flash, await flash.geometry());
  }

  /** The whole flash erased, and that synced: what a claim begins with, whatever came before it. */
  async erased(): Promise<this> {
    for (let sector = 0; sector < this.sectors; sector++) await this.erase(sector);
    await this.sync();
    return this;
  }

  async read(address: number, length: number): Promise<Uint8Array> {
    const answer = await this.flash.read(address, length);
    check(answer.error === undefined, `wanted ${length} bytes at ${address}, found ${answer.error}`);
    check(answer.bytes.length === length, `wanted ${length} bytes at ${address}, found ${answer.bytes.length}`);
    return answer.bytes;
  }

  /** Of any length in whole pages. */
  async program(address: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += flashLimits.bytesEach) {
      const part = bytes.slice(at, at + flashLimits.bytesEach);
      const { error } = await this.flash.program(address + at, part);
      check(error === undefined, `wanted ${part.length} bytes programmed at ${address + at}, found ${error}`);
    }
  }

  async erase(sector: number): Promise<void> {
    const { error } = await this.flash.erase(sector);
    check(error === undefined, `wanted sector ${sector} erased, found ${error}`);
  }

  async sync(): Promise<void> {
    const { error } = await this.flash.sync();
    check(error === undefined, `wanted a sync, found ${error}`);
  }

  async cut(cut: PowerCut): Promise<void> {
    check(this.flash.powerCut !== undefined, "wanted a flash whose power can be cut");
    await this.flash.powerCut(cut);
  }

  async dump(): Promise<Uint8Array> {
    const all = new Uint8Array(this.totalBytes);
    for (let address = 0; address < all.length; address += flashLimits.bytesEach)
      all.set(await this.read(address, Math.min(flashLimits.bytesEach, all.length - address)), address);
    return all;
  }

  /** The whole flash is exactly this. */
  async expectAll(wanted: Uint8Array): Promise<void> {
    expectBytes(await this.dump(), wanted, 0);
  }

  /** The operation is refused so, and nothing has changed. */
  async expectRefused(operation: Promise<FlashBytes | FlashDone | FlashRefusal>, error: FlashError): Promise<void> {
    const found = (await operation).error;
    check(found === error, `wanted ${error}, found ${found ?? "no refusal"}`);
  }
}

export function expectBytes(found: Uint8Array, wanted: Uint8Array, address: number): void {
  const at = wanted.findIndex((byte, index) => found[index] !== byte);
  check(
    at === -1 && found.length === wanted.length,
    `wanted ${wanted[at]} at ${address + at}, found ${found[at]} (of ${wanted.length} bytes)`,
  );
}

/** Bytes that no two pages share, and that have bits to clear; always the same for a seed. */
export function pattern(length: number, seed: number): Uint8Array {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  });
}

/** What clearing the bits that are 0 in one of two leaves of the other. */
export function cleared(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, index) => byte & (other[index] as number));
}

export function blank(length: number): Uint8Array {
  return new Uint8Array(length).fill(0xff);
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
