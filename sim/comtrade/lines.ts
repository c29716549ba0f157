// The lines of a configuration, one after the other, each refused with its number when it is not what stands there.

import { decodeText } from "sim/comtrade/encoding";
import { type Part, quote, refuseLine } from "sim/comtrade/refusal";

export class Lines {
  readonly encoding: string;
  readonly #part: Part;
  readonly #lines: readonly string[];
  /** Of the line that was read last, from 1. */
  #number = 0;

  constructor(part: Part, encoding?: string) {
    const decoded = decodeText(part, encoding);
    this.encoding = decoded.encoding;
    this.#part = part;
    this.#lines = decoded.text.split(/\r\n|\n|\r/);
  }

  get isDone(): boolean {
    return this.#number >= this.#lines.length;
  }

  /** In the file, from 1: of the line that was read last. */
  get number(): number {
    return this.#part.firstLine + this.#number - 1;
  }

  /** The fields of the next line, without the blanks around them. */
  next(wanted: string): string[] {
    const line = this.#lines[this.#number++];
    if (line === undefined) return refuseLine(this.#part, this.#number, wanted, "the end of the configuration");
    return line.split(",").map((field) => field.trim());
  }

  /** About the line that was read last. */
  refuse(wanted: string, found: string): never {
    return refuseLine(this.#part, this.#number, wanted, found);
  }

  /** The line that was read last, for messages. */
  get quoted(): string {
    return quote(this.#lines[this.#number - 1] ?? "");
  }

  decimal(field: string | undefined, what: string): number {
    const value = parseNumber(field ?? "");
    return value ?? this.refuse(what, quote(field ?? ""));
  }

  integer(field: string | undefined, what: string, maximum: number): number {
    const value = /^\d{1,10}$/.test(field ?? "") ? Number(field) : -1;
    if (value >= 0 && value <= maximum) return value;
    return this.refuse(`${what}: a whole number up to ${maximum}`, quote(field ?? ""));
  }
}

/** A decimal number as COMTRADE writes them (`+000025`, `6.6E-05`); null when it is none, or beyond a double. */
export function parseNumber(field: string): number | null {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(field)) return null;
  const value = Number(field);
  return Number.isFinite(value) ? value : null;
}
