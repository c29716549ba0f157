// The figures of one node at a moment, from its answer to "ps". The answer is another program's: it is read field by field.
// What counts, counts since the node started.

import { Failure } from "cli/failure";
import { WireError } from "wire/error";
import { servicesMaximum, wordLengthMaximum } from "wire/limits";
import { Fields, isCount } from "wire/shape";

export const levels = ["HIGH", "MEDIUM", "LOW"] as const;
export type Level = (typeof levels)[number];

/** Messages by how long they waited: element 0 those below 1 µs, element n those from 2^(n-1) to below 2^n µs. */
export type WaitCounts = readonly number[];

export interface ServiceSample {
  readonly name: string;
  readonly state: string;
  readonly restarts: number;
  readonly dispatches: number;
  readonly steps: number;
  readonly runMicros: number;
  readonly bytes: number;
  readonly queued: number;
}

export interface Sample {
  readonly uptimeMicros: number;
  readonly scheduler: string;
  /** Longest wait of a HIGH message since anybody asked. */
  readonly highWaitMicros: number;
  /** null: this node does not count them. */
  readonly waits: Readonly<Record<Level, WaitCounts>> | null;
  readonly services: readonly ServiceSample[];
}

/** More classes than a count of microseconds has bits mean nothing. */
const classesMaximum = 64;

export function readSample(node: string, result: unknown): Sample {
  try {
    const fields = new Fields(result, "ps");
    return {
      uptimeMicros: fields.count("uptimeMicros"),
      scheduler: fields.text("scheduler", wordLengthMaximum),
      highWaitMicros: fields.count("highWaitMicros"),
      waits: fields.has("waits") ? readWaits(fields.fields("waits")) : null,
      services: fields.list("services", servicesMaximum, readService),
    };
  } catch (error) {
    if (error instanceof WireError)
      throw new Failure("bad-reply", `Cannot read what ${node} answers: ${error.message}`);
    throw error;
  }
}

function readWaits(fields: Fields): Record<Level, WaitCounts> {
  const read = (level: Level): WaitCounts => fields.list(level, classesMaximum, readCount);
  return { HIGH: read("HIGH"), MEDIUM: read("MEDIUM"), LOW: read("LOW") };
}

function readCount(value: unknown, path: string): number {
  if (isCount(value)) return value;
  throw new WireError(`Cannot read ${path}: wanted an integer of 0 or more`);
}

function readService(value: unknown, path: string): ServiceSample {
  const fields = new Fields(value, path);
  return {
    name: fields.text("name", wordLengthMaximum),
    state: fields.text("state", wordLengthMaximum),
    restarts: fields.count("restarts"),
    dispatches: fields.count("dispatches"),
    steps: fields.count("steps"),
    runMicros: fields.count("runMicros"),
    bytes: fields.count("bytes"),
    queued: fields.count("queued"),
  };
}
