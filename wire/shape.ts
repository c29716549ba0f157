// Reads plain data of an expected shape field by field. A shape is one function that builds its type from `Fields`;
// it serves both ways: decoding reads what came, encoding reads what is about to go, so that both sides refuse the same.
// Fields that nobody asks for are left out: a newer node may say more than an older page understands.

import { WireError } from "wire/error";
import type { PlainValue } from "wire/plain";
import { countPoints } from "wire/utf8";

/** The fields of one record. Every reader throws a WireError that names the field. */
export class Fields {
  readonly #record: { readonly [name: string]: unknown };
  readonly #path: string;

  /** `path` names the record in refusals: "birth", "birth.services[2]". */
  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
      throw new WireError(`Cannot read ${path}: wanted a map, found ${describe(value)}`);
    this.#record = value as { readonly [name: string]: unknown };
    this.#path = path;
  }

  /** True when the field is there, whatever it holds. */
  has(name: string): boolean {
    return Object.hasOwn(this.#record, name);
  }

  boolean(name: string): boolean {
    const value = this.#take(name);
    return typeof value === "boolean" ? value : this.refuse(name, "true or false", value);
  }

  /** A finite number. */
  number(name: string): number {
    const value = this.#take(name);
    return typeof value === "number" && Number.isFinite(value) ? value : this.refuse(name, "a finite number", value);
  }

  /** An integer from 0 to 2^53 - 1: counts, sequences, sessions, microseconds. */
  count(name: string): number {
    const value = this.#take(name);
    return isCount(value) ? value : this.refuse(name, "an integer of 0 or more", value);
  }

  countOrNull(name: string): number | null {
    return this.#take(name) === null ? null : this.count(name);
  }

  /** `maximum` counts code points. */
  text(name: string, maximum: number): string {
    const value = this.#take(name);
    return typeof value === "string" && countPoints(value) <= maximum
      ? value
      : this.refuse(name, `a text of at most ${maximum} characters`, value);
  }

  textOrNull(name: string, maximum: number): string | null {
    return this.#take(name) === null ? null : this.text(name, maximum);
  }

  bytes(name: string): Uint8Array {
    const value = this.#take(name);
    return value instanceof Uint8Array ? value : this.refuse(name, "bytes", value);
  }

  /** The 32 bytes of a SHA-256. */
  digest(name: string): Uint8Array {
    const value = this.#take(name);
    return value instanceof Uint8Array && value.length === 32
      ? value
      : this.refuse(name, "a digest of 32 bytes", value);
  }

  /** One of a closed set. */
  choice<Option extends string>(name: string, options: readonly Option[]): Option {
    const value = this.#take(name);
    return options.includes(value as Option)
      ? (value as Option)
      : this.refuse(name, `one of ${options.join(", ")}`, value);
  }

  /** A list of at most `maximum` members, each read by `read`. */
  list<Member>(name: string, maximum: number, read: (value: unknown, path: string) => Member): Member[] {
    const value = this.#take(name);
    if (!Array.isArray(value) || value.length > maximum)
      return this.refuse(name, `a list of at most ${maximum}`, value);
    return value.map((member: unknown, index) => read(member, `${this.#path}.${name}[${index}]`));
  }

  /** Another record inside this one. */
  fields(name: string): Fields {
    return new Fields(this.#take(name), `${this.#path}.${name}`);
  }

  /** Whatever plain data stands there; the codec has bounded it, or will. */
  plain(name: string): PlainValue {
    return this.#take(name) as PlainValue;
  }

  refuse(name: string, wanted: string, found: unknown): never {
    throw new WireError(`Cannot read ${this.#path}.${name}: wanted ${wanted}, found ${describe(found)}`);
  }

  #take(name: string): unknown {
    // Own fields only: a record that lacks "constructor" must not seem to have one.
    return Object.hasOwn(this.#record, name) ? this.#record[name] : undefined;
  }
}

export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" || typeof value === "boolean" || value === null) return `${value}`;
  if (typeof value === "string") {
    const count = countPoints(value);
    return count <= 32 ? `"${value}"` : `a text of ${count} characters`;
  }
  return Array.isArray(value) ? `a list of ${value.length}` : `a ${typeof value}`;
}
