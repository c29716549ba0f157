// Reads one MQTT 3.1.1 packet strictly: reserved bits, lengths to the byte, texts, identifiers. What the standard calls
// malformed throws a WireError, upon which the connection is to be closed (section 4.8).

import { WireError } from "wire/error";
import type { ConnectPacket, Message, Packet, PacketType, PublishPacket, Qos, SubscribePacket } from "wire/mqtt-packet";
import { packetTypes, prescribeFlags } from "wire/mqtt-packet";
import { isMqttText, isTopicFilter, isTopicName } from "wire/mqtt-text";
import { readUtf8 } from "wire/utf8";

/** The packet whose first byte is `firstByte` and whose body, behind the length, is `body`. */
export function decodePacket(firstByte: number, body: Uint8Array): Packet {
  const type = packetTypes[firstByte >> 4] ?? null;
  if (type === null) throw new WireError(`Cannot decode MQTT packet: wanted type 1 to 14, found ${firstByte >> 4}`, 0);
  const flags = firstByte & 0x0f;
  const reader = new BodyReader(type, body);
  if (type !== "publish" && flags !== prescribeFlags(type)) reader.refuse(`flags ${prescribeFlags(type)}`, `${flags}`);
  const packet = readBody(reader, type, flags);
  reader.end();
  return packet;
}

function readBody(reader: BodyReader, type: PacketType, flags: number): Packet {
  switch (type) {
    case "connect":
      return readConnect(reader);
    case "connack": {
      const acknowledge = reader.byte();
      const returnCode = reader.byte();
      if (acknowledge > 1 || returnCode > 5 || (acknowledge === 1 && returnCode > 0))
        reader.refuse("acknowledge flags and return code as in section 3.2.2", `${acknowledge} and ${returnCode}`);
      return { type, sessionPresent: acknowledge === 1, returnCode };
    }
    case "publish":
      return readPublish(reader, flags);
    case "puback":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
    case "unsuback":
      return { type, packetId: reader.packetId() };
    case "subscribe":
      return readSubscribe(reader);
    case "suback":
      return { type, packetId: reader.packetId(), returnCodes: readList(reader, readReturnCode) };
    case "unsubscribe":
      return { type, packetId: reader.packetId(), filters: readList(reader, readFilter) };
    case "pingreq":
    case "pingresp":
    case "disconnect":
      return { type };
  }
}

/** Section 3.1. */
function readConnect(reader: BodyReader): ConnectPacket {
  const name = reader.text();
  if (name !== "MQTT") reader.refuse('the protocol name "MQTT"', `"${name}"`);
  const protocolLevel = reader.byte();
  const flags = reader.byte();
  const hasWill = (flags & 0x04) !== 0;
  if ((flags & 0x01) !== 0) reader.refuse("the reserved connect flag clear", "it set");
  if (!hasWill && (flags & 0x38) !== 0) reader.refuse("no will QoS or retain without a will", "one");
  if ((flags & 0xc0) === 0x40) reader.refuse("a user name beside the password", "none");
  const keepAliveSeconds = reader.uint16();
  const clientId = reader.text();
  const will = hasWill ? readWill(reader, flags) : null;
  const userName = (flags & 0x80) !== 0 ? reader.text() : null;
  const password = (flags & 0x40) !== 0 ? reader.binary() : null;
  return {
    type: "connect",
    protocolLevel,
    clientId,
    cleanSession: (flags & 0x02) !== 0,
    keepAliveSeconds,
    will,
    userName,
    password,
  };
}

function readWill(reader: BodyReader, flags: number): Message {
  const topic = reader.topicName();
  return { topic, payload: reader.binary(), qos: reader.qos((flags >> 3) & 3), retain: (flags & 0x20) !== 0 };
}

/** Section 3.3. */
function readPublish(reader: BodyReader, flags: number): PublishPacket {
  const qos = reader.qos((flags >> 1) & 3);
  const duplicate = (flags & 8) !== 0;
  if (duplicate && qos === 0) reader.refuse("no DUP at QoS 0", "it");
  const topic = reader.topicName();
  const packetId = qos === 0 ? null : reader.packetId();
  return { type: "publish", topic, payload: reader.rest(), qos, retain: (flags & 1) !== 0, duplicate, packetId };
}

function readSubscribe(reader: BodyReader): SubscribePacket {
  const packetId = reader.packetId();
  const subscriptions = readList(reader, () => ({ filter: readFilter(reader), qos: reader.qos(reader.byte()) }));
  return { type: "subscribe", packetId, subscriptions };
}

/** At least one, up to the end of the packet. */
function readList<Member>(reader: BodyReader, read: (reader: BodyReader) => Member): Member[] {
  const members = [read(reader)];
  while (reader.remainingBytes > 0) members.push(read(reader));
  return members;
}

function readFilter(reader: BodyReader): string {
  const filter = reader.text();
  return isTopicFilter(filter) ? filter : reader.refuse("a topic filter", `"${filter}"`);
}

function readReturnCode(reader: BodyReader): number {
  const code = reader.byte();
  return code <= 2 || code === 0x80 ? code : reader.refuse("a return code of 0, 1, 2 or 128", `${code}`);
}

/** A cursor over the body of one packet. */
class BodyReader {
  readonly #type: PacketType;
  readonly #body: Uint8Array;
  #position = 0;

  constructor(type: PacketType, body: Uint8Array) {
    this.#type = type;
    this.#body = body;
  }

  get remainingBytes(): number {
    return this.#body.length - this.#position;
  }

  byte(): number {
    return this.#body[this.#take(1)] as number;
  }

  uint16(): number {
    const at = this.#take(2);
    return ((this.#body[at] as number) << 8) | (this.#body[at + 1] as number);
  }

  packetId(): number {
    const packetId = this.uint16();
    return packetId > 0 ? packetId : this.refuse("a packet identifier of 1 or more", "0");
  }

  qos(value: number): Qos {
    return value === 0 || value === 1 || value === 2 ? value : this.refuse("QoS 0, 1 or 2", `${value}`);
  }

  text(): string {
    const lengthBytes = this.uint16();
    const start = this.#take(lengthBytes);
    const text = readUtf8(this.#body, start, start + lengthBytes);
    return isMqttText(text) ? text : this.refuse("a text without control characters", "one");
  }

  topicName(): string {
    const topic = this.text();
    return isTopicName(topic) ? topic : this.refuse("a topic name", `"${topic}"`);
  }

  /** Bytes with their length before them, as a copy. */
  binary(): Uint8Array {
    const lengthBytes = this.uint16();
    const start = this.#take(lengthBytes);
    return this.#body.slice(start, start + lengthBytes);
  }

  /** Whatever is left, as a copy. */
  rest(): Uint8Array {
    return this.#body.slice(this.#take(this.remainingBytes));
  }

  end(): void {
    if (this.remainingBytes > 0) this.refuse("the end of the packet", `${this.remainingBytes} more bytes`);
  }

  refuse(wanted: string, found: string): never {
    throw new WireError(`Cannot decode ${this.#type.toUpperCase()}: wanted ${wanted}, found ${found}`, this.#position);
  }

  #take(lengthBytes: number): number {
    if (lengthBytes > this.remainingBytes) this.refuse(`${lengthBytes} more bytes`, `${this.remainingBytes}`);
    const start = this.#position;
    this.#position += lengthBytes;
    return start;
  }
}
