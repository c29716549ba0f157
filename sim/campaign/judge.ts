// Is what a target holds after trouble what it may hold? Everything acknowledged, and of what was under way all or nothing.

import type { Held } from "sim/campaign/target";

export type Verdict = "recovered" | "lost" | "half-visible";

export interface Expected {
  /** Everything acknowledged. */
  readonly held: Held;
  /** That with what was under way, and with what was answered by an error: nobody was told that it is there, or that it is not. */
  readonly others: readonly Held[];
}

export function isSame(one: Held, other: Held): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [key, value] of one) if (other.get(key) !== value) return false;
  return true;
}

/** The same text for what is the same. */
export function textOf(held: Held): string {
  return JSON.stringify([...held].sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function judge(found: Held, { held, others }: Expected): Verdict {
  const whole = [held, ...others];
  if (whole.some((each) => isSame(found, each))) return "recovered";
  const keys = new Set([...found.keys(), ...whole.flatMap((each) => [...each.keys()])]);
  const isMixed = [...keys].every((key) => whole.some((each) => found.get(key) === each.get(key)));
  return isMixed ? "half-visible" : "lost";
}

export function describeDifference(found: Held, { held }: Expected): string {
  const keys = [...new Set([...found.keys(), ...held.keys()])].filter((key) => found.get(key) !== held.get(key)).sort();
  const few = keys
    .slice(0, 3)
    .map((key) => `${key}: wanted ${held.get(key) ?? "none"}, found ${found.get(key) ?? "none"}`);
  return `${keys.length} keys differ from what was acknowledged (${few.join("; ")})`;
}
