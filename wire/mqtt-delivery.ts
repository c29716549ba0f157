// The way out of a session: what waits, what is under way, and what must go again. Knows packet identifiers and the
// window, nothing of connections or time.

import { inFlightMaximum, type MqttLimits } from "wire/limits";
import type { Message, PublishPacket } from "wire/mqtt-packet";
import { type Publication, PublicationQueue } from "wire/mqtt-queue";

/** A QoS 1 publication that the broker has not acknowledged; without `publication` it is the birth. */
interface UnderWay {
  readonly packetId: number;
  readonly publication: Publication | null;
}

/** What goes out of a publication now: its payload, or what it has become since it was queued. */
export type PayloadOf = (publication: Publication) => Uint8Array;

export class Delivery {
  readonly #queue: PublicationQueue;
  readonly #payloadOf: PayloadOf;
  /** Sent on this connection, in order. */
  #underWay: UnderWay[] = [];
  /** Sent on an earlier connection and not yet on this one, in order: they go before everything that waits. */
  #again: UnderWay[] = [];
  #lastPacketId = 0;

  constructor(limits: MqttLimits, payloadOf: PayloadOf = ({ payload }) => payload) {
    this.#queue = new PublicationQueue(limits);
    this.#payloadOf = payloadOf;
  }

  get queued(): number {
    return this.#queue.length;
  }

  get inFlight(): number {
    return this.#underWay.length + this.#again.length;
  }

  /** Takes a publication in; answers what gave way for it, or null when there is no room. */
  offer(publication: Publication): Publication[] | null {
    return this.#queue.offer(publication);
  }

  /** Those of these that were not sent yet are ours no more. */
  withdraw(tokens: ReadonlySet<number>): Publication[] {
    return this.#queue.withdraw(tokens);
  }

  /** The birth of a new connection, ahead of everything. One that was not acknowledged in time is never sent again. */
  greet(birth: Message): PublishPacket {
    const packetId = birth.qos === 0 ? null : this.claimPacketId();
    if (packetId !== null) this.#underWay.push({ packetId, publication: null });
    return formPacket(birth, packetId, 0);
  }

  /** What may be sent now; null when nothing waits or the window is closed to it. */
  takeNext(): PublishPacket | null {
    const repeated = this.#again[0];
    if (repeated !== undefined) return this.#underWay.length < inFlightMaximum ? this.#repeat() : null;
    const publication = this.#queue.peek();
    if (publication === undefined) return null;
    const window = publication.priority === "HIGH" ? inFlightMaximum : inFlightMaximum - 1;
    if (publication.qos === 1 && this.#underWay.length >= window) return null;
    this.#queue.shift();
    const packetId = publication.qos === 0 ? null : this.claimPacketId();
    if (packetId !== null) this.#underWay.push({ packetId, publication });
    return this.#form(publication, packetId, 0);
  }

  /** The token of what the broker acknowledged; null for the birth and for identifiers that are not under way. */
  acknowledge(packetId: number): number | null {
    const index = this.#underWay.findIndex((sent) => sent.packetId === packetId);
    if (index < 0) return null;
    const [sent] = this.#underWay.splice(index, 1) as [UnderWay];
    return sent.publication === null ? null : sent.publication.token;
  }

  /** The connection is gone: all that it did not acknowledge goes again on the next, except its birth. */
  interrupt(): void {
    this.#again = this.#underWay.filter((sent) => sent.publication !== null).concat(this.#again);
    this.#underWay = [];
  }

  /** An identifier that nothing under way has. Subscriptions take theirs here too. */
  claimPacketId(): number {
    do {
      this.#lastPacketId = (this.#lastPacketId % 0xffff) + 1;
    } while (this.#isTaken(this.#lastPacketId));
    return this.#lastPacketId;
  }

  #repeat(): PublishPacket {
    const sent = this.#again.shift() as UnderWay;
    this.#underWay.push(sent);
    return this.#form(sent.publication as Publication, sent.packetId, 1);
  }

  #form(publication: Publication, packetId: number | null, repetition: 0 | 1): PublishPacket {
    return formPacket({ ...publication, payload: this.#payloadOf(publication) }, packetId, repetition);
  }

  #isTaken(packetId: number): boolean {
    const holdsIt = (sent: UnderWay): boolean => sent.packetId === packetId;
    return this.#underWay.some(holdsIt) || this.#again.some(holdsIt);
  }
}

function formPacket(message: Message, packetId: number | null, repetition: 0 | 1): PublishPacket {
  const { topic, payload, qos, retain } = message;
  return { type: "publish", topic, payload, qos, retain, duplicate: repetition === 1, packetId };
}
