// The store: what was committed, found by key. It brings log, index and compaction together and knows nothing of messages, so it
// runs in the storage service as in a campaign on a desk. Requests are awaited one after the other.

import { storageLimits } from "services/api/storage";
import { decodeCheckpoint } from "services/storage/checkpoint";
import { commitBytes, decodeCommit, encodeCommit } from "services/storage/commit";
import { Compactor, type Index } from "services/storage/compactor";
import { type Change, type Changes, costOf, Delta, findChange, indexOf, overlay } from "services/storage/delta";
import { frameKinds } from "services/storage/format";
import type { Log } from "services/storage/log";
import { isFailed, type Medium, StorageFailure } from "services/storage/medium";
import { type Quota, Quotas } from "services/storage/quota";
import { recover, replay } from "services/storage/recovery";
import { type Room, roomOf } from "services/storage/room";
import { noRoot, type Root, Tree } from "services/storage/tree";

export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
}

export interface Listing {
  readonly prefix: string;
  readonly after: string;
  readonly most: number;
}

export interface Page {
  readonly entries: readonly Entry[];
  readonly isComplete: boolean;
}

/** What was committed at one moment. It ends when the log comes around and overwrites what it needs. */
export interface Snapshot {
  readonly root: Root;
  readonly changes: Changes;
  readonly commits: number;
  readonly overwrittenMost: number;
}

export interface StoreFigures {
  readonly freeSectors: number;
  readonly sectorsWritten: number;
  readonly liveBytes: number;
}

export class Store {
  readonly room: Room;
  readonly quotas: Quotas;
  readonly #log: Log;
  readonly #tree: Tree;
  readonly #index: Index;
  readonly #compactor: Compactor;
  #commits = 0;

  private constructor(log: Log, quotas: Quotas, index: Index) {
    this.room = roomOf(log.medium);
    this.quotas = quotas;
    this.#log = log;
    this.#index = index;
    this.#tree = new Tree(log.medium, this.room.nodeBytes);
    this.#compactor = new Compactor(log, this.#tree, this.room, index, () => quotas.used);
  }

