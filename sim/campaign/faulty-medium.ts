// A flash in which one operation goes wrong, and with some faults every one that comes after it until it is mended. It answers as
// services/api/flash says: an operation that failed may have been done, in part or wholly.

import { StorageFailure } from "services/storage/medium";
import type { FlashModel, FlashOperation } from "sim/campaign/flash-model";
import { CampaignMedium } from "sim/campaign/medium";
import type { RecordingMedium } from "sim/campaign/timeline";

export type Asked = "read" | "program" | "erase" | "sync";

/**
 * "undone", "half", "done": it answers an error, once, and did so much. "dropped", "scattered": a sync fails, and of what it should
 * have written nothing is left, or some. "worn": its sector is not changed any more, by anything. "protected": nothing is.
 * "unreadable": its sector is not read any more. The last two can be mended.
 */
export type Fault = "undone" | "half" | "done" | "dropped" | "scattered" | "worn" | "protected" | "unreadable";

export const faultsOf: { readonly [asked in Asked]: readonly Fault[] } = {
  read: ["undone", "unreadable"],
  program: ["undone", "half", "done", "worn", "protected"],
  erase: ["undone", "half", "done", "worn", "protected"],
  sync: ["undone", "done", "dropped", "scattered", "protected"],
};

/** Of the operation of this number, counted from 1, reads too. */
export interface PlannedFault {
  readonly operation: number;
  readonly fault: Fault;
}

export class FaultyMedium implements RecordingMedium {
  readonly pageBytes: number;
  readonly sectorBytes: number;
  readonly sectors: number;
  readonly asked: Asked[] = [];
  readonly #flash: CampaignMedium;
  readonly #planned: PlannedFault | undefined;
  #struckAt: number | undefined;
  #unreadable: number | undefined;
  #isProtected = false;

  constructor(flash: FlashModel, planned?: PlannedFault) {
    this.#flash = new CampaignMedium(flash);
    this.pageBytes = this.#flash.pageBytes;
    this.sectorBytes = this.#flash.sectorBytes;
    this.sectors = this.#flash.sectors;
    this.#planned = planned;
  }

  get recorded(): readonly FlashOperation[] {
    return this.#flash.recorded;
  }

  /** How many operations had been recorded when it went wrong; undefined: it has not. */
  get struckAt(): number | undefined {
    return this.#struckAt;
  }

  mend(): void {
    this.#isProtected = false;
    this.#unreadable = undefined;
  }

  async read(address: number, length: number): Promise<Uint8Array> {
    const fault = this.#ask("read");
    const sector = Math.floor(address / this.sectorBytes);
    if (fault === "unreadable") this.#unreadable = sector;
    if (fault !== undefined || this.#unreadable === sector) throw failure("read");
    return this.#flash.read(address, length);
  }

  async program(address: number, bytes: Uint8Array): Promise<void> {
    const fault = this.#askChange("program", Math.floor(address / this.sectorBytes));
    if (fault === "half")
      await this.#flash.program(
        address,
        bytes.map((byte, index) => (index < bytes.length / 2 ? byte : 0xff)),
      );
    else if (fault !== "undone") await this.#flash.program(address, bytes);
    if (fault !== undefined) throw failure("program");
  }

  async erase(sector: number): Promise<void> {
    const fault = this.#askChange("erase", sector);
    const half = this.sectorBytes / 2;
    const middle = sector * this.sectorBytes + half;
    const left = await this.#flash.read(middle, half);
    if (fault !== "undone") await this.#flash.erase(sector);
    if (fault === "half") await this.#flash.program(middle, left);
    if (fault !== undefined) throw failure("erase");
  }

  async sync(): Promise<void> {
    const fault = this.#askChange("sync", 0);
    if (fault === "dropped") this.#flash.befall({ operation: "drop", unsynced: "lost", seed: 0 });
    if (fault === "scattered") this.#flash.befall({ operation: "drop", unsynced: "subset", seed: this.asked.length });
    if (fault === undefined || fault === "done") await this.#flash.sync();
    if (fault !== undefined) throw failure("sync");
  }

  #askChange(asked: Asked, sector: number): Fault | undefined {
    const fault = this.#ask(asked);
    if (fault === "worn") this.#flash.befall({ operation: "wear", sector });
    if (fault === "protected") this.#isProtected = true;
    if (this.#isProtected) throw failure(asked);
    return fault;
  }

  #ask(asked: Asked): Fault | undefined {
    this.asked.push(asked);
    if (this.asked.length !== this.#planned?.operation) return undefined;
    this.#struckAt = this.recorded.length;
    return this.#planned.fault;
  }
}

function failure(asked: Asked): StorageFailure {
  return new StorageFailure("failed", `Cannot ${asked} the flash: it failed`);
}
