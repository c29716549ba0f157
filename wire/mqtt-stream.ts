// Cuts a stream of bytes into MQTT packets, however the network cut it before. Memory stays below twice the sum of one
// packet of the permitted size and one chunk: a length that is only announced allocates nothing.

import { WireError } from "wire/error";
import { decodePacket } from "wire/mqtt-decode";
import type { Packet } from "wire/mqtt-packet";

const firstCapacityBytes = 256;

/** Push what arrived, then take packets until there is none. After a WireError the stream cannot be read any further. */
export class PacketStream {
  readonly #limitBytes: number;
  #buffer = new Uint8Array(firstCapacityBytes);
  #start = 0;
  #end = 0;

  /** `limitBytes` bounds the body of a packet, behind its length. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  push(chunk: Uint8Array): void {
    const waiting = this.#end - this.#start;
    if (this.#end + chunk.length > this.#buffer.length) {
      // Moving to the front only when half is free keeps the cost of single bytes linear.
      const isRoomy = waiting + chunk.length <= this.#buffer.length / 2;
      const target = isRoomy ? this.#buffer : new Uint8Array((waiting + chunk.length) * 2);
      target.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = target;
      this.#start = 0;
      this.#end = waiting;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The next whole packet; null until more bytes come. */
  take(): Packet | null {
    const head = this.#readHead();
    if (head === null || this.#end - head.bodyStart < head.bodyLength) return null;
    const firstByte = this.#buffer[this.#start] as number;
    const bodyEnd = head.bodyStart + head.bodyLength;
    const packet = decodePacket(firstByte, this.#buffer.subarray(head.bodyStart, bodyEnd));
    this.#start = bodyEnd;
    if (this.#start === this.#end) this.#rewind();
    return packet;
  }

  /** Section 2.2.3: seven bits a byte, four bytes at most; null while the length is not complete. */
  #readHead(): { bodyStart: number; bodyLength: number } | null {
    let bodyLength = 0;
    for (let index = 1; index <= 4; index++) {
      const at = this.#start + index;
      if (at >= this.#end) return null;
      const byte = this.#buffer[at] as number;
      bodyLength += (byte & 0x7f) * 128 ** (index - 1);
      if (byte >= 0x80) continue;
      if (bodyLength <= this.#limitBytes) return { bodyStart: at + 1, bodyLength };
      throw new WireError(
        `Cannot read MQTT packet: wanted at most ${this.#limitBytes} bytes, found ${bodyLength} announced`,
        1,
      );
    }
    throw new WireError("Cannot read MQTT packet: wanted a length of four bytes at most, found a longer one", 4);
  }

  /** Nothing waits any more, so what one large packet needed is given back. */
  #rewind(): void {
    this.#start = 0;
    this.#end = 0;
    if (this.#buffer.length > firstCapacityBytes * 16) this.#buffer = new Uint8Array(firstCapacityBytes);
  }
}
