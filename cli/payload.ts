// What a payload says, in a form that can be printed: a value for JSON, and lines for people.

import { printable } from "cli/output";
import { formatMoment } from "cli/units";
import { formatBase64Url } from "wire/base64url";
import { decodeBirth, decodeDeath } from "wire/birth";
import { decode } from "wire/cbor";
import { diagnose } from "wire/cbor-diagnostic";
import { decodeCommand, decodeReply } from "wire/command";
import { WireError } from "wire/error";
import { decodeEvent } from "wire/event";
import { decodeFault } from "wire/fault";
import { decodeLog } from "wire/log";
import { decodeSenml, type SenmlRecord } from "wire/senml";
import { senmlFields } from "wire/senml-fields";
import { resolveSenml } from "wire/senml-resolve";
import { decodeState } from "wire/state";
import type { TopicKind } from "wire/topics";

export interface DecodedPayload {
  /** Ready for JSON: bytes are base64url. */
  readonly value: unknown;
  readonly lines: readonly string[];
}

/** Kinds whose payloads have a shape that is checked. An update's is not defined yet: it is shown as the CBOR it is. */
const shapes: { readonly [Kind in TopicKind]?: (bytes: Uint8Array) => unknown } = {
  birth: decodeBirth,
  death: decodeDeath,
  event: decodeEvent,
  fault: decodeFault,
  state: decodeState,
  log: decodeLog,
  command: decodeCommand,
  reply: decodeReply,
};

/** Throws a WireError when the bytes are not what the kind says; without a kind any CBOR will do. */
export function decodePayload(kind: TopicKind | undefined, bytes: Uint8Array, nowMillis: number): DecodedPayload {
  if (kind === "telemetry") return decodeMeasurements(bytes, nowMillis);
  const read = kind === undefined ? undefined : shapes[kind];
  const diagnostic = diagnose(bytes);
  return { value: read === undefined ? readAny(bytes, diagnostic) : jsonValue(read(bytes)), lines: [diagnostic] };
}

/**
 * SenML with base fields applied (RFC 8428 §4.6): each record then says everything about itself. Labels of ours that
 * stand for the whole pack (`seq`, `tq`) are in a record without a value, which resolution drops: they are shown apart.
 */
function decodeMeasurements(bytes: Uint8Array, nowMillis: number): DecodedPayload {
  const pack = decodeSenml(bytes);
  const records = resolveSenml(pack, nowMillis / 1000);
  const labels = Object.fromEntries(Object.entries(pack[0] ?? {}).filter(([label]) => !isSenmlLabel(label)));
  return {
    value: { labels: jsonValue(labels), records: records.map(jsonValue) },
    lines: [formatLabels(labels), ...records.map(formatRecord)],
  };
}

function isSenmlLabel(label: string): boolean {
  return senmlFields.some((field) => field.label === label);
}

function formatRecord(record: SenmlRecord): string {
  const { n, u, v, vs, vb, vd, s, t } = record;
  const value = vs ?? (vd === undefined ? (vb ?? v ?? `sum ${s}`) : formatBase64Url(vd));
  const moment = formatMoment(Math.round((t ?? 0) * 1e6));
  return [moment, printable(n ?? ""), printable(`${value}${u === undefined ? "" : ` ${u}`}`)].join("  ");
}

function formatLabels(labels: { readonly [label: string]: unknown }): string {
  return Object.entries(labels)
    .map(([label, value]) => printable(`${label}=${value}`))
    .join("  ");
}

/** Documents of others may hold what JSON and our own encoding do not know; their notation shows them still. */
function readAny(bytes: Uint8Array, diagnostic: string): unknown {
  try {
    return jsonValue(decode(bytes));
  } catch (error) {
    if (error instanceof WireError) return { diagnostic };
    throw error;
  }
}

/** Bytes as RFC 8949 §6.1 advises for JSON; other typed arrays as the numbers that they hold. */
function jsonValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return formatBase64Url(value);
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<number>)];
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, jsonValue(field)]));
}
