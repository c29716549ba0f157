// Reads CBOR heads one by one and judges only what makes input well-formed (RFC 8949 §3, Appendix F). What a document
// may contain beyond that is the business of its callers: the strict decoder of our own data and the tolerant one.

import { WireError } from "wire/error";
import { readHalf } from "wire/float16";
import { readUtf8 } from "wire/utf8";

export const majorUnsigned = 0;
export const majorNegative = 1;
export const majorBytes = 2;
export const majorText = 3;
export const majorArray = 4;
export const majorMap = 5;
export const majorTag = 6;
export const majorSimple = 7;

/** The low five bits of an initial byte that announce an indefinite length, or with major 7 the break. */
export const indefinite = 31;

/** A cursor over one document. The public fields describe the head read last. */
export class CborReader {
  readonly bytes: Uint8Array;
  position = 0;
  /** Where the head read last begins. */
  start = 0;
  major = 0;
  /** The low five bits: 24 to 27 say how many bytes the argument took. */
  information = 0;
  /** Exact up to 2^53; `argumentHigh` and `argumentLow` hold all 64 bits. */
  argument = 0;
  argumentHigh = 0;
  argumentLow = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remainingBytes(): number {
    return this.bytes.length - this.position;
  }

  readHead(): void {
    this.start = this.position;
    const initial = this.#take(1);
    const byte = this.bytes[initial] as number;
    this.major = byte >> 5;
    this.information = byte & 0x1f;
    this.argumentHigh = 0;
    switch (this.information) {
      case 24:
        this.argumentLow = this.bytes[this.#take(1)] as number;
        if (this.major === majorSimple && this.argumentLow < 32)
          this.refuse("a simple value of 32 or more", `${this.argumentLow}`);
        break;
      case 25:
        this.argumentLow = this.#view.getUint16(this.#take(2));
        break;
      case 26:
        this.argumentLow = this.#view.getUint32(this.#take(4));
        break;
      case 27:
        this.argumentHigh = this.#view.getUint32(this.#take(4));
        this.argumentLow = this.#view.getUint32(this.#take(4));
        break;
      case 28:
      case 29:
      case 30:
        this.refuse("additional information 0 to 27 or 31", `${this.information}`);
        break;
      case indefinite:
        if (this.major < majorBytes || this.major === majorTag) this.refuse("a definite head", "an indefinite one");
        this.argumentLow = 0;
        break;
      default:
        this.argumentLow = this.information;
    }
    this.argument = this.argumentHigh * 0x100000000 + this.argumentLow;
  }

  /** True for the `break` that ends an item of indefinite length. */
  get isBreak(): boolean {
    return this.major === majorSimple && this.information === indefinite;
  }

  /** The value of the float head read last (major 7, information 25 to 27). */
  get float(): number {
    if (this.information === 25) return readHalf(this.argumentLow);
    return this.information === 26 ? this.#view.getFloat32(this.start + 1) : this.#view.getFloat64(this.start + 1);
  }

  /** The text whose definite head was read last. */
  readText(): string {
    const start = this.#take(this.argument);
    return readUtf8(this.bytes, start, this.position);
  }

  /** A copy of the byte string whose definite head was read last. */
  readBytes(): Uint8Array {
    const start = this.#take(this.argument);
    return new Uint8Array(this.bytes.subarray(start, this.position));
  }

  /** Throws for the head read last. */
  refuse(wanted: string, found: string): never {
    throw new WireError(`Cannot decode CBOR at byte ${this.start}: wanted ${wanted}, found ${found}`, this.start);
  }

  /** Moves on by so many bytes and returns where they begin. Nothing is ever allocated for bytes that are not there. */
  #take(lengthBytes: number): number {
    if (lengthBytes > this.bytes.length - this.position)
      this.refuse(`${lengthBytes} more bytes`, `${this.bytes.length - this.position}`);
    const begin = this.position;
    this.position += lengthBytes;
    return begin;
  }
}
