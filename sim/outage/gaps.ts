// The consumer's side of a broker that loses what it acknowledged: numbers that are missing are asked for again (`resend`), over the
// same broker, until they came or their node says that it does not have them.

import { randomUUID } from "node:crypto";
import { decodeReply, encodeCommand } from "wire/command";
import { WireError } from "wire/error";
import { buildTopic, formatNodeName, type NodeName } from "wire/topics";

/** News come a second apart, and history behind them: what is missing for so long does not come by itself. */
const patienceMillis = 1_000;
/** Then the question, or its answer, went down with the broker. */
const answerMillis = 3_000;
/** Of one answer of a node. */
const askedEach = 64;

interface Asked {
  readonly requestId: string;
  readonly atMillis: number;
}

interface Consumed {
  readonly name: NodeName;
  highest: number;
  /** And since when. */
  readonly missing: Map<number, number>;
  /** Numbers that the node said it does not have, and when; UTC. */
  readonly gone: Map<number, number>;
  asked: Asked | null;
}

export type Publish = (topic: string, payload: Uint8Array) => void;

export class GapRequests {
  readonly #nodes = new Map<string, Consumed>();
  readonly #publish: Publish;
  #requests = 0;
  #filled = 0;

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Readings that came after they had been missing. */
  get filled(): number {
    return this.#filled;
  }

  /** Nothing is missing that its node might still have. */
  get isDone(): boolean {
    return [...this.#nodes.values()].every(({ missing }) => missing.size === 0);
  }

  /** When the node said that it does not have this number, in seconds of UTC; undefined: it did not. */
  goneSeconds(node: string, sequence: number): number | undefined {
    return this.#nodes.get(node)?.gone.get(sequence);
  }

  hearReading(name: NodeName, sequence: number, nowMillis: number): void {
    const key = formatNodeName(name);
    const node = this.#nodes.get(key) ?? { name, highest: sequence, missing: new Map(), gone: new Map(), asked: null };
    this.#nodes.set(key, node);
    if (node.missing.delete(sequence)) this.#filled += 1;
    node.gone.delete(sequence);
    for (let missing = node.highest + 1; missing < sequence; missing++) node.missing.set(missing, nowMillis);
    node.highest = Math.max(node.highest, sequence);
  }

  hearReply(name: string, payload: Uint8Array, nowMillis: number): void {
    const node = this.#nodes.get(name);
    const reply = readReply(payload);
    if (node?.asked == null || reply?.requestId !== node.asked.requestId) return;
    node.asked = null;
    for (const [first, last] of reply.missing)
      for (let sequence = first; sequence <= last; sequence++)
        if (node.missing.delete(sequence)) node.gone.set(sequence, nowMillis / 1000);
  }

  /** To be called again and again. */
  ask(nowMillis: number): void {
    for (const node of this.#nodes.values()) {
      if (node.asked !== null && nowMillis - node.asked.atMillis < answerMillis) continue;
      const due = [...node.missing].filter(([, sinceMillis]) => nowMillis - sinceMillis >= patienceMillis);
      const first = Math.min(...due.map(([sequence]) => sequence));
      if (due.length > 0) this.#askFor(node, first, nowMillis);
    }
  }

  #askFor(node: Consumed, first: number, nowMillis: number): void {
    let last = first;
    while (node.missing.has(last + 1) && last - first + 1 < askedEach) last++;
    const requestId = randomUUID();
    node.asked = { requestId, atMillis: nowMillis };
    this.#requests += 1;
    const argument = { topic: "telemetry", from: first, to: last };
    this.#publish(buildTopic(node.name, "command"), encodeCommand({ requestId, operation: "resend", argument }));
  }
}

function readReply(payload: Uint8Array): { requestId: string; missing: readonly (readonly [number, number])[] } | null {
  try {
    const reply = decodeReply(payload);
    if (!reply.ok) return { requestId: reply.requestId, missing: [] };
    const { missing } = reply.result as unknown as { readonly missing: readonly [number, number][] };
    return { requestId: reply.requestId, missing };
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
