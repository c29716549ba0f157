// The way of a publication through this service: taken, kept as its kind wants it, handed to the session, and let go of when
// the broker has it. The session holds what is in memory; the outbox what of that a fault must not lose; the backlog what storage
// holds.
//
// **What a power cut may cost.** No event: it is durable before it is accepted. Of readings those that the broker has not
// acknowledged and that were accepted in the last ten seconds: what waits longer than `keepAfterMicros` is stored at the next
// `keep`, which comes every `tendMillis`.

import type { Context } from "lughos";
import type { Numbers, Publication } from "services/api/publication";
import { openStorage } from "services/api/storage-client";
import { Backlog } from "services/mqtt/backlog";
import type { StoredReading } from "services/mqtt/backlog-record";
import { Losses } from "services/mqtt/losses";
import {
  type Entry,
  isNumberedTopic,
  type NumberedTopic,
  Outbox,
  type OutboxCopy,
  priorities,
  type UnstoredReading,
} from "services/mqtt/outbox";
import { type ResendRequest, type Resent, resend } from "services/mqtt/resend";
import { markHistorical } from "wire/historical";
import type { Publication as OnItsWay } from "wire/mqtt-queue";
import type { MqttSession } from "wire/mqtt-session";
import { buildTopic, type NodeName } from "wire/topics";

/** Between two looks at what waits. */
export const tendMillis = 5_000;

/** A reading that waited so long is stored. A broker that is there acknowledges within a second. */
const keepAfterMicros = 4_000_000;

/** What is said again, or comes from storage, waits in the session in such numbers only: news have the rest of its room. */
const saidMaximum = 64;

/** Committed. */
export interface PublicationsCopy {
  readonly outbox: OutboxCopy;
  /** The last number of each kind that was taken. */
  readonly taken: { readonly [Topic in NumberedTopic]: number };
}

/** What waits, beside what the session says. */
export interface PublicationFigures {
  readonly stored: number;
  readonly dropped: number;
  readonly poweredSeconds: number;
}

type Numbered = Publication & { readonly topic: NumberedTopic; readonly sequence: number };

export class Publications {
  readonly #name: NodeName;
  readonly #context: Context;
  readonly #session: MqttSession;
  readonly #outbox = new Outbox();
  readonly #backlog: Backlog;
  readonly #lost = new Losses();
  readonly #taken: { [Topic in NumberedTopic]: number };
  /** Storage that does not keep things is told of once, until it does. */
  #isTroubleTold = false;

  /** The session is made by `makeSession`, with what it asks for each payload that goes out. */
  constructor(
    name: NodeName,
    taken: PublicationsCopy["taken"],
    context: Context,
    makeSession: (payloadOf: (publication: OnItsWay) => Uint8Array) => MqttSession,
  ) {
    this.#name = name;
    this.#context = context;
    this.#taken = { ...taken };
    this.#backlog = new Backlog(openStorage(context));
    this.#session = makeSession((publication) => this.#payloadNow(publication));
  }

  get session(): MqttSession {
    return this.#session;
  }

  get figures(): PublicationFigures {
    const { waiting, dropped, poweredSeconds } = this.#backlog;
    return { stored: waiting, dropped, poweredSeconds };
  }

  /** Differs from the last copy. */
  get isChanged(): boolean {
    return this.#outbox.isChanged;
  }

