// Open transactions. Each holds a snapshot to read from and the changes that it would make; who commits first wins, and nothing
// is locked, so that a service that dies in the middle of one stands in nobody's way.

import { storageLimits } from "services/api/storage";
import { commitBytes } from "services/storage/commit";
import { type Change, type Changes, Delta, overlay } from "services/storage/delta";
import { StorageFailure } from "services/storage/medium";
import type { Snapshot, Store } from "services/storage/store";

interface Transaction {
  readonly number: number;
  readonly owner: string;
  readonly snapshot: Snapshot;
  readonly endsMicros: number;
  readonly changes: Change[];
  /** How many changes were made when the point was named. */
  readonly savepoints: Map<string, number>;
}

interface Changed {
  readonly key: string;
  readonly commit: number;
}

/** Keys that were changed lately, while a transaction was open. A transaction that began before what is remembered is refused, changed or not. */
const changedKept = 128;

export class Transactions {
  readonly #store: Store;
  #open: Transaction[] = [];
  #changed: Changed[] = [];
  #forgotten = 0;
  #last = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** What is applied at once, and in none of them. */
  async apply(changes: Changes): Promise<void> {
    await this.#store.apply(changes);
    if (this.#open.length === 0) {
      this.#changed = [];
      return;
    }
    for (const { key } of changes) this.#changed.push({ key, commit: this.#store.commits });
    const gone = this.#changed.splice(0, Math.max(0, this.#changed.length - changedKept));
    this.#forgotten = gone[gone.length - 1]?.commit ?? this.#forgotten;
  }

  begin(owner: string, nowMicros: number): number {
    this.#open = this.#open.filter((each) => !this.#isOver(each, nowMicros));
    if (this.#open.length >= storageLimits.transactions)
      throw new StorageFailure(
        "too-many",
        `Cannot begin: wanted at most ${storageLimits.transactions} transactions at a time`,
      );
    this.#last++;
    this.#open.push({
      number: this.#last,
      owner,
      snapshot: this.#store.snapshot(),
      endsMicros: nowMicros + storageLimits.transactionMillis * 1000,
      changes: [],
      savepoints: new Map(),
    });
    return this.#last;
  }

  /** Throws "no-such-transaction" also for one of somebody else. */
  find(number: number, owner: string, nowMicros: number): Transaction {
    const found = this.#open.find((each) => each.number === number && each.owner === owner);
    if (found !== undefined && !this.#isOver(found, nowMicros)) return found;
    this.#end(found);
    throw new StorageFailure(
      "no-such-transaction",
      `Cannot go on with transaction ${number}: it is over, or never was yours`,
    );
  }

  /** What it reads: its snapshot, and its own changes over it. */
  view({ snapshot, changes }: Transaction): Snapshot {
    return { ...snapshot, changes: overlay(snapshot.changes, new Delta(0, changes).changes) };
  }

  change(transaction: Transaction, change: Change): void {
    const { changes } = transaction;
    const bytes = commitBytes(changes) + commitBytes([change]);
    if (changes.length === storageLimits.operations || bytes > this.#store.operationBytes)
      throw new StorageFailure(
        "too-many",
        `Cannot change more in a transaction: wanted ${storageLimits.operations} changes and ${this.#store.operationBytes} bytes`,
      );
    changes.push(change);
  }

  savepoint({ savepoints, changes }: Transaction, name: string): void {
    if (savepoints.size === storageLimits.savepoints && !savepoints.has(name))
      throw new StorageFailure("too-many", `Cannot name a savepoint: wanted at most ${storageLimits.savepoints}`);
    savepoints.set(name, changes.length);
  }

  /** Points that were named later are gone with what they named. */
  rollBackTo({ savepoints, changes }: Transaction, name: string): void {
    const length = savepoints.get(name);
    if (length === undefined)
      throw new StorageFailure("no-such-savepoint", `Cannot roll back: there is no savepoint "${name}"`);
    changes.length = length;
    for (const [other, at] of [...savepoints]) if (at > length) savepoints.delete(other);
  }

  giveUp(transaction: Transaction): void {
    this.#end(transaction);
  }

  async commit(transaction: Transaction): Promise<void> {
    this.#end(transaction);
    const { snapshot, changes } = transaction;
    const isMine = (key: string): boolean => changes.some((change) => change.key === key);
    const isChanged = this.#changed.some(({ key, commit }) => commit > snapshot.commits && isMine(key));
    if (changes.length > 0 && (isChanged || snapshot.commits < this.#forgotten))
      throw new StorageFailure("conflict", "Cannot commit: one of its keys was changed since it began");
    await this.apply(changes);
  }

  #isOver({ endsMicros, snapshot }: Transaction, nowMicros: number): boolean {
    return nowMicros >= endsMicros || this.#store.isOver(snapshot);
  }

  #end(transaction: Transaction | undefined): void {
    this.#open = this.#open.filter((each) => each !== transaction);
  }
}
