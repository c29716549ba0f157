// The channel "storage": what a node keeps for good. Every operation is a `call`; its answer is a StorageRefusal, or what stands
// here. What changes something is answered when it is durable (a sync of the flash has said so), and is then never lost; what was
// not answered is there wholly or not at all. Values are bytes; who keeps plain data encodes it (`wire/cbor`).
//
//   get        StorageKey & In          → { value: Uint8Array | null }
//   list       StorageList & In         → StorageEntries      keys under a prefix, in order, page by page
//   put        StorageEntry & In        → {}
//   delete     StorageKey & In          → {}                  no error when it is not there
//   apply      { operations: StorageOperation[] } → {}        all of them or none; the last one of a key counts
//   begin      {}                       → { transaction }     opens a transaction: a snapshot, and room for changes
//   savepoint  Named                    → {}                  names this point of it; a name given again moves
//   rollback   Partial<Named>           → {}                  back to that point, which stays; without a name: gives all of it up
//   commit     { transaction }          → {}                  all that was put and deleted in it, or nothing, and ends it
//   status     {}                       → StorageStatus       also of a store that cannot be opened
//   image      { address }              → StorageImage        what lies on the flash there, whatever it is; for who mends it
//   format     {}                       → {}                  erases everything; for who mends it
//
// **Permission.** A service keeps keys that begin with the prefix of its entry in the system table (`stores`), and sees no others;
// `storesBytes` is its quota. Who `mendsStorage` may look at the flash and format it. **Order.** Keys are ordered by their characters' codes. Requests are served one after the other.
//
// **Transactions.** Reads `In` a transaction see what was committed when it began, and its own changes. Its changes are seen by
// nobody else before `commit`, which is refused `conflict` when somebody else has changed one of the same keys meanwhile. It ends
// with its owner's `commit` or `rollback`, with the node, or after `transactionMillis`; then it is `no-such-transaction`.
//
// Many small records are cheapest in one `apply`: it costs one program and one sync of the flash, whatever it holds.

export const storageLimits = Object.freeze({
  /** Characters from ! to ~. A path of a few words; the index holds every key. */
  keyLength: 64,
  /** Larger things are split over keys by their owner, or belong into extents. On small sectors it is less: `status` says. */
  valueBytes: 2_048,
  /** Of one `apply` or one transaction. What it may hold in bytes, a sector less a little, `status` says. */
  operations: 64,
  /** Of one answer to `list`. */
  entries: 64,
  /** Bytes of keys and values in one answer to `list`: half of what a small service can receive. */
  listBytes: 4_096,
  /** Of one answer to `image`, which goes on in a reply to an operator. */
  imageBytes: 4_096,
  /** Open at a time, of all services: each holds a copy of what was changed lately. */
  transactions: 4,
  savepoints: 8,
  /** Nobody thinks longer about a few keys. */
  transactionMillis: 30_000,
});

/** In a transaction; without one: now. */
export interface In {
  readonly transaction?: number;
}

export interface StorageKey {
  readonly key: string;
}

export interface StorageEntry extends StorageKey {
  readonly value: Uint8Array;
}

export interface StorageOperation extends StorageKey {
  /** null deletes. */
  readonly value: Uint8Array | null;
}

export interface StorageList {
  readonly prefix: string;
  /** Only keys behind this one: the last one of the page before. */
  readonly after?: string;
  /** Default, and at most: `storageLimits.entries`. */
  readonly most?: number;
}

export interface StorageEntries {
  readonly entries: readonly StorageEntry[];
  /** False: ask again with `after`. */
  readonly isComplete: boolean;
  readonly error?: never;
}

export interface StorageImage {
  readonly bytes: Uint8Array;
  /** Address of what follows, from the beginning of the log's partition; null: that was all. */
  readonly next: number | null;
  readonly error?: never;
}

export interface Named {
  readonly transaction: number;
  readonly name: string;
}

export interface StorageStatus {
  /** Everything but "ready" is what every operation is refused with. */
  readonly state: "ready" | StorageTrouble;
  /** What was wanted and what was found, where it is not ready. */
  readonly reason: string;
  readonly formatVersion: number;
  readonly valueBytes: number;
  readonly operationBytes: number;
  /** Sectors of the log, and those that are free. */
  readonly sectors: number;
  readonly freeSectors: number;
  readonly sectorBytes: number;
  /** What the index and all values take on the flash, and how much that may become. */
  readonly liveBytes: number;
  readonly capacityBytes: number;
  /** Since this log was formatted: sectors written, which is how often each was erased times their number. */
  readonly sectorsWritten: number;
  /** Of the caller's prefix; null without a quota. */
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
}

/**
 * The store cannot be opened, and nothing of it is changed. `foreign-format`: what lies there is not ours. `newer-format`: it was
 * written by a later version. `unreadable`: something durable is damaged. `too-small`: fewer than four sectors.
 * `no-flash`: the node has none.
 */
export type StorageTrouble = "foreign-format" | "newer-format" | "unreadable" | "too-small" | "no-flash";

/**
 * Nothing was changed. `full`: of a small store, or of a large one while it compacts; deleting still works. `failed`: the flash
 * said so, twice; after the next start what was asked may be there, wholly. `unreadable` also of a single key whose place is damaged.
 */
export type StorageError =
  | "malformed"
  | "key-too-long"
  | "value-too-long"
  | "too-many"
  | "not-permitted"
  | "quota-exceeded"
  | "full"
  | "no-such-transaction"
  | "no-such-savepoint"
  | "conflict"
  | "failed"
  | StorageTrouble;

export interface StorageRefusal {
  readonly error: StorageError;
  readonly message: string;
}
