// A flash for campaigns: what services/api/flash allows a power cut to do, at some hundred thousand cuts a second. It is tried
// against the same claims as every other flash (tests/flash.test.ts).
//
// What no sync has reached is held as a list of effects beside the bytes that are durable; a cut goes back to these and replays
// of the list what it wants, torn and in another order if it likes.

import { createHash } from "node:crypto";
import type { FlashGeometry } from "services/api/flash";

export type CutPoint = "before" | "first-half" | "all-but-last" | "some-bits" | "unstable" | "after";
export type Unsynced = "kept" | "lost" | "subset";

type FlashChange =
  | { readonly operation: "program"; readonly address: number; readonly bytes: Uint8Array }
  | { readonly operation: "erase"; readonly sector: number };

/** What a flash does of itself: a sync fails and loses of what it should have written, a sector takes nothing any more. */
export type FlashTrouble =
  | { readonly operation: "drop"; readonly unsynced: Unsynced; readonly seed: number }
  | { readonly operation: "wear"; readonly sector: number };

export type FlashOperation = FlashChange | { readonly operation: "sync" } | FlashTrouble;

export interface Cut {
  readonly unsynced: Unsynced;
  readonly seed: number;
  readonly during?: { readonly operation: FlashOperation; readonly point: CutPoint };
}

/** `bytes` undefined: an erase. */
interface Effect {
  readonly address: number;
  readonly length: number;
  readonly bytes: Uint8Array | undefined;
}

type Random = () => number;

