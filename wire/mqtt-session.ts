// An MQTT 3.1.1 client without a socket and without a clock: it is told what happened and when, and says what to do.
// One session outlives its connections: what was published at QoS 1 is sent again, in order and marked as duplicate,
// until the broker has acknowledged it. (Neither client library at hand keeps QoS 1 across a reconnect as we need it.)
//
// After each connect, before anything else, goes the birth; the will of that connection is the matching death. Both
// come from the caller with each `opened`, so that they carry that connection's session number.
//
// Call a method for whatever happens, then carry out `takeActions()` in order. Times are microseconds of any clock that
// never goes back.

import { chooseBackoffMicros } from "wire/backoff";
import { WireError } from "wire/error";
import { type MqttLimits, mqttLimits, subscriptionsMaximum } from "wire/limits";
import type { Greeting, MqttAction, MqttSessionOptions, MqttSessionStatus, Phase } from "wire/mqtt-action";
import { Delivery } from "wire/mqtt-delivery";
import { KeepAlive } from "wire/mqtt-keep-alive";
import type { ConnackPacket, Packet, PublishPacket, SubackPacket, Subscription } from "wire/mqtt-packet";
import { encodePacket } from "wire/mqtt-packet";
import type { Publication } from "wire/mqtt-queue";
import { type OversizedPublish, PacketStream } from "wire/mqtt-stream";
import { isTopicFilter, isTopicName } from "wire/mqtt-text";

/** From the wish to connect to the broker's CONNACK. A mobile link takes three seconds to wake up. */
const connectTimeoutMicros = 10_000_000;

/** A connection that held so long shows that the broker is well: the next loss begins with the shortest back-off. */
const stableAfterMicros = 30_000_000;

const refusals: readonly string[] = Object.freeze([
  "accepted",
  "unacceptable protocol version",
  "identifier rejected",
  "server unavailable",
  "bad user name or password",
  "not authorized",
]);

export class MqttSession {
  readonly #options: MqttSessionOptions;
  readonly #limits: MqttLimits;
  readonly #random: () => number;
  readonly #delivery: Delivery;
  readonly #keepAlive: KeepAlive;
  readonly #subscriptions: Subscription[] = [];
  #asked: { readonly packetId: number; readonly subscriptions: readonly Subscription[] }[] = [];
  #actions: MqttAction[] = [];
  #phase: Phase = "stopped";
  #connection = 0;
  #greeting: Greeting | null = null;
  #stream: PacketStream;
  #failures = 0;
  #dropped = 0;
  /** When the next attempt is due (waiting), or when this one is given up (opening, greeting). */
  #dueMicros = 0;
  #upMicros = 0;
  #announcedWakeMicros = Infinity;

  /** `random` answers a number of 0 up to, not including, 1; it spreads a fleet's attempts to reconnect. */
  constructor(options: MqttSessionOptions, random: () => number) {
    if (!(options.keepAliveSeconds >= 1 && options.keepAliveSeconds <= 0xffff))
      throw new WireError(
        `Cannot make session: wanted a keep alive of 1 to 65535 s, found ${options.keepAliveSeconds}`,
      );
    this.#options = options;
    this.#limits = options.limits ?? mqttLimits;
    this.#random = random;
    this.#delivery = new Delivery(this.#limits, options.payloadOf);
    this.#keepAlive = new KeepAlive(options.keepAliveSeconds * 1e6);
    this.#stream = new PacketStream(this.#limits.incomingBytes);
  }