  /** Finds the log, or begins one on an erased flash. Throws a StorageFailure that says why there is none. */
  static async open(medium: Medium, limits: readonly Quota[] = []): Promise<Store> {
    const { log, checkpoint, origin } = await recover(medium);
    const found = checkpoint && decodeCheckpoint(checkpoint.payload);
    if (checkpoint !== undefined && found !== undefined) log.released(checkpoint.pointer, found.tailSector);
    const index: Index = {
      root: found?.root ?? noRoot,
      liveBytes: found?.liveBytes ?? 0,
      tailSector: found?.tailSector ?? origin.sector,
      active: new Delta(medium.pageBytes),
      frozen: [],
      frozenCost: 0,
    };
    const store = new Store(log, new Quotas(limits), index);
    for (const prefix of store.quotas.restore(found?.used ?? [])) store.quotas.set(prefix, await store.#count(prefix));
    await replay(log, found?.replayFrom ?? origin, async (payload) => {
      const changes = decodeCommit(payload);
      store.quotas.add(await store.#growth(changes));
      for (const change of changes) index.active.set(change);
    });
    return store;
  }

  get figures(): StoreFigures {
    const { freeSectors, position } = this.#log;
    return { freeSectors, sectorsWritten: position.sequence, liveBytes: this.#index.liveBytes };
  }

  /** How many transactions were committed since the store was opened. */
  get commits(): number {
    return this.#commits;
  }

  /** Bytes of changes that one transaction may hold: it is one frame. */
  get operationBytes(): number {
    return this.#log.dimensions.payloadBytes;
  }

  /** Whether `compact` has something to do. */
  get hasWork(): boolean {
    return this.#compactor.hasWork || this.#log.needsErase;
  }

  // ── Reading ──

  snapshot(): Snapshot {
    const { root, frozen, active } = this.#index;
    const changes = overlay(frozen, active.changes);
    return { root, changes, commits: this.#commits, overwrittenMost: this.#log.overwritable };
  }

  isOver(snapshot: Snapshot): boolean {
    return this.#log.overwritten > snapshot.overwrittenMost;
  }

  async get(key: string, snapshot?: Snapshot): Promise<Uint8Array | undefined> {
    const { root, active, frozen } = this.#index;
    const change =
      snapshot === undefined
        ? (findChange(active.changes, key) ?? findChange(frozen, key))
        : findChange(snapshot.changes, key);
    if (change !== undefined) return change.value ?? undefined;
    return this.#tree.get(snapshot?.root ?? root, key);
  }

  /** The first entries under the prefix and behind `after`, as many as fit; false: there may be more. */
  async list({ prefix, after, most }: Listing, snapshot?: Snapshot): Promise<Page> {
    const { frozen, active } = this.#index;
    const root = snapshot?.root ?? this.#index.root;
    const changes = snapshot?.changes ?? overlay(frozen, active.changes);
    const entries: Entry[] = [];
    let bytes = 0;
    for (let from: string | undefined = after < prefix ? prefix : after; from?.startsWith(prefix); ) {
      const { items, next } = await this.#tree.leafOf(root, from);
      const end = next === undefined ? changes.length : indexOf(changes, next);
      const all = overlay(items, changes.slice(indexOf(changes, from), end));
      for (const { key, value } of all.slice(indexOf(all, from))) {
        if (value === null || key <= after || !key.startsWith(prefix)) continue;
        bytes += key.length + value.length;
        if (entries.length === most || (entries.length > 0 && bytes > storageLimits.listBytes))
          return { entries, isComplete: false };
        entries.push({ key, value });
      }
      from = next;
    }
    return { entries, isComplete: true };
  }

  // ── Changing ──

  /** All of it or nothing; durable when it returns. */
  async apply(wanted: Changes): Promise<void> {
    const changes = new Delta(this.#log.medium.pageBytes, wanted).changes;
    if (changes.length === 0) return;
    this.#refuseTooLarge(changes);
    const growth = await this.#growth(changes);
    this.quotas.refuseBeyond(growth);
    const isShrinking = changes.every(({ value }) => value === null);
    const cost = changes.reduce((sum, change) => sum + costOf(change, this.#log.medium.pageBytes), 0);
    const limitBytes = isShrinking ? this.room.ceilingBytes : this.room.capacityBytes;
    await this.#compactor.makeRoom(changes.length, cost, limitBytes);
    await this.#commit(encodeCommit(changes));
    for (const change of changes) this.#index.active.set(change);
    this.quotas.add(growth);
    this.#commits++;
  }

  /** A piece of what has to be done some time; answers whether there is more. Throws what the flash throws. */
  async compact(): Promise<boolean> {
    if (this.#compactor.hasWork) await this.#compactor.step();
    else if (this.#log.needsErase) await this.#log.eraseAhead();
    return this.hasWork;
  }

  /** Everything that was committed into the index: for benches, and before a format is left. */
  settle(): Promise<void> {
    return this.#compactor.settle();
  }

  #refuseTooLarge(changes: Changes): void {
    const bytes = commitBytes(changes);
    if (changes.length > storageLimits.operations || bytes > this.operationBytes)
      throw new StorageFailure(
        "too-many",
        `Cannot keep so much at once: wanted ${storageLimits.operations} changes and ${this.operationBytes} bytes, ` +
          `found ${changes.length} and ${bytes}`,
      );
  }

  /** Written again when the flash could not say that it is durable: it was not acknowledged before. */
  async #commit(payload: Uint8Array): Promise<void> {
    try {
      await this.#write(payload);
    } catch (error) {
      if (!isFailed(error)) throw error;
      await this.#write(payload);
    }
  }

  async #write(payload: Uint8Array): Promise<void> {
    await this.#log.append({ kind: frameKinds.commit, level: 0 }, payload);
    await this.#log.sync();
  }

  /** The values that changes replace are looked up only where a quota counts them. */
  async #growth(changes: Changes): Promise<Map<string, number>> {
    const counted: { change: Change; oldLength: number | undefined }[] = [];
    for (const change of changes)
      if (this.quotas.isCounted(change.key)) counted.push({ change, oldLength: (await this.get(change.key))?.length });
    return this.quotas.growth(counted);
  }

  async #count(prefix: string): Promise<number> {
    let bytes = 0;
    for (let after = ""; ; ) {
      const { entries, isComplete } = await this.list({ prefix, after, most: storageLimits.entries });
      for (const { key, value } of entries) bytes += key.length + value.length;
      if (isComplete) return bytes;
      after = (entries[entries.length - 1] as Entry).key;
    }
  }
}
