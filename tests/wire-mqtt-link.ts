// An MQTT session with a network and a broker around it, both made of plain values: the test decides when bytes arrive,
// what the broker answers, when the link breaks and what time it is.

import type { Birth } from "wire/birth";
import { buildGreeting } from "wire/greeting";
import type { MqttAction, MqttSessionOptions } from "wire/mqtt-action";
import { encodePacket, type Packet, type PublishPacket } from "wire/mqtt-packet";
import type { Publication, PublishPriority } from "wire/mqtt-queue";
import { MqttSession } from "wire/mqtt-session";
import { PacketStream } from "wire/mqtt-stream";

export const second = 1_000_000;

/** Names its session in the payload, so that a test sees which connection spoke. */
export function bear(session: number): Birth {
  return {
    session,
    node: "node-1",
    site: "toledo",
    model: "test",
    firmware: "0",
    engine: "test",
    timeMicros: 0,
    services: [],
    metrics: [],
    declaredVolts: 230,
    insecureCommands: false,
  };
}

export function publication(token: number, change: Partial<Publication> = {}): Publication {
  return {
    topic: `t/${token}`,
    payload: new Uint8Array([token & 0xff]),
    qos: 1,
    retain: false,
    priority: "LOW" as PublishPriority,
    token,
    ...change,
  };
}

export class Link {
  readonly session: MqttSession;
  nowMicros = 0;
  /** Everything the session asked for, in order. */
  readonly actions: MqttAction[] = [];
  /** Packets that the session wrote on the present connection and that the broker has not looked at. */
  unread: Packet[] = [];
  connection = 0;
  wakeMicros = Infinity;
  #births = 0;
  #stream = new PacketStream(1_000_000);

  constructor(options: Partial<MqttSessionOptions> = {}, random: () => number = () => 0.5) {
    this.session = new MqttSession({ clientId: "node-1", keepAliveSeconds: 20, ...options }, random);
  }

  /** Starts, and lets the broker accept the first connection. */
  bringUp(): this {
    this.session.start(this.nowMicros);
    this.open();
    this.say({ type: "connack", sessionPresent: false, returnCode: 0 });
    return this;
  }

  /** The stream that the session asked for is open. */
  open(): void {
    this.#collect();
    this.#births += 1;
    this.session.opened(this.connection, buildGreeting(bear(this.#births)), this.nowMicros);
    this.#collect();
  }

  /** The broker says this. */
  say(packet: Packet): void {
    this.sayBytes(encodePacket(packet));
  }

  sayBytes(bytes: Uint8Array): void {
    this.session.received(this.connection, bytes, this.nowMicros);
    this.#collect();
  }

  /** The link breaks, and both ends see it. */
  drop(reason = "reset"): void {
    this.session.closed(this.connection, reason, this.nowMicros);
    this.#collect();
  }

  publish(what: Publication): "queued" | "full" {
    const answer = this.session.publish(what, this.nowMicros);
    this.#collect();
    return answer;
  }

  /** Time passes; ticks come when they were asked for. */
  pass(micros: number): void {
    const untilMicros = this.nowMicros + micros;
    this.#collect();
    while (this.wakeMicros <= untilMicros) {
      this.nowMicros = Math.max(this.nowMicros, this.wakeMicros);
      this.wakeMicros = Infinity;
      this.session.tick(this.nowMicros);
      this.#collect();
    }
    this.nowMicros = untilMicros;
  }

  /** Time passes until the session asks for a connection; answers how long that took. */
  passToNextAttempt(): number {
    const startMicros = this.nowMicros;
    const attempts = this.kinds("connect").length;
    while (this.kinds("connect").length === attempts) this.pass(100_000);
    return this.nowMicros - startMicros;
  }

  /** What the session wrote since the broker last looked. */
  read(): Packet[] {
    this.#collect();
    return this.unread.splice(0);
  }

  readPublications(): PublishPacket[] {
    return this.read().filter((packet): packet is PublishPacket => packet.type === "publish");
  }

  /** The broker acknowledges these publications. */
  acknowledge(packets: readonly PublishPacket[]): void {
    for (const { packetId } of packets) if (packetId !== null) this.say({ type: "puback", packetId });
  }

  kinds(kind: MqttAction["kind"]): MqttAction[] {
    this.#collect();
    return this.actions.filter((action) => action.kind === kind);
  }

  tokens(kind: "acknowledged" | "dropped"): number[] {
    return this.kinds(kind).map((action) => (action.kind === kind ? action.token : -1));
  }

  #collect(): void {
    for (const action of this.session.takeActions()) {
      this.actions.push(action);
      if (action.kind === "connect") this.#connect(action.connection);
      else if (action.kind === "write" && action.connection === this.connection) this.#write(action.bytes);
      else if (action.kind === "wake") this.wakeMicros = action.atMicros;
    }
  }

  #connect(connection: number): void {
    this.connection = connection;
    this.unread = [];
    this.#stream = new PacketStream(1_000_000);
  }

  #write(bytes: Uint8Array): void {
    this.#stream.push(bytes);
    for (let packet = this.#stream.take(); packet !== null; packet = this.#stream.take())
      if (packet.type === "oversized") throw new Error("wanted packets within the limit of the broker");
      else this.unread.push(packet);
  }
}
