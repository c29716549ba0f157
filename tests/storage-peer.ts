// The storage service behind a ServiceShell: the real one, on the reference flash, whose power a test can cut.

import { expect } from "@jest/globals";
import storage from "services/storage/service";
import { ReferenceFlash } from "tests/flash-reference";
import { type Peer, refusal, ServiceShell } from "tests/service-shell";

export interface StorageOptions {
  readonly service: string;
  readonly prefix: string;
  readonly sectors?: number;
}

export class StoragePeer {
  readonly flash: ReferenceFlash;
  /** What every request is refused with; null: it works. */
  answer: "dead" | "late" | null = null;
  /** Requests that changed something. */
  writes = 0;
  /** Later ones are refused. */
  failsAfterWrites = Infinity;
  readonly #options: StorageOptions;
  #shell: ServiceShell;

  constructor(options: StorageOptions) {
    this.#options = options;
    const { sectors = 64 } = options;
    this.flash = new ReferenceFlash({ pageBytes: 16, sectorBytes: 4_096, sectors, eraseWorstMicros: 400_000 });
    this.#shell = this.#start();
  }

  /** For the peer "storage" of a shell. */
  readonly peer: Peer = (type, message) => {
    if (this.answer !== null) throw refusal(this.answer);
    if (type === "apply" && this.writes >= this.failsAfterWrites) throw refusal("late");
    if (type === "apply" || type === "put" || type === "delete") this.writes += 1;
    return this.#shell.deliver(type, message);
  };

  /** For the peer "flash" of a shell. */
  flashPeer(type: string, message: unknown): unknown {
    return this.#perform(type, (message ?? {}) as FlashArgument);
  }

  async format(): Promise<void> {
    expect(await this.#shell.deliver("format", {})).toEqual({});
  }

  /** The power fails, and comes back: what storage has not acknowledged is lost. */
  async cutPower(): Promise<void> {
    await this.flash.powerCut({ unsynced: "lost", seed: 1 });
    this.#shell = this.#start();
  }

  #start(): ServiceShell {
    const { service, prefix } = this.#options;
    return new ServiceShell(storage, {
      configuration: { stores: [{ service, prefix, quotaBytes: null, mends: true }] },
      caller: service,
      peers: { flash: (type, message) => this.#perform(type, message) },
    });
  }

  #perform(type: string, argument: FlashArgument): unknown {
    const { address = 0, length = 0, bytes = new Uint8Array(0), sector = 0 } = argument;
    if (type === "geometry") return this.flash.geometry();
    if (type === "read") return this.flash.read(address, length);
    if (type === "program") return this.flash.program(address, bytes);
    return type === "erase" ? this.flash.erase(sector) : this.flash.sync();
  }
}

interface FlashArgument {
  readonly address?: number;
  readonly length?: number;
  readonly bytes?: Uint8Array;
  readonly sector?: number;
}
