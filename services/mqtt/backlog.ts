// What of readings and events lies in storage: events from before they are accepted, readings once they have waited. It knows
// which of it the broker has, how far numbers may have been used, and what gives way when there is no room.
//
// What was sent stays for a while, as a ring for who missed it, unless something else needs its room: first sent readings, then sent
// events, then the oldest readings that wait, which is a loss and counted. An event that waits gives way to nothing. What stays for
// ever would be copied by every compaction: a store that holds little wears little.

import type { Numbers } from "services/api/publication";
import type { StorageOperation } from "services/api/storage";
import { isPassing, type StorageClient, type StorageFailure } from "services/api/storage-client";
import {
  firstMark,
  itemOf,
  keyPrefix,
  type Mark,
  markKey,
  packReadings,
  readItem,
  readMark,
  type StoredItem,
  type StoredReading,
  unpackReadings,
} from "services/mqtt/backlog-record";
import type { NumberedTopic } from "services/mqtt/outbox";
import { encode } from "wire/cbor";

/** Numbers that are used up by a power cut, at most; each so many cost one small write. */
const numbersAhead = 20;

/** Of what storage has room for: the journal and other services want some too. */
const shareOfCapacity = 0.65;

/** How long what was sent stays: whoever reads along notices a gap at once, and whoever reads events the next morning. */
const sentMicros: { readonly [Topic in NumberedTopic]: number } = Object.freeze({
  telemetry: 900_000_000,
  event: 86_400_000_000,
});

/** Sent events that stay: more than a grid has in a bad week. */
const sentEventsMaximum = 64;

/** Records that one write removes: two for each that it adds would do, in the long run. */
const evictionsEach = 8;

/** So often storage is asked before numbers go on without it. */
const patientAttempts = 3;

export class Backlog {
  readonly #storage: StorageClient;
  #mark: Mark = firstMark();
  /** `poweredSeconds` of the mark that was found. */
  #poweredBefore = 0;
  #isOpen = false;
  #attempts = 0;
  #trouble: StorageFailure | null = null;
  #isMarkChanged = false;
  #limitBytes = 0;
  #recordBytes = 0;
  /** Oldest first, sent ones too. */
  #batches: StoredItem[] = [];
  #events: StoredItem[] = [];
  /** Events that wait, and were not given out since the start, oldest first. */
  #unsentEvents: number[] = [];
  /** Events that were given out, or came in, and are not acknowledged. */
  readonly #awaitedEvents = new Set<number>();
  /** The batch that is being given out: what of it is still to be given, and what is not acknowledged. */
  #current: StoredItem | null = null;
  #readings: StoredReading[] = [];
  readonly #awaited = new Set<number>();
  /** Readings of waiting batches that the session had taken before they were stored; of these, what was acknowledged since. */
  readonly #away = new Set<number>();
  readonly #settled = new Set<number>();
  /** By its key, since when an item is known to be sent. */
  readonly #sentSince = new Map<string, number>();

  constructor(storage: StorageClient) {
    this.#storage = storage;
  }

  /** Why the last thing was not kept; null while all is. */
  get trouble(): StorageFailure | null {
    return this.#trouble;
  }

  get dropped(): number {
    return this.#mark.dropped;
  }

  get poweredSeconds(): number {
    return this.#mark.poweredSeconds;
  }

  /** Readings and events that wait in storage, less those that the session has by now. */
  get waiting(): number {
    const unsent = this.#batches.filter((batch) => !this.#isSent(batch));
    const readings = unsent.reduce((sum, { count }) => sum + count, 0) - this.#away.size - this.#settled.size;
    const given = this.#current === null ? 0 : this.#current.count - this.#readings.length;
    return readings - given + this.#unsentEvents.length;
  }

