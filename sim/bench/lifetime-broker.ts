// The far end of a node's socket in virtual time: a broker that takes everything, and that cannot be reached while it is away.

import type { SocketBytes, SocketClose, SocketOpen } from "services/api/socket";
import { WireError } from "wire/error";
import { encodePacket, type Packet } from "wire/mqtt-packet";
import { PacketStream } from "wire/mqtt-stream";
import { parseTopic, type TopicKind } from "wire/topics";

/** Twice the largest that a node sends. */
const packetBytes = 131_072;

/** To the mqtt service of the node. */
export type Say = (type: "opened" | "received" | "closed", message: object) => Promise<unknown>;

export class LifetimeBroker {
  readonly #say: Say;
  readonly #take: (kind: TopicKind, payload: Uint8Array) => void;
  #isAway = false;
  #connection: number | null = null;
  #stream = new PacketStream(packetBytes);

  /** `take` hears what the node publishes. */
  constructor(say: Say, take: (kind: TopicKind, payload: Uint8Array) => void) {
    this.#say = say;
    this.#take = take;
  }

  async setAway(isAway: boolean): Promise<void> {
    this.#isAway = isAway;
    if (isAway) await this.#close("the broker is away");
  }

  /** What the node's socket was told. */
  async hear(type: string, message: unknown): Promise<void> {
    if (type === "open") await this.#open((message as SocketOpen).connection);
    if (type === "close" && (message as SocketClose).connection === this.#connection) await this.#close("closed");
    if (type === "write") await this.#read(message as SocketBytes);
  }

  async #open(connection: number): Promise<void> {
    this.#connection = connection;
    this.#stream = new PacketStream(packetBytes);
    if (this.#isAway) await this.#close("the broker is away");
    else await this.#say("opened", { connection });
  }

  async #close(reason: string): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null) await this.#say("closed", { connection, reason });
  }

  async #read({ connection, bytes }: SocketBytes): Promise<void> {
    if (connection !== this.#connection) return;
    this.#stream.push(bytes);
    for (let packet = this.#stream.take(); packet !== null; packet = this.#stream.take()) {
      const answer = packet.type === "oversized" ? null : this.#answer(packet);
      if (answer !== null) await this.#say("received", { connection, bytes: encodePacket(answer) });
    }
  }

  #answer(packet: Packet): Packet | null {
    switch (packet.type) {
      case "connect":
        return { type: "connack", sessionPresent: false, returnCode: 0 };
      case "subscribe":
        return { type: "suback", packetId: packet.packetId, returnCodes: packet.subscriptions.map(({ qos }) => qos) };
      case "publish":
        this.#take(parseTopic(packet.topic).kind, packet.payload);
        return packet.packetId === null ? null : { type: "puback", packetId: packet.packetId };
      case "pingreq":
        return { type: "pingresp" };
      case "disconnect":
        return null;
      default:
        throw new WireError(`Cannot serve ${packet.type}: wanted what a node sends`);
    }
  }
}
