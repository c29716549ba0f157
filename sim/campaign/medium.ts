// The flash of a campaign as the store sees it: every operation is done at once, recorded, and may be the one in which the power
// fails.

import { type Medium, StorageFailure } from "services/storage/medium";
import type { CutPoint, FlashModel, FlashOperation, FlashTrouble, Unsynced } from "sim/campaign/flash-model";

/** Thrown through the program under test: nothing of it goes on, and nothing of it is asked again. */
export class PowerFailure extends Error {}

/** The program asked for what a flash refuses: a mistake of its arithmetic, whatever the power does. */
export class RefusedOperation extends Error {}

/** The power fails in the operation of this number, counted from 1. */
export interface PlannedCut {
  readonly operation: number;
  readonly point: CutPoint;
  readonly unsynced: Unsynced;
  readonly seed: number;
}

export class CampaignMedium implements Medium {
  readonly pageBytes: number;
  readonly sectorBytes: number;
  readonly sectors: number;
  readonly recorded: FlashOperation[] = [];
  readonly #flash: FlashModel;
  readonly #cut: PlannedCut | undefined;

  constructor(flash: FlashModel, cut?: PlannedCut) {
    const { pageBytes, sectorBytes, sectors } = flash.geometry;
    this.pageBytes = pageBytes;
    this.sectorBytes = sectorBytes;
    this.sectors = sectors;
    this.#flash = flash;
    this.#cut = cut;
  }

  async read(address: number, length: number): Promise<Uint8Array> {
    this.#expectInside(address, length);
    return this.#flash.read(address, length);
  }

  async program(address: number, bytes: Uint8Array): Promise<void> {
    this.#expectInside(address, bytes.length);
    if (address % this.pageBytes !== 0 || bytes.length % this.pageBytes !== 0)
      throw new RefusedOperation(`misaligned: ${bytes.length} bytes at ${address}`);
    if (!this.#flash.isErasedFor(address, bytes))
      throw new RefusedOperation(`not-erased: ${bytes.length} bytes at ${address}`);
    this.#refuseWorn(Math.floor(address / this.sectorBytes));
    this.#perform({ operation: "program", address, bytes: bytes.slice() });
  }

  async erase(sector: number): Promise<void> {
    if (!Number.isInteger(sector) || sector < 0 || sector >= this.sectors)
      throw new RefusedOperation(`beyond-end: ${sector}`);
    this.#refuseWorn(sector);
    this.#perform({ operation: "erase", sector });
  }

  async sync(): Promise<void> {
    this.#perform({ operation: "sync" });
  }

  /** What happens beside what was asked for. */
  befall(trouble: FlashTrouble): void {
    this.recorded.push(trouble);
    this.#flash.perform(trouble);
  }

  #refuseWorn(sector: number): void {
    if (this.#flash.isWorn(sector))
      throw new StorageFailure("failed", `Cannot change the flash: sector ${sector} is worn`);
  }

  #perform(operation: FlashOperation): void {
    this.recorded.push(operation);
    if (this.recorded.length === this.#cut?.operation) {
      const { point, unsynced, seed } = this.#cut;
      this.#flash.cut({ unsynced, seed, during: { operation, point } });
      throw new PowerFailure();
    }
    this.#flash.perform(operation);
  }

  #expectInside(address: number, length: number): void {
    if (length < 1 || length > 4_096 || address < 0 || address + length > this.sectors * this.sectorBytes)
      throw new RefusedOperation(`beyond-end: ${length} bytes at ${address}`);
  }
}
