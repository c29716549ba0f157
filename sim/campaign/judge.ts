// Is what a target holds after a power cut what it may hold? Everything acknowledged, and of what was under way all or nothing.

import type { Changing, Held } from "sim/campaign/target";
import { changed } from "sim/campaign/target";

export type Verdict = "recovered" | "lost" | "half-visible";

export interface Expected {
  /** Everything acknowledged. */
  readonly held: Held;
  /** What was under way. */
  readonly pending: Changing | undefined;
}

export function isSame(one: Held, other: Held): boolean {
  if (one.size !== other.size) return false;
  for (const [key, value] of one) if (other.get(key) !== value) return false;
  return true;
}

export function judge(found: Held, { held, pending }: Expected): Verdict {
  if (isSame(found, held)) return "recovered";
  if (pending === undefined) return "lost";
  const whole = changed(held, pending);
  if (isSame(found, whole)) return "recovered";
  const keys = new Set([...found.keys(), ...held.keys(), ...whole.keys()]);
  const isMixed = [...keys].every((key) => found.get(key) === held.get(key) || found.get(key) === whole.get(key));
  return isMixed ? "half-visible" : "lost";
}

export function describeDifference(found: Held, { held }: Expected): string {
  const keys = [...new Set([...found.keys(), ...held.keys()])].filter((key) => found.get(key) !== held.get(key)).sort();
  const few = keys
    .slice(0, 3)
    .map((key) => `${key}: wanted ${held.get(key) ?? "none"}, found ${found.get(key) ?? "none"}`);
  return `${keys.length} keys differ from what was acknowledged (${few.join("; ")})`;
}
