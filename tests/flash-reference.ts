// A flash in forty lines of rules: what services/api/flash promises, said once more in the plainest way. Tests that need a flash
// without a node use it, and planted bugs are one rule put wrong each.

import type { FlashBytes, FlashDone, FlashError, FlashGeometry, FlashRefusal } from "services/api/flash";
import { flashLimits } from "services/api/flash";
import type { CutPoint, FlashOperation, FlashUnderTest, PowerCut } from "tests/flash-bench";

/** What an operation does to bytes from `address` on. `shake` leaves zeros that read as either. */
export interface Effect {
  readonly kind: "clear" | "set" | "shake";
  readonly address: number;
  readonly bytes: Uint8Array;
}

type Random = () => number;

export interface FlashRules {
  refusesRange(totalBytes: number, address: number, length: number): FlashError | undefined;
  refusesProgram(pageBytes: number, address: number, old: Uint8Array, bytes: Uint8Array): FlashError | undefined;
  programmed(old: number, given: number): number;
  erasedLength(sectorBytes: number): number;
  /** How many of so many held operations a sync makes durable. */
  synced(held: number): number;
  /** What of an operation arrives at a point. */
  arriving(effect: Effect, point: CutPoint, old: Uint8Array, random: Random): Effect | undefined;
  /** Which of the held operations a cut leaves, in which order. */
  surviving(held: readonly Effect[], unsynced: PowerCut["unsynced"], random: Random): readonly Effect[];
  /** Does a program come with its own bytes to a place that may lack an erase? */
  replaces(seed: number): boolean;
}

const isWhole = (number: number): boolean => Number.isInteger(number) && number >= 0;

export const honestRules: FlashRules = {
  refusesRange(totalBytes, address, length) {
    if (!isWhole(address) || !isWhole(length) || length === 0) return "malformed";
    if (length > flashLimits.bytesEach) return "too-long";
    return address + length > totalBytes ? "beyond-end" : undefined;
  },
  refusesProgram(pageBytes, address, old, bytes) {
    if (address % pageBytes !== 0 || bytes.length % pageBytes !== 0) return "misaligned";
    return bytes.some((byte, index) => (byte & ~(old[index] as number)) !== 0) ? "not-erased" : undefined;
  },
  programmed: (old, given) => old & given,
  erasedLength: (sectorBytes) => sectorBytes,
  synced: (held) => held,
  arriving(effect, point, old, random) {
    const { kind, address, bytes } = effect;
    if (point === "before") return undefined;
    if (point === "after") return effect;
    if (point === "first-half") return { kind, address, bytes: bytes.subarray(0, bytes.length / 2) };
    if (point === "all-but-last") return { kind, address, bytes: bytes.subarray(0, -1) };
    if (kind === "clear") return { kind, address, bytes: bytes.map((byte) => byte | random()) };
    if (point === "unstable") return { kind: "shake", address, bytes: old.slice() };
    return { kind, address, bytes: old.map((byte) => byte | random()) };
  },
  surviving(held, unsynced, random) {
    if (unsynced === "lost") return [];
    return unsynced === "kept" ? held : shuffled(held, random).filter(() => (random() & 1) === 1);
  },
  replaces: (seed) => (seed & 1) === 1,
};

function shuffled(held: readonly Effect[], random: Random): Effect[] {
  return held
    .map((effect) => ({ effect, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ effect }) => effect);
}

/** Bytes by chance; the same for a seed. */
function chance(seed: number): Random {
  let state = Math.imul(seed + 1, 0x85ebca6b) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 8) & 0xff;
  };
}

export class ReferenceFlash implements FlashUnderTest {
  readonly #geometry: FlashGeometry;
  readonly #rules: FlashRules;
  readonly #seen: Uint8Array;
  #durable: Uint8Array;
  #held: Effect[] = [];
  #unstable: Effect | undefined;
  readonly #noise = chance(99);

  constructor(geometry: FlashGeometry, rules: FlashRules = honestRules) {
    this.#geometry = geometry;
    this.#rules = rules;
    this.#seen = new Uint8Array(geometry.sectors * geometry.sectorBytes).fill(0xff);
    this.#durable = this.#seen.slice();
  }

  async geometry(): Promise<FlashGeometry> {
    return this.#geometry;
  }

