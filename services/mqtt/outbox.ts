// What was taken at QoS 1 and not acknowledged yet, kept beside the session so that a fault of this service does not lose
// it: a copy of it is committed, and a new start publishes it again. The broker may then see a publication twice, which
// QoS 1 allows, and never not at all without a word about it. What storage holds needs no copy.

import type { Publication } from "services/api/publication";
import type { PublishPriority } from "wire/mqtt-queue";

export const priorities: { readonly [Topic in Publication["topic"]]: PublishPriority } = Object.freeze({
  event: "HIGH",
  fault: "HIGH",
  telemetry: "MEDIUM",
  reply: "MEDIUM",
  state: "LOW",
  log: "LOW",
});

/** The topics whose publications are numbered, and kept in storage. */
export type NumberedTopic = "telemetry" | "event";

export function isNumberedTopic(topic: unknown): topic is NumberedTopic {
  return topic === "telemetry" || topic === "event";
}

/** Of one committed copy. Half of what a body may have, and a copy a second is then no burden on the pool. */
const copyMaximumBytes = 32_768;

/** What a publication costs beside its payload: a few short keys and values. */
const overheadBytes = 80;

/** What leaves later than this after it was measured is no news: pages call a node stale by then. */
const newsMicros = 5_000_000;

/** Acknowledged readings and events, for who missed them: a minute of readings, so that small nodes can afford it. */
const ringMaximum = 64;

export interface Entry {
  readonly publication: Publication;
  /** When it was taken. */
  readonly sinceMicros: number;
  /** It was measured before this start, or is said again. */
  readonly isHistorical: boolean;
  /** Storage holds it: a fault, and a power cut too, leave it there. */
  readonly isStored: boolean;
}

export interface UnstoredReading {
  readonly token: number;
  readonly sinceMicros: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** As committed. */
export interface OutboxCopy {
  readonly entries: readonly Pick<Entry, "publication" | "sinceMicros">[];
  /** Unacknowledged publications that did not fit in. */
  readonly left: number;
}

/** The kernel trusts no service, and neither do we: what is no publication is not worth a fault of ours. */
export function isPublication(body: unknown): body is Publication {
  if (typeof body !== "object" || body === null) return false;
  const { topic, payload, qos, retain, sequence = 1 } = body as Partial<Publication>;
  const isComplete = payload instanceof Uint8Array && (qos === 0 || qos === 1) && typeof retain === "boolean";
  const isNumber = Number.isSafeInteger(sequence) && sequence >= 1;
  return isComplete && isNumber && typeof topic === "string" && Object.hasOwn(priorities, topic);
}

export class Outbox {
  readonly #waiting = new Map<number, Entry>();
  /** Acknowledged and numbered, oldest first. */
  readonly #ring: Publication[] = [];
  #lastToken = 0;
  #isChanged = false;

  /** Differs from the last copy. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  nextToken(): number {
    this.#lastToken += 1;
    return this.#lastToken;
  }

  /** Taken by the session. At QoS 0 there is nothing to keep. */
  add(token: number, entry: Entry): void {
    if (entry.publication.qos === 0) return;
    this.#waiting.set(token, entry);
    this.#isChanged = true;
  }

  /** Given up, or safe elsewhere. */
  remove(token: number): void {
    if (this.#waiting.delete(token)) this.#isChanged = true;
  }

  /** Acknowledged by the broker: answers what it was. */
  settle(token: number): Publication | undefined {
    const entry = this.#waiting.get(token);
    this.remove(token);
    if (entry === undefined) return undefined;
    if (entry.publication.sequence !== undefined && !entry.isStored) this.#ring.push(entry.publication);
    if (this.#ring.length > ringMaximum) this.#ring.shift();
    return entry.publication;
  }

  /** Its topic when it is a report that is no news by now; else null. */
  historicalTopic(token: number, nowMicros: number): NumberedTopic | null {
    const entry = this.#waiting.get(token);
    if (entry === undefined || !isNumberedTopic(entry.publication.topic)) return null;
    return entry.isHistorical || nowMicros - entry.sinceMicros > newsMicros ? entry.publication.topic : null;
  }

  tokensOf(topic: Publication["topic"]): number[] {
    return [...this.#waiting].filter(([, { publication }]) => publication.topic === topic).map(([token]) => token);
  }

  /** Readings that nobody else holds, oldest first. */
  unstoredReadings(): UnstoredReading[] {
    const unstored: UnstoredReading[] = [];
    for (const [token, { publication, sinceMicros, isStored }] of this.#waiting)
      if (!isStored && publication.topic === "telemetry" && publication.sequence !== undefined)
        unstored.push({ token, sinceMicros, sequence: publication.sequence, payload: publication.payload });
    return unstored;
  }

  /** Storage has it now, too. */
  stored(token: number): void {
    const entry = this.#waiting.get(token);
    if (entry === undefined) return;
    this.#waiting.set(token, { ...entry, isStored: true });
    this.#isChanged = true;
  }

  /** Of what was acknowledged lately, or is not acknowledged yet, the publication with this number. */
  find(topic: NumberedTopic, sequence: number): Publication | undefined {
    const isIt = (each: Publication): boolean => each.topic === topic && each.sequence === sequence;
    return this.#ring.find(isIt) ?? [...this.#waiting.values()].map(({ publication }) => publication).find(isIt);
  }

  /** The last copy could not be committed. */
  uncopied(): void {
    this.#isChanged = true;
  }

  /** In the order of sending; where there is no room for all, the more urgent stay. */
  copy(): OutboxCopy {
    this.#isChanged = false;
    const wanted = [...this.#waiting].filter(([, { isStored }]) => !isStored);
    const kept = new Set<number>();
    let bytes = 0;
    for (const priority of ["HIGH", "MEDIUM", "LOW"])
      for (const [token, { publication }] of wanted) {
        const cost = publication.payload.length + overheadBytes;
        if (priorities[publication.topic] !== priority || bytes + cost > copyMaximumBytes) continue;
        bytes += cost;
        kept.add(token);
      }
    const entries = wanted
      .filter(([token]) => kept.has(token))
      .map(([, { publication, sinceMicros }]) => ({ publication, sinceMicros }));
    return { entries, left: wanted.length - entries.length };
  }
}
