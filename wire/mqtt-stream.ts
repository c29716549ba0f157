// Cuts a stream of bytes into MQTT packets, however the network cut it before. Memory stays below twice the sum of one
// packet of the permitted size and one chunk: a length that is only announced allocates nothing.

import { WireError } from "wire/error";
import { decodePacket } from "wire/mqtt-decode";
import type { Packet } from "wire/mqtt-packet";

const firstCapacityBytes = 256;

const publishType = 3;

/** The topic name of a PUBLISH that is passed over has to be read to find its packet id; ours have 128 bytes at most. */
const passedTopicMaximumBytes = 1024;

/** A PUBLISH larger than the limit. Its bytes are let go as they come. */
export interface OversizedPublish {
  readonly type: "oversized";
  /** null at QoS 0. */
  readonly packetId: number | null;
  readonly lengthBytes: number;
}

/** Push what arrived, then take packets until there is none. After a WireError the stream cannot be read any further. */
export class PacketStream {
  readonly #limitBytes: number;
  #buffer = new Uint8Array(firstCapacityBytes);
  #start = 0;
  #end = 0;
  /** Of an oversized packet: bytes that are still to come and to be let go. */
  #passOverBytes = 0;

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
  take(): Packet | OversizedPublish | null {
    this.#passOver();
    const head = this.#readHead();
    if (head === null) return null;
    if (head.bodyLength > this.#limitBytes) return this.#takeOversized(head.bodyStart, head.bodyLength);
    if (this.#end - head.bodyStart < head.bodyLength) return null;
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
      const isPublish = (this.#buffer[this.#start] as number) >> 4 === publishType;
      if (bodyLength <= this.#limitBytes || isPublish) return { bodyStart: at + 1, bodyLength };
      throw new WireError(
        `Cannot read MQTT packet: wanted at most ${this.#limitBytes} bytes, found ${bodyLength} announced`,
        1,
      );
    }
    throw new WireError("Cannot read MQTT packet: wanted a length of four bytes at most, found a longer one", 4);
  }

  /** Whoever publishes too much must not keep us from the broker: it would send the same again at each connect. */
  #takeOversized(bodyStart: number, bodyLength: number): OversizedPublish | null {
    if (this.#end - bodyStart < 2) return null;
    const topicBytes = (this.#buffer[bodyStart] as number) * 256 + (this.#buffer[bodyStart + 1] as number);
    if (topicBytes > passedTopicMaximumBytes)
      throw new WireError(`Cannot read MQTT packet: wanted a topic of at most ${passedTopicMaximumBytes} bytes`, 2);
    const hasPacketId = (((this.#buffer[this.#start] as number) >> 1) & 3) !== 0;
    const idStart = bodyStart + 2 + topicBytes;
    if (this.#end < idStart + 2) return null;
    const packetId = (this.#buffer[idStart] as number) * 256 + (this.#buffer[idStart + 1] as number);
    this.#passOverBytes = bodyStart + bodyLength - this.#start;
    this.#passOver();
    return { type: "oversized", packetId: hasPacketId ? packetId : null, lengthBytes: bodyLength };
  }

  #passOver(): void {
    const passed = Math.min(this.#passOverBytes, this.#end - this.#start);
    this.#passOverBytes -= passed;
    this.#start += passed;
    if (this.#start === this.#end) this.#rewind();
  }

  /** Nothing waits any more, so what one large packet needed is given back. */
  #rewind(): void {
    this.#start = 0;
    this.#end = 0;
    if (this.#buffer.length > firstCapacityBytes * 16) this.#buffer = new Uint8Array(firstCapacityBytes);
  }
}
