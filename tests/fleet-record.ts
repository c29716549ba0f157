// What was heard of a fleet, whoever listened, read by cbor-x: nothing of wire/ stands between the nodes and what a test
// sees of them.

import { Decoder } from "cbor-x";

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
  readonly isHistorical: boolean;
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

const label = { baseName: -2, baseTime: -3, name: 0, unit: 1, value: 2, text: 3 };
const decoder = new Decoder({ mapsAsObjects: false });

export class FleetRecord {
  readonly heard: Heard[] = [];
  readonly #readings: HeardReading[] = [];
  readonly #waiting = new Set<() => void>();

  /** What is on no topic of a node is passed over. */
  hear(topic: string, payload: Uint8Array, isRetained: boolean, atMillis: number): void {
    const [root, version, site, name, kind] = topic.split("/");
    if (`${root}/${version}` !== "lugh/1" || kind === undefined) return;
    const heard = { node: `${site}/${name}`, kind, isRetained, atMillis, payload };
    this.heard.push(heard);
    if (kind === "telemetry") this.#readings.push(readPack(heard));
    for (const check of this.#waiting) check();
  }

  /** What came of a kind, of one node or of all. */
  of(kind: string, node?: string): Heard[] {
    return this.heard.filter((each) => each.kind === kind && (node === undefined || each.node === node));
  }

  /** CBOR maps as objects; for payloads whose keys are texts. */
  bodies<Body>(kind: string, node?: string): Body[] {
    return this.of(kind, node).map(({ payload, ...heard }) => ({ ...heard, ...(readObject(payload) as Body) }));
  }

  readings(node?: string): HeardReading[] {
    return this.#readings.filter((reading) => node === undefined || reading.node === node);
  }

  events(node?: string): HeardEvent[] {
    return this.of("event", node).map(({ node: name, payload }) => ({
      ...(readObject(payload) as HeardEvent),
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
}

/** CBOR of text keys as an object. */
export function readObject(payload: Uint8Array): unknown {
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
    isHistorical: header.get("historical") === true,
  };
}