  async read(address: number, length: number): Promise<FlashBytes | FlashRefusal> {
    const error = this.#rules.refusesRange(this.#seen.length, address, length);
    if (error !== undefined) return { error };
    const bytes = this.#seen.slice(address, address + length);
    const shaken = this.#unstable;
    return {
      bytes: bytes.map((byte, index) => {
        const at = address + index - (shaken?.address ?? 0);
        return shaken?.bytes[at] === undefined ? byte : byte | this.#noise();
      }),
    };
  }

  async program(address: number, bytes: Uint8Array): Promise<FlashDone | FlashRefusal> {
    const rules = this.#rules;
    const old = (): Uint8Array => this.#seen.subarray(address, address + bytes.length);
    const error =
      rules.refusesRange(this.#seen.length, address, bytes.length) ??
      rules.refusesProgram(this.#geometry.pageBytes, address, old(), bytes);
    if (error !== undefined) return { error };
    this.#hold({ kind: "clear", address, bytes: bytes.slice() });
    return {};
  }

  async erase(sector: number): Promise<FlashDone | FlashRefusal> {
    const { sectors } = this.#geometry;
    if (!isWhole(sector)) return { error: "malformed" };
    if (sector >= sectors) return { error: "beyond-end" };
    this.#hold(this.#eraseOf(sector));
    return {};
  }

  async sync(): Promise<FlashDone | FlashRefusal> {
    this.#reach(this.#rules.synced(this.#held.length));
    return {};
  }

  async powerCut({ unsynced, seed, during }: PowerCut): Promise<void> {
    const random = chance(seed);
    const { operation, point } = during ?? { operation: undefined, point: "before" as const };
    if (operation?.operation === "sync") this.#reach(reached(point, this.#rules.synced(this.#held.length)));
    const effect = operation === undefined || operation.operation === "sync" ? undefined : this.#effectOf(operation);
    this.#seen.set(this.#durable);
    const isSubset = unsynced === "subset" || (effect === undefined && (point === "some-bits" || point === "unstable"));
    for (const held of this.#rules.surviving(this.#held, isSubset ? "subset" : unsynced, random))
      this.#apply(held, false);
    if (effect !== undefined)
      this.#land(effect, point, { random, replaces: unsynced !== "kept" && this.#rules.replaces(seed) });
    this.#held = [];
    this.#durable = this.#seen.slice();
  }

  #land(effect: Effect, point: CutPoint, { random, replaces }: { random: Random; replaces: boolean }): void {
    const old = this.#seen.slice(effect.address, effect.address + effect.bytes.length);
    const part = this.#rules.arriving(effect, point, old, random);
    if (part !== undefined) this.#apply(part, replaces && point !== "some-bits" && point !== "unstable");
  }

  #effectOf(operation: Exclude<FlashOperation, { readonly operation: "sync" }>): Effect {
    if (operation.operation === "erase") return this.#eraseOf(operation.sector);
    return { kind: "clear", address: operation.address, bytes: operation.bytes };
  }

  #eraseOf(sector: number): Effect {
    const { sectorBytes } = this.#geometry;
    const bytes = new Uint8Array(this.#rules.erasedLength(sectorBytes)).fill(0xff);
    return { kind: "set", address: sector * sectorBytes, bytes };
  }

  #hold(effect: Effect): void {
    this.#apply(effect, false);
    this.#held.push(effect);
  }

  #reach(count: number): void {
    const rest = this.#held.slice(count);
    const seen = this.#seen.slice();
    this.#seen.set(this.#durable);
    for (const effect of this.#held.slice(0, count)) this.#apply(effect, false);
    this.#durable = this.#seen.slice();
    this.#seen.set(seen);
    this.#held = rest;
  }

  #apply({ kind, address, bytes }: Effect, replaces: boolean): void {
    if (kind === "shake") this.#unstable = { kind, address, bytes };
    else if (this.#unstable?.address === address && kind === "set") this.#unstable = undefined;
    for (const [index, byte] of bytes.entries()) {
      const at = address + index;
      if (at >= this.#seen.length) continue;
      this.#seen[at] = kind === "clear" && !replaces ? this.#rules.programmed(this.#seen[at] as number, byte) : byte;
    }
  }
}

/** How many of the held operations a sync came to that was torn. */
function reached(point: CutPoint, held: number): number {
  if (point === "first-half") return Math.floor(held / 2);
  if (point === "all-but-last") return Math.max(0, held - 1);
  return point === "after" ? held : 0;
}
