// What was taken at QoS 1 and not acknowledged yet, kept beside the session so that a fault of this service does not lose
// it: a copy of it is committed, and a new start publishes it again. The broker may then see a publication twice, which
// QoS 1 allows, and never not at all without a word about it.

import type { Publication } from "services/api/publication";
import type { PublishPriority } from "wire/mqtt-queue";

export const priorities: { readonly [Topic in Publication["topic"]]: PublishPriority } = Object.freeze({
  event: "HIGH",
  telemetry: "MEDIUM",
  reply: "MEDIUM",
  state: "LOW",
  log: "LOW",
});

/** Of one committed copy. Half of what a body may have, and a copy a second is then no burden on the pool. */
const copyMaximumBytes = 32_768;

/** What a publication costs beside its payload: four short keys and values. */
const overheadBytes = 64;

/** As committed. */
export interface OutboxCopy {
  readonly publications: readonly Publication[];
  /** Unacknowledged publications that did not fit in. */
  readonly left: number;
}

/** The kernel trusts no service, and neither do we: what is no publication is not worth a fault of ours. */
export function isPublication(body: unknown): body is Publication {
  if (typeof body !== "object" || body === null) return false;
  const { topic, payload, qos, retain } = body as Partial<Publication>;
  const isComplete = payload instanceof Uint8Array && (qos === 0 || qos === 1) && typeof retain === "boolean";
  return isComplete && typeof topic === "string" && Object.hasOwn(priorities, topic);
}

export class Outbox {
  readonly #waiting = new Map<number, Publication>();
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
  add(token: number, publication: Publication): void {
    if (publication.qos === 0) return;
    this.#waiting.set(token, publication);
    this.#isChanged = true;
  }

  /** Acknowledged by the broker, or given up. */
  remove(token: number): void {
    if (this.#waiting.delete(token)) this.#isChanged = true;
  }

  /** The last copy could not be committed. */
  uncopied(): void {
    this.#isChanged = true;
  }

  /** In the order of sending; where there is no room for all, the more urgent stay. */
  copy(): OutboxCopy {
    this.#isChanged = false;
    const kept = new Set<number>();
    let bytes = 0;
    for (const priority of ["HIGH", "MEDIUM", "LOW"])
      for (const [token, { topic, payload }] of this.#waiting) {
        const cost = payload.length + overheadBytes;
        if (priorities[topic] !== priority || bytes + cost > copyMaximumBytes) continue;
        bytes += cost;
        kept.add(token);
      }
    const publications = [...this.#waiting].filter(([token]) => kept.has(token)).map(([, publication]) => publication);
    return { publications, left: this.#waiting.size - kept.size };
  }
}
