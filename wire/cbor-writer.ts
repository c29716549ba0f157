// Writes CBOR items one by one, each in its only deterministic form (RFC 8949 §4.2.1): shortest heads, definite
// lengths, shortest float that holds the value. Order and uniqueness of map keys are the caller's business, which
// keeps this layer good enough for SenML's integer keys as well as for our own text keys.

import { WireError } from "wire/error";
import { narrowToHalf } from "wire/float16";
import type { NumberArray } from "wire/plain";
import { measureUtf8, writeUtf8 } from "wire/utf8";

const firstCapacityBytes = 256;

/** A growing buffer of CBOR items, of at most `limitBytes`. `where` names the item in hand for a refusal. */
export class CborWriter {
  #bytes = new Uint8Array(firstCapacityBytes);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #limitBytes: number;
  readonly #where: () => string;

  constructor(limitBytes: number, where: () => string) {
    this.#limitBytes = limitBytes;
    this.#where = where;
  }

  /** What was written so far, as a copy of exactly that length. */
  finish(): Uint8Array {
    if (this.#length > this.#limitBytes) this.#refuseLength();
    return this.#bytes.slice(0, this.#length);
  }

  openArray(count: number): void {
    this.#head(0x80, count);
  }

  /** `count` pairs of key and value follow. */
  openMap(count: number): void {
    this.#head(0xa0, count);
  }

  null(): void {
    this.#head(0xe0, 22);
  }

  boolean(value: boolean): void {
    this.#head(0xe0, value ? 21 : 20);
  }

  /** An integer where the value is one within ±(2^53 - 1), else a float; -0 is a float. */
  number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#float(value);
    else if (value >= 0) this.#head(0x00, value);
    else this.#head(0x20, -1 - value);
  }

  text(value: string): void {
    if (value.length > this.#limitBytes) this.#refuseLength();
    const lengthBytes = measureUtf8(value);
    if (lengthBytes < 0) throw new WireError(`Cannot encode ${this.#where()}: wanted Unicode, found a lone surrogate`);
    this.#head(0x60, lengthBytes);
    this.#reserve(lengthBytes);
    this.#length = writeUtf8(value, this.#bytes, this.#length);
  }

  byteString(value: Uint8Array): void {
    this.#head(0x40, value.byteLength);
    this.#reserve(value.byteLength);
    this.#bytes.set(value, this.#length);
    this.#length += value.byteLength;
  }

  /** Elements are little-endian, as every processor we run on has them in memory. */
  typedArray(tag: number, value: NumberArray): void {
    this.#head(0xc0, tag);
    this.byteString(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }

  /** RFC 8949 §3: initial byte and argument, in the fewest bytes. */
  #head(major: number, argument: number): void {
    this.#reserve(9);
    const view = this.#view;
    const at = this.#length;
    if (argument < 24) {
      this.#bytes[at] = major | argument;
      this.#length = at + 1;
    } else if (argument < 0x100) {
      this.#bytes[at] = major | 24;
      this.#bytes[at + 1] = argument;
      this.#length = at + 2;
    } else if (argument < 0x10000) {
      this.#bytes[at] = major | 25;
      view.setUint16(at + 1, argument);
      this.#length = at + 3;
    } else if (argument < 0x100000000) {
      this.#bytes[at] = major | 26;
      view.setUint32(at + 1, argument);
      this.#length = at + 5;
    } else {
      this.#bytes[at] = major | 27;
      view.setUint32(at + 1, Math.floor(argument / 0x100000000));
      view.setUint32(at + 5, argument % 0x100000000);
      this.#length = at + 9;
    }
  }

  #float(value: number): void {
    this.#reserve(9);
    const at = this.#length;
    const view = this.#view;
    if (Math.fround(value) === value) {
      view.setFloat32(at + 1, value);
      const half = narrowToHalf(view.getUint32(at + 1));
      if (half >= 0) view.setUint16(at + 1, half);
      this.#bytes[at] = half >= 0 ? 0xf9 : 0xfa;
      this.#length = at + (half >= 0 ? 3 : 5);
    } else if (Number.isNaN(value)) {
      this.#bytes[at] = 0xf9;
      view.setUint16(at + 1, 0x7e00);
      this.#length = at + 3;
    } else {
      this.#bytes[at] = 0xfb;
      view.setFloat64(at + 1, value);
      this.#length = at + 9;
    }
  }

  /** Capacity may pass the limit by the slack of one head; `finish` judges what was really written. */
  #reserve(moreBytes: number): void {
    const wanted = this.#length + moreBytes;
    if (wanted <= this.#bytes.length) return;
    if (wanted > this.#limitBytes + 9) this.#refuseLength();
    const larger = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  #refuseLength(): never {
    throw new WireError(`Cannot encode ${this.#where()}: wanted at most ${this.#limitBytes} bytes in all, found more`);
  }
}