  /** What is to be done since the last call, in order. */
  takeActions(): MqttAction[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  get status(): MqttSessionStatus {
    return {
      phase: this.#phase,
      queued: this.#delivery.queued,
      inFlight: this.#delivery.inFlight,
      dropped: this.#dropped,
    };
  }

  start(nowMicros: number): void {
    if (this.#phase === "stopped") this.#connect(nowMicros);
    this.#planWake();
  }

  /** Says goodbye: publishes the will itself, which a DISCONNECT would make the broker forget. Nothing that waits is lost. */
  stop(nowMicros: number): void {
    if (this.#phase === "up" && this.#greeting !== null) {
      const { topic, payload, retain } = this.#greeting.will;
      this.#write({ type: "publish", topic, payload, qos: 0, retain, duplicate: false, packetId: null }, nowMicros);
      this.#write({ type: "disconnect" }, nowMicros);
    }
    if (this.#isConnected()) this.#actions.push({ kind: "disconnect", connection: this.#connection });
    this.#delivery.interrupt();
    this.#phase = "stopped";
  }

  /** The stream is open. */
  opened(connection: number, greeting: Greeting, nowMicros: number): void {
    if (connection !== this.#connection || this.#phase !== "opening") return;
    const { clientId, keepAliveSeconds, userName = null, password = null } = this.#options;
    this.#phase = "greeting";
    this.#greeting = greeting;
    this.#stream = new PacketStream(this.#limits.incomingBytes);
    this.#keepAlive.hear(nowMicros);
    this.#write(
      {
        type: "connect",
        protocolLevel: 4,
        clientId,
        cleanSession: false,
        keepAliveSeconds,
        will: greeting.will,
        userName,
        password,
      },
      nowMicros,
    );
    this.#planWake();
  }

  /** Bytes came on the stream. */
  received(connection: number, bytes: Uint8Array, nowMicros: number): void {
    if (connection !== this.#connection || !this.#isStreaming()) return;
    this.#keepAlive.hear(nowMicros);
    try {
      this.#stream.push(bytes);
      for (let packet = this.#stream.take(); packet !== null; packet = this.#stream.take()) {
        this.#receive(packet, nowMicros);
        if (!this.#isStreaming()) break;
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#lose(error.message, nowMicros);
    }
    this.#planWake();
  }

  /** The stream ended, or could not be opened. */
  closed(connection: number, reason: string, nowMicros: number): void {
    if (connection !== this.#connection || !this.#isConnected()) return;
    this.#wait(reason, nowMicros);
    this.#planWake();
  }

  /** "full": there is no room and nothing may give way; the publication stays with the caller. */
  publish(publication: Publication, nowMicros: number): "queued" | "full" {
    if (!isTopicName(publication.topic) || publication.payload.length > this.#limits.queuedBytes)
      throw new WireError(
        `Cannot publish: wanted a topic name and at most ${this.#limits.queuedBytes} bytes, found "${publication.topic}" and ${publication.payload.length}`,
      );
    const victims = this.#delivery.offer(publication);
    if (victims === null) return "full";
    this.#dropped += victims.length;
    for (const { token } of victims) this.#actions.push({ kind: "dropped", token });
    this.#pump(nowMicros);
    this.#planWake();
    return "queued";
  }

  /** Takes back what was published and not sent yet. Answers what of it there was; the rest is on its way. */
  withdraw(tokens: ReadonlySet<number>): Publication[] {
    return this.#delivery.withdraw(tokens);
  }

  /** From now on, and again after each connect. Messages arrive at QoS 1 at most, which is all that we take. */
  subscribe(filter: string, qos: 0 | 1, nowMicros: number): void {
    if (!isTopicFilter(filter) || this.#subscriptions.length === subscriptionsMaximum)
      throw new WireError(
        `Cannot subscribe: wanted at most ${subscriptionsMaximum} topic filters, found "${filter}" as another`,
      );
    const subscription = { filter, qos };
    this.#subscriptions.push(subscription);
    if (this.#phase === "up") this.#ask([subscription], nowMicros);
    this.#planWake();
  }

  /** The time of a `wake` came; earlier does no harm. */
  tick(nowMicros: number): void {
    this.#announcedWakeMicros = Infinity;
    if (this.#phase === "waiting" && nowMicros >= this.#dueMicros) this.#connect(nowMicros);
    else if (this.#phase === "up") this.#watch(nowMicros);
    else if (this.#isConnected() && nowMicros >= this.#dueMicros)
      this.#lose(`no answer within ${connectTimeoutMicros / 1e6} s`, nowMicros);
    this.#planWake();
  }

  #connect(nowMicros: number): void {
    this.#phase = "opening";
    this.#connection += 1;
    this.#dueMicros = nowMicros + connectTimeoutMicros;
    this.#actions.push({ kind: "connect", connection: this.#connection });
  }

  #receive(packet: Packet | OversizedPublish, nowMicros: number): void {
    if (this.#phase === "greeting") {
      if (packet.type === "connack") this.#greet(packet, nowMicros);
      else this.#lose(`wanted CONNACK, found ${packet.type.toUpperCase()}`, nowMicros);
      return;
    }
    switch (packet.type) {
      case "publish":
        this.#deliver(packet, nowMicros);
        break;
      case "oversized":
        // Acknowledged, or it would come again for ever.
        this.#actions.push({ kind: "passed", lengthBytes: packet.lengthBytes, limitBytes: this.#limits.incomingBytes });
        if (packet.packetId !== null) this.#write({ type: "puback", packetId: packet.packetId }, nowMicros);
        break;
      case "puback": {
        const token = this.#delivery.acknowledge(packet.packetId);
        if (token !== null) this.#actions.push({ kind: "acknowledged", token });
        this.#pump(nowMicros);
        break;
      }
      case "suback":
        this.#settle(packet, nowMicros);
        break;
      case "pingresp":
        break;
      default:
        this.#lose(`found ${packet.type.toUpperCase()}, which a server may not send now`, nowMicros);
    }
  }

  /** The broker accepted us: birth, then subscriptions, then what was not acknowledged, then what waits. */
  #greet(packet: ConnackPacket, nowMicros: number): void {
    if (packet.returnCode !== 0) {
      this.#lose(`refused: ${refusals[packet.returnCode]}`, nowMicros);
      return;
    }
    this.#phase = "up";
    this.#upMicros = nowMicros;
    this.#actions.push({ kind: "up", isSessionPresent: packet.sessionPresent });
    if (this.#greeting !== null) this.#write(this.#delivery.greet(this.#greeting.birth), nowMicros);
    if (this.#subscriptions.length > 0) this.#ask(this.#subscriptions.slice(), nowMicros);
    this.#pump(nowMicros);
  }

  /** QoS 1 promises at least once: a duplicate is delivered as one, and acknowledged again. */
  #deliver(packet: PublishPacket, nowMicros: number): void {
    if (packet.qos === 2) {
      this.#lose("found PUBLISH at QoS 2, which we never subscribed to", nowMicros);
      return;
    }
    const { topic, payload, retain, duplicate, packetId } = packet;
    this.#actions.push({ kind: "deliver", topic, payload, isRetained: retain, isDuplicate: duplicate });
    if (packetId !== null) this.#write({ type: "puback", packetId }, nowMicros);
  }

  #ask(subscriptions: readonly Subscription[], nowMicros: number): void {
    const packetId = this.#delivery.claimPacketId();
    this.#asked.push({ packetId, subscriptions });
    this.#write({ type: "subscribe", packetId, subscriptions }, nowMicros);
  }

  #settle(packet: SubackPacket, nowMicros: number): void {
    const asked = this.#asked.find(({ packetId }) => packetId === packet.packetId);
    if (asked === undefined || asked.subscriptions.length !== packet.returnCodes.length) {
      this.#lose("found SUBACK for no SUBSCRIBE of ours", nowMicros);
      return;
    }
    this.#asked = this.#asked.filter((other) => other !== asked);
    asked.subscriptions.forEach(({ filter }, index) => {
      if (packet.returnCodes[index] === 0x80) this.#actions.push({ kind: "refused", filter });
    });
  }

  #pump(nowMicros: number): void {
    if (this.#phase !== "up") return;
    for (let packet = this.#delivery.takeNext(); packet !== null; packet = this.#delivery.takeNext())
      this.#write(packet, nowMicros);
  }

  #watch(nowMicros: number): void {
    if (this.#keepAlive.isLost(nowMicros)) this.#lose("no sign of the broker within 1.5 x keep alive", nowMicros);
    else if (this.#keepAlive.isPingDue(nowMicros)) {
      this.#write({ type: "pingreq" }, nowMicros);
      this.#keepAlive.ping();
    }
  }

  #write(packet: Packet, nowMicros: number): void {
    this.#keepAlive.say(nowMicros);
    this.#actions.push({ kind: "write", connection: this.#connection, bytes: encodePacket(packet) });
  }

  #lose(reason: string, nowMicros: number): void {
    this.#actions.push({ kind: "disconnect", connection: this.#connection });
    this.#wait(reason, nowMicros);
  }

  #wait(reason: string, nowMicros: number): void {
    const wasStable = this.#phase === "up" && nowMicros - this.#upMicros >= stableAfterMicros;
    this.#dueMicros = nowMicros + chooseBackoffMicros(wasStable ? 0 : this.#failures, this.#random);
    this.#failures = wasStable ? 1 : this.#failures + 1;
    this.#phase = "waiting";
    this.#asked = [];
    this.#delivery.interrupt();
    this.#actions.push({ kind: "down", reason });
  }

  /** A stream is open or being opened. */
  #isConnected(): boolean {
    return this.#phase === "opening" || this.#isStreaming();
  }

  #isStreaming(): boolean {
    return this.#phase === "greeting" || this.#phase === "up";
  }

  /** A tick that comes too early does no harm, so a new one is asked for only when it must come sooner. */
  #planWake(): void {
    const wakeMicros = this.#nextWakeMicros();
    if (wakeMicros >= this.#announcedWakeMicros) return;
    this.#announcedWakeMicros = wakeMicros;
    this.#actions.push({ kind: "wake", atMicros: wakeMicros });
  }

  #nextWakeMicros(): number {
    if (this.#phase === "stopped") return Infinity;
    if (this.#phase !== "up") return this.#dueMicros;
    return this.#keepAlive.nextMicros;
  }
}
