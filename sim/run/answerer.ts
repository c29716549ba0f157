// Who answers a call to a stand-in: the script; else a simulated device; else a person at the terminal; else nobody, and then
// it is refused, for an invented answer would be worse than none.

import type { Answering, Script } from "sim/run/answers";
import type { DeskClock } from "sim/run/desk-clock";
import type { SimulatedDevices } from "sim/run/devices";
import type { Wish } from "sim/worker";

export type Answerer = "script" | "device" | "person" | "nobody";

export interface Person {
  /** Whether the service may do it from now on. */
  permit(wish: Wish): Promise<boolean>;
  /** undefined: the person does not answer. */
  answer(channel: string, type: string, message: unknown): Promise<Answering | undefined>;
}

export interface Answered {
  readonly by: Answerer;
  readonly answering: Answering;
}

interface Parts {
  readonly script: Script;
  readonly devices: SimulatedDevices;
  readonly person: Person | undefined;
  readonly clock: DeskClock;
  /** Has the node's own clock stand still, or go on. */
  hold(isHeld: boolean): Promise<unknown>;
}

/** The error of the clock that a sample's time has. */
export const clockQualityMicros = 10_000;

export async function findAnswer(parts: Parts, channel: string, type: string, message: unknown): Promise<Answered> {
  const { script, devices, person, clock } = parts;
  const scripted = script.next(channel, type);
  if (scripted !== undefined) return { by: "script", answering: scripted };
  const sample = devices.read(channel, type, clock.utcMicros(), clockQualityMicros);
  if (sample !== undefined) return { by: "device", answering: { reply: sample } };
  const typed = person === undefined ? undefined : await askPerson(parts, () => person.answer(channel, type, message));
  if (typed !== undefined) return { by: "person", answering: typed };
  return { by: "nobody", answering: { refuse: "unavailable" } };
}

async function askPerson<Result>({ clock, hold }: Parts, question: () => Promise<Result>): Promise<Result> {
  if (!clock.isHeld) await hold(true);
  const answer = await clock.hold(question);
  if (!clock.isHeld) await hold(false);
  return answer;
}
