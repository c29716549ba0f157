// How many bytes of keys and values lie under each prefix that has a quota.

import type { PrefixUse } from "services/storage/checkpoint";
import type { Change } from "services/storage/delta";
import { StorageFailure } from "services/storage/medium";

export interface Quota {
  readonly prefix: string;
  readonly quotaBytes: number;
}

export class Quotas {
  readonly #quotas: readonly Quota[];
  readonly #used = new Map<string, number>();

  constructor(quotas: readonly Quota[]) {
    this.#quotas = quotas;
  }

  get used(): readonly PrefixUse[] {
    return this.#quotas.map(({ prefix }) => ({ prefix, bytes: this.usedBytes(prefix) }));
  }

  usedBytes(prefix: string): number {
    return this.#used.get(prefix) ?? 0;
  }

  /** Takes over what was counted before; answers the prefixes that are new and have to be counted. */
  restore(used: readonly PrefixUse[]): string[] {
    for (const { prefix, bytes } of used) this.#used.set(prefix, bytes);
    return this.#quotas.flatMap(({ prefix }) => (this.#used.has(prefix) ? [] : [prefix]));
  }

  set(prefix: string, bytes: number): void {
    this.#used.set(prefix, bytes);
  }

  isCounted(key: string): boolean {
    return this.#quotas.some(({ prefix }) => key.startsWith(prefix));
  }

  /** By how much changes that replace values of these lengths change what is used; keyed by prefix. */
  growth(changes: readonly { readonly change: Change; readonly oldLength: number | undefined }[]): Map<string, number> {
    const growth = new Map<string, number>();
    for (const { change, oldLength } of changes) {
      const { key, value } = change;
      const old = oldLength === undefined ? 0 : key.length + oldLength;
      const bytes = (value === null ? 0 : key.length + value.length) - old;
      for (const { prefix } of this.#quotas)
        if (key.startsWith(prefix)) growth.set(prefix, (growth.get(prefix) ?? 0) + bytes);
    }
    return growth;
  }

  /** What shrinks is always welcome. */
  refuseBeyond(growth: ReadonlyMap<string, number>): void {
    for (const { prefix, quotaBytes } of this.#quotas) {
      const bytes = growth.get(prefix) ?? 0;
      const wanted = this.usedBytes(prefix) + bytes;
      if (bytes > 0 && wanted > quotaBytes)
        throw new StorageFailure(
          "quota-exceeded",
          `Cannot keep more under "${prefix}": wanted ${wanted} bytes, found a quota of ${quotaBytes}`,
        );
    }
  }

  add(growth: ReadonlyMap<string, number>): void {
    for (const [prefix, bytes] of growth) this.set(prefix, this.usedBytes(prefix) + bytes);
  }
}
