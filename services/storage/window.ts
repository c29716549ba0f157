// Reads a sector from front to back in the largest pieces that the flash gives, and holds no more than one of them.

import { decodeFrame, type Frame, frameLengthOf } from "services/storage/format";
import type { Medium } from "services/storage/medium";

/** The most that one read may ask for (services/api/flash). */
const readBytes = 4_096;

export class SectorWindow {
  readonly #medium: Medium;
  readonly #sector: number;
  readonly #sequence: number;
  #from = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(medium: Medium, sector: number, sequence: number) {
    this.#medium = medium;
    this.#sector = sector;
    this.#sequence = sequence;
  }

  /** The frame at this offset; undefined: there is none. */
  async frameAt(offset: number): Promise<Frame | undefined> {
    const { pageBytes, sectorBytes } = this.#medium;
    if (offset >= sectorBytes) return undefined;
    let bytes = await this.#bytesFrom(offset);
    if (frameLengthOf(bytes) > bytes.length || bytes.length < 16) {
      await this.#fill(offset);
      bytes = await this.#bytesFrom(offset);
    }
    const address = this.#sector * sectorBytes + offset;
    return decodeFrame(bytes, { address, sequence: this.#sequence }, pageBytes);
  }

  /** Whether all from this offset to the end of the sector is erased. */
  async isBlankFrom(offset: number): Promise<boolean> {
    for (let at = offset; at < this.#medium.sectorBytes; ) {
      const bytes = await this.#bytesFrom(at);
      for (let index = 0; index < bytes.length; index++) if (bytes[index] !== 0xff) return false;
      at += bytes.length;
    }
    return true;
  }

  async #bytesFrom(offset: number): Promise<Uint8Array> {
    if (offset < this.#from || offset >= this.#from + this.#bytes.length) await this.#fill(offset);
    return this.#bytes.subarray(offset - this.#from);
  }

  async #fill(offset: number): Promise<void> {
    const { sectorBytes } = this.#medium;
    this.#bytes = await this.#medium.read(
      this.#sector * sectorBytes + offset,
      Math.min(readBytes, sectorBytes - offset),
    );
    this.#from = offset;
  }
}
