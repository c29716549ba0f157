// What a request to storage may look like. The kernel trusts no service, and neither does storage: a key, a value or a prefix is
// looked at before anything is done with it.

import { type StorageOperation, storageLimits } from "services/api/storage";
import type { Change, Changes } from "services/storage/delta";
import { StorageFailure } from "services/storage/medium";
import type { Listing } from "services/storage/store";

/** What the system table lets a service keep. */
export interface Grant {
  readonly service: string;
  readonly prefix: string;
  readonly quotaBytes: number | undefined;
  /** It may look at the flash itself, and format it. */
  readonly mends: boolean;
}

export type Fields = { readonly [name: string]: unknown };

export function fieldsOf(body: unknown): Fields {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Fields;
  throw malformed("an object", body);
}

export function keyOf({ key }: Fields, grant: Grant): string {
  if (typeof key !== "string" || key.length === 0) throw malformed("a key", key);
  if (key.length > storageLimits.keyLength)
    throw new StorageFailure(
      "key-too-long",
      `Cannot use key: wanted at most ${storageLimits.keyLength} characters, found ${key.length}`,
    );
  if (!isKeyText(key)) throw malformed("a key of characters from ! to ~", key);
  return permitted(key, grant);
}

export function bytesOf({ value }: Fields, valueBytes: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed("a value of bytes", value);
  if (value.length > valueBytes)
    throw new StorageFailure(
      "value-too-long",
      `Cannot keep value: wanted at most ${valueBytes} bytes, found ${value.length}`,
    );
  return value;
}

export function changesOf({ operations }: Fields, grant: Grant, valueBytes: number): Changes {
  if (!Array.isArray(operations)) throw malformed("a list of operations", operations);
  if (operations.length > storageLimits.operations)
    throw new StorageFailure(
      "too-many",
      `Cannot do so much at once: wanted ${storageLimits.operations} operations, found ${operations.length}`,
    );
  return operations.map((operation: StorageOperation): Change => {
    const fields = fieldsOf(operation);
    return { key: keyOf(fields, grant), value: fields.value === null ? null : bytesOf(fields, valueBytes) };
  });
}

export function listingOf({ prefix, after = "", most = storageLimits.entries }: Fields, grant: Grant): Listing {
  if (typeof prefix !== "string" || prefix.length > storageLimits.keyLength) throw malformed("a prefix", prefix);
  if (typeof after !== "string") throw malformed("a key for after", after);
  if (typeof most !== "number" || !Number.isInteger(most) || most < 1) throw malformed("a number for most", most);
  return { prefix: permitted(prefix, grant), after, most: Math.min(most, storageLimits.entries) };
}

export function nameOf({ name }: Fields): string {
  if (typeof name !== "string" || name.length === 0 || name.length > storageLimits.keyLength)
    throw malformed("a name", name);
  return name;
}

export function numberOf({ transaction }: Fields): number {
  if (typeof transaction !== "number") throw malformed("a transaction", transaction);
  return transaction;
}

function permitted(key: string, { service, prefix }: Grant): string {
  if (key.startsWith(prefix)) return key;
  throw new StorageFailure("not-permitted", `Cannot reach "${key}": ${service} keeps what begins with "${prefix}"`);
}

function isKeyText(key: string): boolean {
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    if (code < 0x21 || code > 0x7e) return false;
  }
  return true;
}

function malformed(wanted: string, found: unknown): StorageFailure {
  const text = typeof found === "string" ? `"${found.slice(0, storageLimits.keyLength)}"` : typeof found;
  return new StorageFailure("malformed", `Cannot read request: wanted ${wanted}, found ${text}`);
}
