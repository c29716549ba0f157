// What was committed and is not in the index yet: a short sorted list in memory, that the log can bring back at any time.

import { storageLimits } from "services/api/storage";

/** `value` null: deleted. */
export interface Change {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export type Changes = readonly Change[];

export function isPut(change: Change): change is Change & { readonly value: Uint8Array } {
  return change.value !== null;
}

/** What one change may add to the index beyond its own bytes: a split with a header, and a key and pointer to it above. */
const splitBytes = 32 + 2 * (storageLimits.keyLength + 9);

export function costOf({ key, value }: Change, pageBytes: number): number {
  return 3 + key.length + (value?.length ?? 0) + splitBytes + pageBytes;
}

/** Index of the first change whose key is not below this one. */
export function indexOf(changes: Changes, key: string): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle] as Change).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function findChange(changes: Changes, key: string): Change | undefined {
  const change = changes[indexOf(changes, key)];
  return change?.key === key ? change : undefined;
}

/** Both, where the newer one hides the older. */
export function overlay(older: Changes, newer: Changes): Change[] {
  const both: Change[] = [];
  let index = 0;
  for (const change of newer) {
    for (; index < older.length && (older[index] as Change).key < change.key; index++)
      both.push(older[index] as Change);
    if (older[index]?.key === change.key) index++;
    both.push(change);
  }
  for (; index < older.length; index++) both.push(older[index] as Change);
  return both;
}

export class Delta {
  #changes: Change[] = [];
  #bytes = 0;
  #cost = 0;
  readonly #pageBytes: number;

  constructor(pageBytes: number, changes: Changes = []) {
    this.#pageBytes = pageBytes;
    for (const change of changes) this.set(change);
  }

  get changes(): Changes {
    return this.#changes;
  }

  /** Of keys and values. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The most by which the index may grow when this goes into it. */
  get cost(): number {
    return this.#cost;
  }

  set(change: Change): void {
    const index = indexOf(this.#changes, change.key);
    const old = this.#changes[index];
    const isReplaced = old?.key === change.key;
    if (isReplaced) this.#count(old, -1);
    this.#changes.splice(index, isReplaced ? 1 : 0, change);
    this.#count(change, 1);
  }

  #count(change: Change, times: number): void {
    this.#bytes += times * (change.key.length + (change.value?.length ?? 0));
    this.#cost += times * costOf(change, this.#pageBytes);
  }
}