  copy(): PublicationsCopy {
    return { outbox: this.#outbox.copy(), taken: { ...this.#taken } };
  }

  /** The last copy could not be committed. */
  uncopied(): void {
    this.#outbox.uncopied();
  }

  /** Goes on after a fault: what was not acknowledged is published again. */
  resume({ entries, left }: OutboxCopy): void {
    for (const { publication, sinceMicros } of entries)
      if (!this.#queue(publication, { sinceMicros })) this.#lose("found no room");
    const loss = left === 0 ? "" : `; ${left} more had no room in the copy and are lost`;
    this.#context.log("warning", `goes on after a fault with ${entries.length} unacknowledged publications${loss}`);
  }

  /** Looks at what storage has from before. */
  open(): Promise<void> {
    return this.#backlog.open(this.#clockSeconds());
  }

  async numbers(): Promise<Numbers | null> {
    await this.open();
    return this.#backlog.numbers(this.#clockSeconds());
  }

  /** False: it was not taken, and is counted as lost here. */
  async take(publication: Publication): Promise<boolean> {
    const { topic, sequence } = publication;
    if (sequence !== undefined && isNumberedTopic(topic))
      return this.#takeNumbered({ ...publication, topic, sequence });
    if (topic === "state") this.#withdrawState();
    return this.#queue(publication, {}) || this.#lose("found no room");
  }

  /** It was none. */
  refuse(): false {
    return this.#lose("was none");
  }

  /** They never came here. */
  lost(count: number): void {
    this.#backlog.countDropped(count);
    this.#tellLoss(count, "was lost before it was offered");
  }

  /** The broker has it. */
  acknowledge(token: number): void {
    const { topic, sequence } = this.#outbox.settle(token) ?? {};
    if (sequence !== undefined && isNumberedTopic(topic)) this.#backlog.acknowledged(topic, sequence);
  }

  /** It gave way in the session. */
  drop(token: number): void {
    this.#outbox.remove(token);
    this.#lose("gave way to others");
  }

  /** Storage was formatted. */
  async renew(): Promise<void> {
    await this.#backlog.renew(this.#clockSeconds());
    this.#tellTrouble();
  }

  /** Stores what has waited, and what the broker has acknowledged since. */
  async keep(): Promise<void> {
    await this.#backlog.reopen(this.#clockSeconds());
    await this.#keepReadings();
    await this.#backlog.settle(this.#uptimeSeconds());
    await this.#backlog.forget(this.#context.monotonicMicros(), this.#uptimeSeconds());
    this.#tellTrouble();
  }

  /** The next that waits in storage is handed to the session, which sends as fast as it can: news never wait behind it. */
  async sayNext(): Promise<boolean> {
    if (this.#session.status.phase !== "up" || this.#session.status.queued > 0) return false;
    const item = await this.#backlog.next();
    return item !== null && this.#say(item.topic, item);
  }

  resend(request: ResendRequest): Promise<Resent> {
    const { topic } = request;
    return resend(request, {
      find: async (sequence) =>
        this.#outbox.find(topic, sequence)?.payload ?? (await this.#backlog.find(topic, sequence)),
      say: (reading) => this.#say(topic, reading),
    });
  }

  /** A number that was taken before is the same publication, said again because our answer was lost. */
  async #takeNumbered(publication: Numbered): Promise<boolean> {
    const { topic, sequence, payload } = publication;
    if (sequence <= this.#taken[topic]) return true;
    await this.open();
    await this.#backlog.claim(topic, sequence, this.#uptimeSeconds());
    const isStored = topic === "event" && (await this.#backlog.keepEvent(sequence, payload, this.#uptimeSeconds()));
    this.#tellTrouble();
    const isQueued = this.#queue(publication, { isStored });
    if (!isQueued && !isStored) return this.#lose("found no room");
    if (!isQueued) this.#backlog.giveBack(sequence);
    this.#taken[topic] = sequence;
    return true;
  }

  /** Nobody wants to know how the node was before it is as it is now. */
  #withdrawState(): void {
    const waiting = new Set(this.#outbox.tokensOf("state"));
    for (const { token } of this.#session.withdraw(waiting)) this.#outbox.remove(token);
  }

  /** False: the session has no room for it. */
  #queue(publication: Publication, as: Partial<Omit<Entry, "publication">>): boolean {
    const { topic, payload, qos, retain } = publication;
    const token = this.#outbox.nextToken();
    const nowMicros = this.#context.monotonicMicros();
    const message = { topic: buildTopic(this.#name, topic), payload, qos, retain, priority: priorities[topic], token };
    this.#outbox.add(token, { publication, sinceMicros: nowMicros, isHistorical: false, isStored: false, ...as });
    if (this.#session.publish(message, nowMicros) === "queued") return true;
    this.#outbox.remove(token);
    return false;
  }

  /** Something from storage, or out of the ring. False: the session has enough. */
  #say(topic: NumberedTopic, { sequence, payload }: StoredReading): boolean {
    const publication: Publication = { topic, sequence, payload, qos: 1, retain: false };
    return (
      this.#session.status.queued < saidMaximum && this.#queue(publication, { isHistorical: true, isStored: true })
    );
  }

  /** As it goes out, also for the second time: what is no news any more says so. */
  #payloadNow({ token, payload }: OnItsWay): Uint8Array {
    const topic = this.#outbox.historicalTopic(token, this.#context.monotonicMicros());
    return topic === null ? payload : markHistorical(this.#name, topic, payload);
  }

  /** Once one has waited, all that wait go into as few records as possible. */
  async #keepReadings(): Promise<void> {
    const { dropped } = this.#backlog;
    let waiting = this.#outbox.unstoredReadings();
    if (this.#context.monotonicMicros() - (waiting[0]?.sinceMicros ?? Infinity) < keepAfterMicros) return;
    while (waiting.length > 0) {
      const count = await this.#backlog.keepReadings(waiting, this.#uptimeSeconds());
      if (count === 0) break;
      this.#leaveToStorage(waiting.slice(0, count));
      waiting = waiting.slice(count);
    }
    if (this.#backlog.dropped > dropped)
      this.#tellLoss(this.#backlog.dropped - dropped, "gave way to others in storage");
  }

  /** Stored readings leave the memory, unless they are on their way already. */
  #leaveToStorage(readings: readonly UnstoredReading[]): void {
    const tokens = new Set(readings.map(({ token }) => token));
    for (const { token } of this.#session.withdraw(tokens)) {
      this.#outbox.remove(token);
      tokens.delete(token);
    }
    for (const { token, sequence } of readings) {
      if (!tokens.has(token)) continue;
      this.#outbox.stored(token);
      this.#backlog.markAway(sequence);
    }
  }

  #lose(how: string): false {
    this.#backlog.countDropped(1);
    this.#tellLoss(1, how);
    return false;
  }

  /** Told once a minute at most, whatever was lost since. */
  #tellLoss(count: number, how: string): void {
    const untold = this.#lost.add(this.#context.monotonicMicros(), count);
    if (untold > 0) this.#context.log("warning", `lost ${untold} publications; the last one ${how}`);
  }

  #tellTrouble(): void {
    const { trouble } = this.#backlog;
    if (trouble !== null && !this.#isTroubleTold)
      this.#context.log("error", `what waits is in memory only: storage answers ${trouble.error}: ${trouble.message}`);
    this.#isTroubleTold = trouble !== null;
  }

  /** From which numbers go on that nobody remembers. */
  #clockSeconds(): number {
    return Math.max(1, Math.floor(this.#context.wallClock().micros / 1e6));
  }

  #uptimeSeconds(): number {
    return Math.floor(this.#context.monotonicMicros() / 1e6);
  }
}