  /** Looks at what is there. Where that failed before, it is for `reopen` to try again. */
  async open(clockSeconds: number): Promise<void> {
    if (this.#attempts === 0) await this.reopen(clockSeconds);
  }

  async reopen(clockSeconds: number): Promise<void> {
    if (this.#isOpen) return;
    this.#attempts += 1;
    // What could not be read and is there now was formatted.
    const isMended = this.#trouble !== null && !isPassing(this.#trouble);
    this.#trouble = (await this.#measure()) ?? (await this.#load());
    this.#isOpen = this.#trouble === null;
    if (this.#isOpen && isMended) await this.#goOnFrom(clockSeconds);
  }

  /** Storage was formatted: what lay there is gone. */
  async renew(clockSeconds: number): Promise<void> {
    this.#isOpen = false;
    await this.reopen(clockSeconds);
    if (this.#isOpen) await this.#goOnFrom(clockSeconds);
  }

  /** Which numbers were used before a format, only a clock can tell. */
  async #goOnFrom(clockSeconds: number): Promise<void> {
    const { telemetry, event } = this.#mark;
    const mark = { ...this.#mark, telemetry: Math.max(telemetry, clockSeconds), event: Math.max(event, clockSeconds) };
    await this.#write(mark, [], 0);
  }

  /** Where numbers go on; null while nobody can say. Without storage only a clock keeps them from being used again. */
  numbers(clockSeconds: number): Numbers | null {
    const { telemetry, event } = this.#mark;
    if (this.#isOpen) return { telemetry, event };
    if (this.#attempts < patientAttempts && (this.#trouble === null || isPassing(this.#trouble))) return null;
    return { telemetry: Math.max(telemetry, clockSeconds), event: Math.max(event, clockSeconds) };
  }

  /** No later start will use the number again. */
  async claim(topic: NumberedTopic, sequence: number, uptimeSeconds: number): Promise<void> {
    if (sequence < this.#mark[topic]) return;
    const claimed = { ...this.#mark, [topic]: sequence + numbersAhead };
    if (!(await this.#write(claimed, [], uptimeSeconds))) this.#mark[topic] = sequence + 1;
  }

  /** An event, before anybody is told that it was taken. False: it is not durable. */
  async keepEvent(sequence: number, payload: Uint8Array, uptimeSeconds: number): Promise<boolean> {
    const item = itemOf("event", sequence, 1, payload.length);
    if (!(await this.#keep(item, payload, uptimeSeconds))) return false;
    this.#awaitedEvents.add(sequence);
    return true;
  }

  /** It found no room on the way out: it is given out again later. */
  giveBack(event: number): void {
    this.#awaitedEvents.delete(event);
    this.#unsentEvents.push(event);
  }

  /** Readings, ascending, in one record. Answers how many of them, from the first, are durable now. */
  async keepReadings(readings: readonly StoredReading[], uptimeSeconds: number): Promise<number> {
    const { value, count } = packReadings(readings, this.#recordBytes);
    const item = itemOf("telemetry", readings[0]?.sequence ?? 0, count, value.length);
    return count > 0 && (await this.#keep(item, value, uptimeSeconds)) ? count : 0;
  }

  /** The session had taken this stored reading before, and will bring it to the broker itself. */
  markAway(sequence: number): void {
    this.#away.add(sequence);
  }

  /** The next that waits here and has not been given out: events first, then readings, oldest first; null: nothing does. */
  async next(): Promise<(StoredReading & { readonly topic: NumberedTopic }) | null> {
    return (await this.#nextEvent()) ?? (await this.#nextReading());
  }

  /** The broker has it. */
  acknowledged(topic: NumberedTopic, sequence: number): void {
    if (topic === "telemetry") {
      if (this.#awaited.delete(sequence)) this.#finishBatch();
      else if (this.#away.delete(sequence)) this.#settled.add(sequence);
    } else if (this.#awaitedEvents.delete(sequence)) {
      const lowest = Math.min(...this.#awaitedEvents, this.#unsentEvents[0] ?? Infinity);
      this.#advance("sentEvent", this.#events.filter(({ first }) => first < lowest).at(-1)?.first ?? 0);
    }
  }

  /** What lies here with this number, sent or not: for who missed it. */
  async find(topic: NumberedTopic, sequence: number): Promise<Uint8Array | null> {
    if (topic === "event") {
      const event = this.#events.find(({ first }) => first === sequence);
      return event === undefined ? null : this.#read(event);
    }
    const batch = this.#batches.filter(({ first }) => first <= sequence).at(-1);
    const readings = batch === undefined ? [] : unpackReadings((await this.#read(batch)) ?? new Uint8Array(0));
    return readings.find((each) => each.sequence === sequence)?.payload ?? null;
  }

  /** Makes durable what changed since the last write. */
  async settle(uptimeSeconds: number): Promise<void> {
    if (this.#isMarkChanged) await this.#write(this.#mark, [], uptimeSeconds);
  }

  /** Lets go of what was sent long ago, as much as one write takes. */
  async forget(nowMicros: number, uptimeSeconds: number): Promise<void> {
    const old = [...this.#batches, ...this.#events].filter((item) => this.#isOld(item, nowMicros));
    const victims = old.slice(0, evictionsEach);
    if (victims.length === 0) return;
    const removals = victims.map(({ key }) => ({ key, value: null }));
    if (await this.#write(this.#mark, removals, uptimeSeconds)) this.#remove(victims);
  }

  /** Losses elsewhere in the outbox, remembered with our own at the next write. */
  countDropped(count: number): void {
    this.#mark.dropped += count;
  }

  async #measure(): Promise<StorageFailure | null> {
    const status = await this.#storage.status();
    if (status.error !== undefined) return status;
    if (status.state !== "ready") return { error: status.state, message: status.reason };
    this.#recordBytes = status.valueBytes;
    const most = Math.floor(status.capacityBytes * shareOfCapacity);
    this.#limitBytes = status.quotaBytes === null ? most : Math.min(most, status.quotaBytes);
    return null;
  }

  async #load(): Promise<StorageFailure | null> {
    const found = await this.#storage.get(markKey);
    if (found.error !== undefined) return found;
    if (found.value !== null) this.#mark = readMark(found.value);
    this.#poweredBefore = this.#mark.poweredSeconds;
    const items: StoredItem[] = [];
    let after: string | undefined;
    for (let isComplete = false; !isComplete; ) {
      const page = await this.#storage.list(keyPrefix, after);
      if (page.error !== undefined) return page;
      for (const { key, value } of page.entries) items.push(...itemsOf(key, value.length));
      after = page.entries.at(-1)?.key;
      isComplete = page.isComplete || after === undefined;
    }
    this.#batches = items.filter(({ topic }) => topic === "telemetry");
    this.#events = items.filter(({ topic }) => topic === "event");
    this.#unsentEvents = this.#events.filter((event) => !this.#isSent(event)).map(({ first }) => first);
    return null;
  }

  #isSent({ topic, first }: StoredItem): boolean {
    return first <= (topic === "event" ? this.#mark.sentEvent : this.#mark.sentTelemetry);
  }

  #isOld(item: StoredItem, nowMicros: number): boolean {
    if (!this.#isSent(item)) return false;
    const since = this.#sentSince.get(item.key) ?? nowMicros;
    this.#sentSince.set(item.key, since);
    return nowMicros - since >= sentMicros[item.topic];
  }

  #remove(victims: readonly StoredItem[]): void {
    this.#batches = this.#batches.filter((each) => !victims.includes(each));
    this.#events = this.#events.filter((each) => !victims.includes(each));
    for (const { key } of victims) this.#sentSince.delete(key);
  }

  async #nextEvent(): Promise<(StoredReading & { readonly topic: "event" }) | null> {
    const sequence = this.#unsentEvents.shift();
    if (sequence === undefined) return null;
    const payload = await this.find("event", sequence);
    if (payload === null) return this.#nextEvent();
    this.#awaitedEvents.add(sequence);
    return { topic: "event", sequence, payload };
  }

  async #nextReading(): Promise<(StoredReading & { readonly topic: "telemetry" }) | null> {
    for (;;) {
      const reading = this.#readings.shift();
      if (reading === undefined && (this.#current !== null || !(await this.#openBatch()))) return null;
      if (reading === undefined || this.#settled.delete(reading.sequence)) {
        this.#finishBatch();
        continue;
      }
      this.#awaited.add(reading.sequence);
      if (!this.#away.delete(reading.sequence)) return { topic: "telemetry", ...reading };
    }
  }

  async #openBatch(): Promise<boolean> {
    const batch = this.#batches.find((each) => !this.#isSent(each));
    if (batch === undefined) return false;
    this.#readings = unpackReadings((await this.#read(batch)) ?? new Uint8Array(0));
    this.#current = batch;
    return true;
  }

  #finishBatch(): void {
    if (this.#current === null || this.#awaited.size > 0 || this.#readings.length > 0) return;
    this.#advance("sentTelemetry", this.#current.first);
    this.#current = null;
  }

  #advance(what: "sentEvent" | "sentTelemetry", to: number): void {
    if (to <= this.#mark[what]) return;
    this.#mark[what] = to;
    this.#isMarkChanged = true;
  }

  /** null also when it cannot be read any more: what else waits must not wait for it. */
  async #read({ key }: StoredItem): Promise<Uint8Array | null> {
    const found = await this.#storage.get(key);
    return found.error === undefined ? found.value : null;
  }

  async #keep(item: StoredItem, value: Uint8Array, uptimeSeconds: number): Promise<boolean> {
    const victims = this.#chooseVictims(item.bytes);
    const lost = victims.filter((each) => !this.#isSent(each) && each !== this.#current);
    const mark = { ...this.#mark, dropped: this.#mark.dropped + lost.reduce((sum, { count }) => sum + count, 0) };
    mark.sentTelemetry = Math.max(mark.sentTelemetry, ...lost.map(({ first }) => first));
    const removals = victims.map(({ key }) => ({ key, value: null }));
    if (!(await this.#write(mark, [...removals, { key: item.key, value }], uptimeSeconds))) return false;
    this.#remove(victims);
    (item.topic === "event" ? this.#events : this.#batches).push(item);
    for (const { first, count } of lost) this.#forget(first, count);
    return true;
  }

  /** Whatever of these numbers was still on the way to the broker is its session's alone. */
  #forget(first: number, count: number): void {
    for (let sequence = first; sequence < first + count; sequence++) {
      this.#away.delete(sequence);
      this.#settled.delete(sequence);
    }
  }

  /** In the order in which things give way; none of them an event that waits. */
  #chooseVictims(bytes: number): StoredItem[] {
    const sentEvents = this.#events.filter((event) => this.#isSent(event));
    const candidates = [
      ...this.#batches.filter((batch) => this.#isSent(batch)),
      ...sentEvents,
      ...this.#batches.filter((batch) => !this.#isSent(batch)),
    ];
    const victims = sentEvents.slice(0, Math.max(0, sentEvents.length - sentEventsMaximum)).slice(0, evictionsEach);
    const sum = (items: readonly StoredItem[]): number => items.reduce((total, item) => total + item.bytes, 0);
    let surplus = sum(this.#batches) + sum(this.#events) - sum(victims) + bytes - this.#limitBytes;
    for (const candidate of candidates) {
      if (surplus <= 0 || victims.length === evictionsEach) break;
      if (victims.includes(candidate)) continue;
      victims.push(candidate);
      surplus -= candidate.bytes;
    }
    return victims;
  }

  /** With the mark, always: one record more in a write costs less than a write more. */
  async #write(mark: Mark, operations: readonly StorageOperation[], uptimeSeconds: number): Promise<boolean> {
    if (!this.#isOpen) return false;
    const written = { ...mark, poweredSeconds: this.#poweredBefore + uptimeSeconds };
    const answer = await this.#storage.apply([...operations, { key: markKey, value: encode({ ...written }) }]);
    this.#trouble = answer.error === undefined ? null : answer;
    if (answer.error !== undefined) return false;
    this.#mark = written;
    this.#isMarkChanged = false;
    return true;
  }
}

function itemsOf(key: string, valueBytes: number): StoredItem[] {
  const item = readItem(key, valueBytes);
  return item === null ? [] : [item];
}
