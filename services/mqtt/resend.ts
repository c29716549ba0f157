// Says again what somebody missed: readings or events by their numbers, as far as a ring or storage still has them. They go out
// on their topic, marked historical; the answer tells what is gone for good.

import type { StoredReading } from "services/mqtt/backlog-record";
import type { NumberedTopic } from "services/mqtt/outbox";
import { WireError } from "wire/error";
import { Fields } from "wire/shape";

/** Of one request: the rest is asked for with the next. */
const resentMaximum = 64;

export interface ResendRequest {
  readonly topic: NumberedTopic;
  readonly from: number;
  readonly to: number;
}

export interface Resent {
  readonly sent: number;
  /** Numbers that are gone, or were never used: first and last of each run. */
  readonly missing: readonly (readonly [number, number])[];
  /** Where to go on; null: that was all. */
  readonly next: number | null;
}

interface Parts {
  find(sequence: number): Promise<Uint8Array | null>;
  /** False: there is no room now. */
  say(reading: StoredReading): boolean;
}

const topics: readonly NumberedTopic[] = Object.freeze(["telemetry", "event"] as const);

/** The request, or what is wrong with it. */
export function readResend(request: unknown): ResendRequest | string {
  try {
    const fields = new Fields(request, "argument");
    const [from, to] = [fields.count("from"), fields.count("to")];
    if (from < 1 || to < from) fields.refuse("to", `a number from ${from} on, and from 1`, to);
    return { topic: fields.choice("topic", topics), from, to };
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
}

export async function resend({ from, to }: ResendRequest, { find, say }: Parts): Promise<Resent> {
  const missing: [number, number][] = [];
  let sent = 0;
  const last = Math.min(to, from + resentMaximum - 1);
  for (let sequence = from; sequence <= last; sequence++) {
    const payload = await find(sequence);
    if (payload === null) addTo(missing, sequence);
    else if (say({ sequence, payload })) sent += 1;
    else return { sent, missing, next: sequence };
  }
  return { sent, missing, next: last < to ? last + 1 : null };
}

function addTo(runs: [number, number][], sequence: number): void {
  const run = runs.at(-1);
  if (run?.[1] === sequence - 1) run[1] = sequence;
  else runs.push([sequence, sequence]);
}