/** splitmix32: any seed is a good one. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

export class FlashModel {
  readonly geometry: FlashGeometry;
  #seen: Uint8Array;
  /** Undefined while it is the same as what is seen. */
  #durable: Uint8Array | undefined;
  #held: Effect[] = [];
  /** Sectors whose zeros read as either, since an erase of them was torn. */
  #shaken: ReadonlySet<number> = new Set();
  #durablyShaken: ReadonlySet<number> = this.#shaken;
  /** Sectors that no program and no erase changes any more; what lies in them is read. */
  #worn: ReadonlySet<number> = new Set();
  #noise = randomOf(99);

  constructor(geometry: FlashGeometry, bytes?: Uint8Array) {
    this.geometry = geometry;
    this.#seen = bytes ?? new Uint8Array(geometry.sectors * geometry.sectorBytes).fill(0xff);
  }

  clone(): FlashModel {
    const copy = new FlashModel(this.geometry, this.#seen.slice());
    copy.#durable = this.#durable?.slice();
    copy.#held = [...this.#held];
    copy.#shaken = this.#shaken;
    copy.#durablyShaken = this.#durablyShaken;
    copy.#worn = this.#worn;
    return copy;
  }

  /** The flash that such a cut would leave; this one is not cut. */
  leftBy(cut: Cut): FlashModel {
    const left = new FlashModel(this.geometry, (this.#durable ?? this.#seen).slice());
    left.#durable = left.#seen;
    left.#held = this.#held;
    left.#durablyShaken = this.#durablyShaken;
    left.#worn = this.#worn;
    left.cut(cut);
    return left;
  }

  get bytes(): Uint8Array {
    return this.#seen;
  }

  /** Of everything that a program could ever be told, where nothing is un-synced, as it is after a cut. */
  get digest(): string {
    const sorted = (sectors: ReadonlySet<number>): number[] => [...sectors].sort((one, other) => one - other);
    const bytes = createHash("sha256").update(this.#seen).digest("base64");
    return `${bytes} ${sorted(this.#shaken)} ${sorted(this.#worn)}`;
  }

  isWorn(sector: number): boolean {
    return this.#worn.has(sector);
  }

  /** Operations that a cut could lose. */
  get held(): number {
    return this.#held.length;
  }

  read(address: number, length: number): Uint8Array {
    const bytes = this.#seen.slice(address, address + length);
    if (this.#shaken.size > 0)
      for (let index = 0; index < length; index++)
        if (this.#shaken.has(Math.floor((address + index) / this.geometry.sectorBytes)))
          bytes[index] = (bytes[index] as number) | (this.#noise() & 0xff);
    return bytes;
  }

  /** Whether a program would have to set a bit. */
  isErasedFor(address: number, bytes: Uint8Array): boolean {
    for (let index = 0; index < bytes.length; index++)
      if (((bytes[index] as number) & ~(this.#seen[address + index] as number)) !== 0) return false;
    return true;
  }

  /** Without a check: the caller looked. */
  perform(operation: FlashOperation): void {
    if (operation.operation === "sync") this.#settle();
    else if (operation.operation === "drop") this.cut(operation);
    else if (operation.operation === "wear") this.#worn = new Set([...this.#worn, operation.sector]);
    else {
      const effect = this.#effectOf(operation);
      this.#durable ??= this.#seen.slice();
      this.#held.push(effect);
      this.#apply(effect);
    }
  }

  /** The power fails and comes back. */
  cut({ unsynced, seed, during }: Cut): void {
    const random = randomOf(seed);
    const held = this.#held;
    const { operation, point = "before" } = during ?? {};
    const isOddSync = operation?.operation === "sync" && (point === "some-bits" || point === "unstable");
    const reached = operation?.operation === "sync" ? reachedBy(point, held.length) : 0;
    this.#seen = this.#durable ?? this.#seen;
    this.#shaken = this.#durablyShaken;
    for (const effect of held.slice(0, reached)) this.#apply(effect);
    this.#leave(held.slice(reached), isOddSync ? "subset" : unsynced, random);
    if (operation?.operation === "program" || operation?.operation === "erase") {
      const isOverLost = unsynced !== "kept" && (random() & 1) === 1;
      this.#tear(this.#effectOf(operation), point, random, isOverLost);
    }
    this.#settle();
  }

  #settle(): void {
    this.#durable = undefined;
    this.#durablyShaken = this.#shaken;
    this.#held = [];
  }

  #leave(held: readonly Effect[], unsynced: Unsynced, random: Random): void {
    if (unsynced === "lost") return;
    if (unsynced === "kept") {
      for (const effect of held) this.#apply(effect);
      return;
    }
    // How many land is drawn first, from none to all: that only the newest of many survives must not be a matter of years.
    const quarters = random() % 5;
    for (const effect of shuffled(held, random)) if (random() % 4 < quarters) this.#land(effect, random);
  }

  /** One in four is torn; a program may come with its bytes to a place that lost its erase, or clear what is there. */
  #land(effect: Effect, random: Random): void {
    const drawn = random();
    const length = ((drawn >>> 1) & 3) === 0 ? (drawn >>> 3) % effect.length : effect.length;
    this.#apply({ ...effect, length }, (drawn & 1) === 1);
  }

  #tear(effect: Effect, point: CutPoint, random: Random, isOverLost: boolean): void {
    const { address, length, bytes } = effect;
    const reached = { before: 0, "first-half": length >> 1, "all-but-last": length - 1, after: length };
    if (point !== "some-bits" && point !== "unstable") this.#apply({ ...effect, length: reached[point] }, isOverLost);
    else if (bytes !== undefined) this.#apply({ address, length, bytes: bytes.map((byte) => byte | random()) });
    else if (point === "unstable") this.#shaken = new Set([...this.#shaken, address / this.geometry.sectorBytes]);
    else for (let at = address; at < address + length; at++) this.#seen[at] = (this.#seen[at] as number) | random();
  }

  #effectOf(operation: FlashChange): Effect {
    const { sectorBytes } = this.geometry;
    if (operation.operation === "erase")
      return { address: operation.sector * sectorBytes, length: sectorBytes, bytes: undefined };
    return { address: operation.address, length: operation.bytes.length, bytes: operation.bytes };
  }

  #apply({ address, length, bytes }: Effect, isPut = false): void {
    const seen = this.#seen;
    if (bytes === undefined) {
      seen.fill(0xff, address, address + length);
      if (length < this.geometry.sectorBytes) return;
      const sector = address / this.geometry.sectorBytes;
      if (this.#shaken.has(sector)) this.#shaken = new Set([...this.#shaken].filter((other) => other !== sector));
      return;
    }
    for (let index = 0; index < length; index++) {
      const byte = bytes[index] as number;
      seen[address + index] = isPut ? byte : (seen[address + index] as number) & byte;
    }
  }
}

function reachedBy(point: CutPoint, held: number): number {
  if (point === "first-half") return held >> 1;
  if (point === "all-but-last") return Math.max(0, held - 1);
  return point === "after" ? held : 0;
}

function shuffled(effects: readonly Effect[], random: Random): Effect[] {
  const order = [...effects];
  for (let left = order.length; left > 1; left--) {
    const other = random() % left;
    [order[left - 1], order[other]] = [order[other] as Effect, order[left - 1] as Effect];
  }
  return order;
}
