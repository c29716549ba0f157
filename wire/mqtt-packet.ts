// The control packets of MQTT 3.1.1 (OASIS standard, sections 2 and 3) as plain values, and their bytes.
// Both sides of the protocol are here: a node needs the client's, tests and listeners the server's.
// Reading is in `wire/mqtt-decode`, cutting a byte stream into packets in `wire/mqtt-stream`.

import { WireError } from "wire/error";
import { MqttWriter } from "wire/mqtt-writer";

export type Qos = 0 | 1 | 2;

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

export interface ConnectPacket {
  readonly type: "connect";
  /** 4 is MQTT 3.1.1. A server answers others with return code 1. */
  readonly protocolLevel: number;
  readonly clientId: string;
  readonly cleanSession: boolean;
  readonly keepAliveSeconds: number;
  readonly will: Message | null;
  readonly userName: string | null;
  /** Only beside a user name. */
  readonly password: Uint8Array | null;
}

export interface ConnackPacket {
  readonly type: "connack";
  readonly sessionPresent: boolean;
  /** 0 accepted; 1 protocol level, 2 client identifier, 3 unavailable, 4 user name or password, 5 not authorized. */
  readonly returnCode: number;
}

export interface PublishPacket extends Message {
  readonly type: "publish";
  readonly duplicate: boolean;
  /** null at QoS 0. */
  readonly packetId: number | null;
}

/** The packets that say nothing but which packet they answer. */
export interface AcknowledgementPacket {
  readonly type: "puback" | "pubrec" | "pubrel" | "pubcomp" | "unsuback";
  readonly packetId: number;
}

export interface Subscription {
  readonly filter: string;
  readonly qos: Qos;
}

export interface SubscribePacket {
  readonly type: "subscribe";
  readonly packetId: number;
  readonly subscriptions: readonly Subscription[];
}

export interface SubackPacket {
  readonly type: "suback";
  readonly packetId: number;
  /** For each subscription the granted QoS, or 0x80 for a refusal. */
  readonly returnCodes: readonly number[];
}

export interface UnsubscribePacket {
  readonly type: "unsubscribe";
  readonly packetId: number;
  readonly filters: readonly string[];
}

export interface BarePacket {
  readonly type: "pingreq" | "pingresp" | "disconnect";
}

export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AcknowledgementPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | BarePacket;

export type PacketType = Packet["type"];

/** In the order of the protocol's type numbers; 0 and 15 are forbidden. */
export const packetTypes: readonly (PacketType | null)[] = Object.freeze([
  null,
  "connect",
  "connack",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "subscribe",
  "suback",
  "unsubscribe",
  "unsuback",
  "pingreq",
  "pingresp",
  "disconnect",
  null,
] as const);

/** The flags that the standard prescribes for every packet but PUBLISH (Table 2.2). */
export function prescribeFlags(type: PacketType): number {
  return type === "pubrel" || type === "subscribe" || type === "unsubscribe" ? 2 : 0;
}

/** Throws a WireError for a topic, identifier or size that MQTT cannot carry. */
export function encodePacket(packet: Packet): Uint8Array {
  const writer = new MqttWriter();
  writeBody(writer, packet);
  const flags =
    packet.type === "publish" ? flagMessage(packet) | (packet.duplicate ? 8 : 0) : prescribeFlags(packet.type);
  return writer.finish((packetTypes.indexOf(packet.type) << 4) | flags);
}

function writeBody(writer: MqttWriter, packet: Packet): void {
  switch (packet.type) {
    case "connect":
      writeConnect(writer, packet);
      break;
    case "connack":
      writer.byte(packet.sessionPresent ? 1 : 0);
      writer.byte(packet.returnCode);
      break;
    case "publish":
      writer.topicName(packet.topic);
      if (packet.packetId !== null) writer.packetId(packet.packetId);
      if ((packet.qos === 0) !== (packet.packetId === null))
        throw new WireError(
          `Cannot encode PUBLISH: wanted a packet identifier above QoS 0 only, found ${packet.packetId} at QoS ${packet.qos}`,
        );
      writer.bytes(packet.payload);
      break;
    case "puback":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
    case "unsuback":
      writer.packetId(packet.packetId);
      break;
    case "subscribe":
      writer.packetId(packet.packetId);
      for (const { filter, qos } of packet.subscriptions) {
        writer.topicFilter(filter);
        writer.byte(qos);
      }
      break;
    case "suback":
      writer.packetId(packet.packetId);
      for (const code of packet.returnCodes) writer.byte(code);
      break;
    case "unsubscribe":
      writer.packetId(packet.packetId);
      for (const filter of packet.filters) writer.topicFilter(filter);
      break;
    case "pingreq":
    case "pingresp":
    case "disconnect":
      break;
  }
}

/** Section 3.1. */
function writeConnect(writer: MqttWriter, packet: ConnectPacket): void {
  const { will, userName, password } = packet;
  writer.text("MQTT");
  writer.byte(packet.protocolLevel);
  writer.byte(
    (userName === null ? 0 : 0x80) |
      (password === null ? 0 : 0x40) |
      (will === null ? 0 : 0x04 | ((will.qos << 3) | (will.retain ? 0x20 : 0))) |
      (packet.cleanSession ? 0x02 : 0),
  );
  writer.uint16(packet.keepAliveSeconds);
  writer.text(packet.clientId);
  if (will !== null) {
    writer.topicName(will.topic);
    writer.binary(will.payload);
  }
  if (userName !== null) writer.text(userName);
  if (password !== null) writer.binary(password);
}

function flagMessage(message: Message): number {
  return (message.qos << 1) | (message.retain ? 1 : 0);
}
