// Asks the storage service, for services that keep something there. That it cannot be reached is one more refusal: whoever keeps
// things has one place to look at, and none of its handlers falls for it.

import { type Answer, type Context, isRefusal } from "services/api/service";
import type { StorageEntries, StorageError, StorageImage, StorageOperation, StorageStatus } from "services/api/storage";

/** Room for a compaction in front of us; what takes longer is broken. */
const usualPatienceMillis = 5_000;

/** A hundred sectors, each erased at its worst. */
const formatMillis = 50_000;

export interface StorageFailure {
  readonly error: StorageError | Answer;
  readonly message: string;
}

/** `error` is there when it failed. */
export type StorageReply<Result> = (Result & { readonly error?: never }) | StorageFailure;

export interface StorageClient {
  get(key: string): Promise<StorageReply<{ readonly value: Uint8Array | null }>>;
  list(prefix: string, after?: string): Promise<StorageReply<StorageEntries>>;
  /** All of it, durably, or nothing. */
  apply(operations: readonly StorageOperation[]): Promise<StorageReply<object>>;
  status(): Promise<StorageReply<StorageStatus>>;
  image(address: number): Promise<StorageReply<StorageImage>>;
  format(): Promise<StorageReply<object>>;
}

/** `patienceMillis`: for each answer. */
export function openStorage(context: Context, patienceMillis = usualPatienceMillis): StorageClient {
  async function ask<Result>(
    type: string,
    message: object,
    deadlineMillis = patienceMillis,
  ): Promise<StorageReply<Result>> {
    try {
      const options = { deadlineMillis };
      return await context.call<StorageReply<Result>>("storage", type, message, options);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { error: error.answer, message: error.message };
    }
  }
  return {
    get: (key) => ask("get", { key }),
    list: (prefix, after) => ask("list", after === undefined ? { prefix } : { prefix, after }),
    apply: (operations) => ask("apply", { operations }),
    status: () => ask("status", {}),
    image: (address) => ask("image", { address }),
    format: () => ask("format", {}, formatMillis),
  };
}

/** It may be there later: whoever wants it asks again. Everything else is how this node is. */
export function isPassing({ error }: StorageFailure): boolean {
  return error === "late" || error === "dead" || error === "full" || error === "failed";
}
