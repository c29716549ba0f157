// Watches a fleet as a tool of somebody else would: through the client of `mqtt`, with bytes read and written by cbor-x.
// Nothing of wire/ stands between the nodes and what a test sees of them.

import { randomUUID } from "node:crypto";
import { Decoder, Encoder } from "cbor-x";
import mqtt, { type MqttClient } from "mqtt";

export interface Heard {
  /** `toledo/node-1` */
  readonly node: string;
  readonly kind: string;
  readonly isRetained: boolean;
  readonly atMillis: number;
  readonly payload: Uint8Array;
}

/** One telemetry pack: the labels of SenML by their numbers (RFC 8428 §6), base fields in the first record. */
export interface HeardReading {
  readonly node: string;
  readonly atMillis: number;
  readonly sequence: number;
  readonly timeSeconds: number;
  readonly timeQualityMicros: number;
  /** Time of day of the record: "12:33:20". */
  readonly recordTime: string;
  /** By name: u1 u2 u3 f, where they were measured. */
  readonly values: { readonly [name: string]: number };
  readonly units: { readonly [name: string]: string };
  readonly isFlagged: boolean;
}

export interface HeardEvent {
  readonly node: string;
  readonly kind: string;
  readonly phase: string;
  readonly id: number;
  readonly lines: readonly number[];
  readonly startMicros: number;
  readonly durationMicros: number | null;
  readonly extreme: number;
  readonly unit: string;
  readonly sequence: number;
}

export interface HeardReply {
  readonly requestId: string;
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly result?: { readonly services: readonly HeardService[] };
}

export interface HeardService {
  readonly name: string;
  readonly state: string;
  readonly generation: number;
  readonly restarts: number;
  readonly lastFault: string | null;
}

const label = { baseName: -2, baseTime: -3, name: 0, unit: 1, value: 2, text: 3 };
const decoder = new Decoder({ mapsAsObjects: false });
const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });

export class FleetObserver {
  readonly heard: Heard[] = [];
  readonly #client: MqttClient;
  readonly #waiting = new Set<() => void>();

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (topic, payload, packet) => {
      const [, , site, name, kind = ""] = topic.split("/");
      this.heard.push({ node: `${site}/${name}`, kind, isRetained: packet.retain, atMillis: Date.now(), payload });
      for (const check of this.#waiting) check();
    });
  }

  /** Hears all nodes, and first what the broker kept. */
  static async connect(port: number): Promise<FleetObserver> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0 });
    const observer = new FleetObserver(client);
    await client.subscribeAsync("lugh/1/#", { qos: 1 });
    return observer;
  }

  close(): Promise<void> {
    return this.#client.endAsync(true);
  }

  /** What came of a kind, of one node or of all. */
  of(kind: string, node?: string): Heard[] {
    return this.heard.filter((each) => each.kind === kind && (node === undefined || each.node === node));
  }

  /** CBOR maps as objects; for payloads whose keys are texts. */
  bodies<Body>(kind: string, node?: string): Body[] {
    return this.of(kind, node).map(({ payload, ...heard }) => ({ ...heard, ...(plain(payload) as Body) }));
  }

  readings(node?: string): HeardReading[] {
    return this.of("telemetry", node).map(readPack);
  }

  events(node?: string): HeardEvent[] {
    return this.of("event", node).map(({ node: name, payload }) => ({
      ...(plain(payload) as HeardEvent),
      node: name,
    }));
  }

  /** Answers as soon as what came makes it true. */
  async until(holds: () => boolean, withinMillis = 10_000): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (!holds()) return;
        settle();
        resolve();
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`waited ${withinMillis / 1000} s in vain for ${holds}`));
      }, withinMillis);
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
    });
  }

  publish(node: string, kind: string, payload: Uint8Array): Promise<unknown> {
    return this.#client.publishAsync(`lugh/1/${node}/${kind}`, Buffer.from(payload), { qos: 1 });
  }

  /** Sends a command and answers what the node replies. */
  async ask(node: string, operation: string, argument?: object): Promise<HeardReply> {
    const requestId = randomUUID();
    await this.publish(node, "command", encodeCommand({ requestId, operation, ...(argument && { argument }) }));
    const replies = (): HeardReply[] =>
      this.of("reply", node)
        .map(({ payload }) => plain(payload) as HeardReply)
        .filter((reply) => reply.requestId === requestId);
    await this.until(() => replies().length > 0);
    return replies()[0] as HeardReply;
  }

  async services(node: string): Promise<readonly HeardService[]> {
    return (await this.ask(node, "ps")).result?.services ?? [];
  }
}

/** Nodes take deterministic CBOR only (RFC 8949 §4.2.1): keys in the order of their bytes, so shorter ones first. */
export function encodeCommand(command: object): Uint8Array {
  return encoder.encode(inKeyOrder(command));
}

function inKeyOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => one.length - other.length || (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, inKeyOrder(each)]));
}

function plain(payload: Uint8Array): unknown {
  return asObjects(decoder.decode(payload));
}

/** Of 64 bits, cbor-x makes bigints; microseconds of UTC fit into a Number. */
function asObjects(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(asObjects);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, each]) => [String(key), asObjects(each)]));
}

function readPack({ node, atMillis, payload }: Heard): HeardReading {
  const pack = decoder.decode(payload) as Map<number | string, unknown>[];
  const [header, ...records] = pack as [Map<number | string, unknown>, ...Map<number | string, unknown>[]];
  if (header.get(label.baseName) !== `urn:lugh:${node.replace("/", ":")}:`)
    throw new Error(`${node} calls itself ${header.get(label.baseName)}`);
  const named = (key: number): [string, unknown][] =>
    records.filter((record) => record.has(key)).map((record) => [String(record.get(label.name)), record.get(key)]);
  const texts = Object.fromEntries(named(label.text)) as { [name: string]: string };
  return {
    node,
    atMillis,
    sequence: Number(header.get("seq")),
    timeSeconds: Number(header.get(label.baseTime)),
    timeQualityMicros: Number(header.get("tq")),
    recordTime: texts.worldTime?.slice(11, 19) ?? "",
    values: Object.fromEntries(named(label.value)) as { [name: string]: number },
    units: Object.fromEntries(named(label.unit)) as { [name: string]: string },
    isFlagged: header.get("flagged") === true,
  };
}
