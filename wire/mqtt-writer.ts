// Collects the body of one MQTT packet and puts the fixed header before it (MQTT 3.1.1, sections 1.5 and 2.2).

import { WireError } from "wire/error";
import { isMqttText, isTopicFilter, isTopicName, mqttTextMaximum } from "wire/mqtt-text";
import { measureUtf8, writeUtf8 } from "wire/utf8";

/** The largest body that four bytes of length can announce (section 2.2.3). */
const bodyMaximum = 268_435_455;

export class MqttWriter {
  #parts: Uint8Array[] = [];
  #lengthBytes = 0;

  byte(value: number): void {
    this.bytes(Uint8Array.of(value));
  }

  uint16(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff) this.#refuse("a number of two bytes", `${value}`);
    this.bytes(Uint8Array.of(value >> 8, value & 0xff));
  }

  packetId(value: number): void {
    if (value === 0) this.#refuse("a packet identifier of 1 to 65535", "0");
    this.uint16(value);
  }

  text(value: string): void {
    const lengthBytes = measureUtf8(value);
    if (lengthBytes < 0 || lengthBytes > mqttTextMaximum || !isMqttText(value))
      this.#refuse(`a text of at most ${mqttTextMaximum} bytes without control characters`, "another");
    this.uint16(lengthBytes);
    const bytes = new Uint8Array(lengthBytes);
    writeUtf8(value, bytes, 0);
    this.bytes(bytes);
  }

  topicName(value: string): void {
    if (!isTopicName(value)) this.#refuse("a topic name", `"${value}"`);
    this.text(value);
  }

  topicFilter(value: string): void {
    if (!isTopicFilter(value)) this.#refuse("a topic filter", `"${value}"`);
    this.text(value);
  }

  /** Bytes with their length before them. */
  binary(value: Uint8Array): void {
    this.uint16(value.length);
    this.bytes(value);
  }

  bytes(value: Uint8Array): void {
    this.#parts.push(value);
    this.#lengthBytes += value.length;
  }

  /** The whole packet. */
  finish(firstByte: number): Uint8Array {
    if (this.#lengthBytes > bodyMaximum)
      this.#refuse(`a packet of at most ${bodyMaximum} bytes`, `${this.#lengthBytes}`);
    const head = [firstByte];
    let left = this.#lengthBytes;
    do {
      head.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
      left >>= 7;
    } while (left > 0);
    const packet = new Uint8Array(head.length + this.#lengthBytes);
    packet.set(head);
    let offset = head.length;
    for (const part of this.#parts) {
      packet.set(part, offset);
      offset += part.length;
    }
    return packet;
  }

  #refuse(wanted: string, found: string): never {
    throw new WireError(`Cannot encode MQTT packet: wanted ${wanted}, found ${found}`);
  }
}
