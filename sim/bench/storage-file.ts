// A file as the flash of a bench, with a real fdatasync at each sync: what a node on Linux would pay, and what an established
// store is compared with. It counts what is written; what NOR refuses is a mistake of the store and throws.

import { closeSync, fdatasyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import type { Medium } from "services/storage/medium";

export class FileMedium implements Medium {
  readonly pageBytes = 16;
  readonly sectorBytes: number;
  readonly sectors: number;
  readonly erases: number[];
  programmedBytes = 0;
  reads = 0;
  readonly #file: number;

  constructor(path: string, { sectorBytes, sectors }: { readonly sectorBytes: number; readonly sectors: number }) {
    this.sectorBytes = sectorBytes;
    this.sectors = sectors;
    this.erases = Array.from({ length: sectors }, () => 0);
    this.#file = openSync(path, "w+");
    ftruncateSync(this.#file, 0);
    const blank = new Uint8Array(sectorBytes).fill(0xff);
    for (let sector = 0; sector < sectors; sector++) writeSync(this.#file, blank, 0, sectorBytes, sector * sectorBytes);
    fdatasyncSync(this.#file);
  }

  async read(address: number, length: number): Promise<Uint8Array> {
    this.reads++;
    const bytes = new Uint8Array(length);
    readSync(this.#file, bytes, 0, length, address);
    return bytes;
  }

  async program(address: number, bytes: Uint8Array): Promise<void> {
    const old = new Uint8Array(bytes.length);
    readSync(this.#file, old, 0, bytes.length, address);
    for (let index = 0; index < bytes.length; index++)
      if (((bytes[index] as number) & ~(old[index] as number)) !== 0) throw new Error(`not erased: ${address + index}`);
    writeSync(this.#file, bytes, 0, bytes.length, address);
    this.programmedBytes += bytes.length;
  }

  async erase(sector: number): Promise<void> {
    const blank = new Uint8Array(this.sectorBytes).fill(0xff);
    writeSync(this.#file, blank, 0, blank.length, sector * this.sectorBytes);
    this.erases[sector] = (this.erases[sector] as number) + 1;
  }

  async sync(): Promise<void> {
    fdatasyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
