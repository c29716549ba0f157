// The device port "flash": the node's raw NOR flash, or what stands for it. Every operation is a `call`, because what came of
// it must be heard; what is merely sent is dropped.
//
//   geometry {}                   → FlashGeometry
//   read     FlashRange           → FlashBytes | FlashRefusal     any address and length
//   program  FlashProgram         → FlashDone | FlashRefusal      clears bits: 1 → 0
//   erase    FlashErase           → FlashDone | FlashRefusal      sets every bit of one sector: reads 0xff
//   sync     {}                   → FlashDone | FlashRefusal      makes all that was done before it durable
//
// **Order.** Operations are performed one at a time in the order in which they were submitted, whoever submitted them, and
// answered when they are done: `await` them one by one or have `flashLimits.waiting` on the way. A call that is refused `late`
// or `full` may have been performed or be performed yet, also after its caller has died; what is submitted later sees it.
//
// **Programming** leaves exactly the given bytes, or is refused. A byte may be programmed again to clear more of its bits. Where
// a bit would have to go from 0 to 1 the answer is `not-erased` and nothing was changed. Address and length are multiples of
// `pageBytes`; a program may cross pages and sectors.
//
// **Durability.** Done is not durable: only a `sync` that answered FlashDone makes what was done before it outlive the power. Of
// everything later, a power cut leaves for each operation by itself: nothing, a part or the whole, in any order.
//   - A torn program: each bit that it would have cleared is cleared or not, and stays as it is read. No other bit changes.
//   - A torn erase: the bytes of its sector are arbitrary, and may read differently each time until the sector is erased.
//   - A program that landed although an earlier erase of its place did not: its bytes, or what clearing leaves of the old ones.
//   - Bytes that no un-synced operation names are never touched.
// What is read after the power came back is durable, an unstable sector apart.
//
// **Failure.** `failed` leaves what a power cut in the operation could leave; it may pass (retry once) or stay (a worn sector, an
// unreadable page). A host does not read back what it wrote: bits that stick, flip with age or landed elsewhere are for the
// reader to find, by checksums that cover the address. A worn sector may also show as `not-erased` straight after its erase.

export const flashLimits = Object.freeze({
  /** Of one read or program: a sector of most chips, and little enough for the pool of messages on a small node. */
  bytesEach: 4_096,
  /** A chip that programs in larger units than this gives no room for small records. */
  pageBytes: 1_024,
  /** Operations submitted and not answered yet; the next one is refused `full`. */
  waiting: 8,
});

export interface FlashGeometry {
  /** Unit of programs: a power of two, 1 to `flashLimits.pageBytes`. */
  readonly pageBytes: number;
  /** Unit of erases: a power of two, at least two pages. */
  readonly sectorBytes: number;
  /** At least 4. The flash has `sectors * sectorBytes` bytes, from address 0. */
  readonly sectors: number;
  /** The longest that one erase may take. Where a chip stalls the processor meanwhile, the watchdog exceeds it. */
  readonly eraseWorstMicros: number;
}

/** `length`: 1 to `flashLimits.bytesEach`. */
export interface FlashRange {
  readonly address: number;
  readonly length: number;
}

export interface FlashProgram {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** `sector`: from 0, in the order of addresses. */
export interface FlashErase {
  readonly sector: number;
}

/**
 * Nothing was changed, `failed` apart. `malformed`: an argument is missing, negative, fractional or empty. `too-long`: more
 * than `flashLimits.bytesEach`. `beyond-end`: some of it lies outside. `misaligned`: a program not in whole pages.
 * `not-erased`: it would set a bit. `failed`: the device says so. Looked for in this order.
 */
export type FlashError = "malformed" | "too-long" | "beyond-end" | "misaligned" | "not-erased" | "failed";

export interface FlashRefusal {
  readonly error: FlashError;
}

export interface FlashBytes {
  readonly bytes: Uint8Array;
  readonly error?: never;
}

export interface FlashDone {
  readonly error?: never;
}
