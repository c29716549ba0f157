// How readings and events lie in storage.
//
//   mqtt/mark              a Mark, as CBOR
//   mqtt/event/<sequence>  an event as it was encoded
//   mqtt/telemetry/<first sequence>-<count>   so many readings, ascending: CBOR of [sequence, payload, sequence, payload …]
//
// Of readings in one record each after the first is written as what differs from the one before, where both have the same length:
// a list of [bytes that stay, bytes that change, these], under the negative of its sequence. Readings of one node are much alike, and a
// flash then holds twice as long an outage.
//
// Numbers in keys have 16 digits, so that keys stand in their order.

import { decode, encode } from "wire/cbor";
import { WireError } from "wire/error";
import { Fields } from "wire/shape";

/** Durable, and rewritten as a whole. */
export interface Mark {
  /** Numbers below have, or may have, been used. */
  telemetry: number;
  event: number;
  /** Events up to here, and batches of readings that begin up to here, are acknowledged. */
  sentEvent: number;
  sentTelemetry: number;
  /** Publications that gave way, in the life of this store. */
  dropped: number;
  /** How long the node has had power, in the life of this store. */
  poweredSeconds: number;
}

export interface StoredReading {
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** What a key says of its record; `count` 1 for an event. */
export interface StoredItem {
  readonly topic: "telemetry" | "event";
  readonly key: string;
  readonly first: number;
  readonly count: number;
  readonly bytes: number;
}

export const keyPrefix = "mqtt/";
export const markKey = "mqtt/mark";

export function firstMark(): Mark {
  return { telemetry: 1, event: 1, sentEvent: 0, sentTelemetry: 0, dropped: 0, poweredSeconds: 0 };
}

/** Throws a WireError when it is none. */
export function readMark(value: Uint8Array): Mark {
  const fields = new Fields(decode(value), "mark");
  return {
    telemetry: fields.count("telemetry"),
    event: fields.count("event"),
    sentEvent: fields.count("sentEvent"),
    sentTelemetry: fields.count("sentTelemetry"),
    dropped: fields.count("dropped"),
    poweredSeconds: fields.count("poweredSeconds"),
  };
}

export function itemOf(topic: "telemetry" | "event", first: number, count: number, valueBytes: number): StoredItem {
  const digits = `${first}`.padStart(16, "0");
  const key = topic === "event" ? `mqtt/event/${digits}` : `mqtt/telemetry/${digits}-${count}`;
  return { topic, key, first, count, bytes: valueBytes + recordBytes };
}

/** null: no such item. */
export function readItem(key: string, valueBytes: number): StoredItem | null {
  const [, topic, name = ""] = key.split("/");
  const [first = "", count = "1"] = name.split("-");
  return topic === "event" || topic === "telemetry" ? itemOf(topic, Number(first), Number(count), valueBytes) : null;
}

/** As many readings, from the first, as fit into one record. */
export function packReadings(
  readings: readonly StoredReading[],
  recordBytes: number,
): { readonly value: Uint8Array; readonly count: number } {
  const items: (number | Uint8Array)[] = [];
  let bytes = arrayHeadBytes;
  let count = 0;
  for (const { sequence, payload } of readings) {
    const before = readings[count - 1]?.payload;
    const difference = before?.length === payload.length ? diff(before, payload) : null;
    bytes += itemHeadBytes + (difference ?? payload).length;
    if (bytes > recordBytes) break;
    items.push(difference === null ? sequence : -sequence, difference ?? payload);
    count += 1;
  }
  return { value: encode(items), count };
}

/** Empty when it is none of ours: what else waits must not wait for it. */
export function unpackReadings(value: Uint8Array): StoredReading[] {
  const readings: StoredReading[] = [];
  try {
    const items = decode(value) as (number | Uint8Array)[];
    for (let index = 0; index < items.length; index += 2) {
      const sequence = items[index] as number;
      const bytes = items[index + 1] as Uint8Array;
      const before = readings.at(-1)?.payload ?? new Uint8Array(0);
      readings.push({ sequence: Math.abs(sequence), payload: sequence < 0 ? patch(before, bytes) : bytes });
    }
    return readings;
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}

function diff(before: Uint8Array, after: Uint8Array): Uint8Array {
  const list: number[] = [];
  for (let at = 0; at < after.length; ) {
    const from = at;
    while (at < after.length && at - from < 255 && after[at] === before[at]) at++;
    const changed = at;
    while (at < after.length && at - changed < 255 && after[at] !== before[at]) at++;
    list.push(changed - from, at - changed);
    for (let index = changed; index < at; index++) list.push(after[index] as number);
  }
  return Uint8Array.from(list);
}

function patch(before: Uint8Array, list: Uint8Array): Uint8Array {
  const after = before.slice();
  for (let read = 0, at = 0; read + 1 < list.length; ) {
    at += list[read] as number;
    const length = list[read + 1] as number;
    after.set(list.subarray(read + 2, read + 2 + length), at);
    at += length;
    read += 2 + length;
  }
  return after;
}

const arrayHeadBytes = 3;

/** Of a sequence and of the bytes behind it, at most. */
const itemHeadBytes = 12;

/** What a record costs beside its value: key and frame, in pages. */
const recordBytes = 96;
