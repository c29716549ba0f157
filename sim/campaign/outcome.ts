// What a campaign counts, and the cases in which a promise broke.

export interface Violation {
  readonly scenario: string;
  /** What was done to the flash, as it is repeated: operation, point, what became of the un-synced, seed. */
  readonly cuts: readonly string[];
  /** "refused": the target asked the flash for what it refuses. "broken": it failed in a way that is no answer. */
  readonly kind: "lost" | "half-visible" | "unreadable" | "refused" | "broken";
  readonly what: string;
}

/** Every cut is one of the four last; "refused" and "broken" count as unreadable. */
export interface Tally {
  cuts: number;
  recovered: number;
  lost: number;
  halfVisible: number;
  unreadable: number;
}

export interface Outcome extends Tally {
  readonly scenario: string;
  operations: number;
  doubleCuts: number;
  /** Flashes that cuts left and that were not the same: each was tried once, and stands for all cuts that leave it. */
  distinct: number;
  readonly violations: Violation[];
}

export const noTally = (): Tally => ({ cuts: 0, recovered: 0, lost: 0, halfVisible: 0, unreadable: 0 });

export function noOutcome(scenario: string): Outcome {
  return { scenario, operations: 0, doubleCuts: 0, distinct: 0, ...noTally(), violations: [] };
}

export function count(tally: Tally, kind: Violation["kind"] | "recovered"): void {
  if (kind === "recovered") tally.recovered++;
  else if (kind === "lost") tally.lost++;
  else if (kind === "half-visible") tally.halfVisible++;
  else tally.unreadable++;
}

/** Those second cuts are counted as such, with what became of them. */
export function addSeconds(outcome: Outcome, { cuts, recovered, lost, halfVisible, unreadable }: Tally): void {
  outcome.doubleCuts += cuts;
  outcome.recovered += recovered;
  outcome.lost += lost;
  outcome.halfVisible += halfVisible;
  outcome.unreadable += unreadable;
}
