// What the log stands on: the sectors of the log partition, as services/api/flash promises them, with answers turned into
// exceptions. The service puts the device port behind it, benches and campaigns a flash of their own.

import type { StorageError } from "services/api/storage";

/** Operations are awaited one after the other; each throws a StorageFailure "failed" when the flash said so. */
export interface Medium {
  readonly pageBytes: number;
  readonly sectorBytes: number;
  readonly sectors: number;
  read(address: number, length: number): Promise<Uint8Array>;
  program(address: number, bytes: Uint8Array): Promise<void>;
  erase(sector: number): Promise<void>;
  sync(): Promise<void>;
}

/** The one exception of this room: why an operation was not done. Caught where a request is answered. */
export class StorageFailure extends Error {
  readonly code: StorageError;

  constructor(code: StorageError, message: string) {
    super(message);
    this.code = code;
  }
}

/** The flash said so, and may do it the next time. */
export function isFailed(error: unknown): boolean {
  return error instanceof StorageFailure && error.code === "failed";
}

/** What keeps what was written: a durable thing that does not read as it was written. */
export function unreadable(what: string, address: number): StorageFailure {
  return new StorageFailure(
    "unreadable",
    `Cannot read ${what} at ${address}: wanted what was written, found something else`,
  );
}

export function paddedTo(pageBytes: number, length: number): number {
  return Math.ceil(length / pageBytes) * pageBytes;
}
