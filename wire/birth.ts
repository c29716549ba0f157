// How a node announces itself and its end. A birth and the will that becomes the death carry the session number of
// one connection; sessions of a node only grow, so that whoever comes late can tell which of the two is newer
// (`wire/liveness`). Both are retained.

import { decode, encode } from "wire/cbor";
import { metricsMaximum, sentenceLengthMaximum, servicesMaximum, wordLengthMaximum } from "wire/limits";
import { Fields } from "wire/shape";
import { checkName } from "wire/topics";

export interface ServiceVersion {
  readonly name: string;
  readonly version: string;
}

export interface Metric {
  /** Name of the record in telemetry: "u1". */
  readonly name: string;
  /** Unit registered for SenML: "V", "Hz"; "" for none. */
  readonly unit: string;
}

/** Topic kind "birth", retained, QoS 1: after every connect, before anything else. */
export interface Birth {
  /** Of this connection; larger than that of every connection of this node before. */
  readonly session: number;
  readonly node: string;
  readonly site: string;
  readonly model: string;
  readonly firmware: string;
  readonly engine: string;
  readonly timeMicros: number;
  readonly services: readonly ServiceVersion[];
  readonly metrics: readonly Metric[];
  /** Phase to neutral; limits of events are parts of it. */
  readonly declaredVolts: number;
  /** The node takes commands that change it without a signature; for simulators only. */
  readonly insecureCommands: boolean;
  /** Only what reaches the node and mends it runs. Absent in normal operation. */
  readonly isSafeMode?: true;
  /** Why; absent in normal operation, "" when nobody said. */
  readonly safeModeReason?: string;
}

/** Topic kind "death", retained, QoS 1: the will of that connection. */
export interface Death {
  readonly session: number;
}

/** Throws a WireError that names the field which is not as `Birth` says. */
export function encodeBirth(birth: Birth): Uint8Array {
  return encode(readBirth(birth));
}

export function decodeBirth(bytes: Uint8Array): Birth {
  return readBirth(decode(bytes));
}

export function encodeDeath(death: Death): Uint8Array {
  return encode(readDeath(death));
}

export function decodeDeath(bytes: Uint8Array): Death {
  return readDeath(decode(bytes));
}

function readBirth(value: unknown): Birth {
  const fields = new Fields(value, "birth");
  return {
    session: fields.count("session"),
    node: checkName("node", fields.text("node", wordLengthMaximum)),
    site: checkName("site", fields.text("site", wordLengthMaximum)),
    model: fields.text("model", wordLengthMaximum),
    firmware: fields.text("firmware", wordLengthMaximum),
    engine: fields.text("engine", wordLengthMaximum),
    timeMicros: fields.count("timeMicros"),
    services: fields.list("services", servicesMaximum, readService),
    metrics: fields.list("metrics", metricsMaximum, readMetric),
    declaredVolts: fields.number("declaredVolts"),
    insecureCommands: fields.boolean("insecureCommands"),
    ...(fields.has("isSafeMode") && fields.boolean("isSafeMode") ? { isSafeMode: true } : {}),
    ...(fields.has("safeModeReason") ? { safeModeReason: fields.text("safeModeReason", sentenceLengthMaximum) } : {}),
  };
}

function readService(value: unknown, path: string): ServiceVersion {
  const fields = new Fields(value, path);
  return { name: fields.text("name", wordLengthMaximum), version: fields.text("version", wordLengthMaximum) };
}

function readMetric(value: unknown, path: string): Metric {
  const fields = new Fields(value, path);
  return { name: fields.text("name", wordLengthMaximum), unit: fields.text("unit", wordLengthMaximum) };
}

function readDeath(value: unknown): Death {
  return { session: new Fields(value, "death").count("session") };
}
