// What a campaign cuts the power of. A target opens what lies on a flash, does steps, and tells what it holds as keys and values;
// a step says beforehand what it will change. The judge needs no more than that, and knows nothing of the target's own ways.

import type { FlashGeometry } from "services/api/flash";
import type { Medium } from "services/storage/medium";

/** What is held, as text that can be compared. */
export type Held = ReadonlyMap<string, string>;

/** By key; null: it goes. */
export type Changing = ReadonlyMap<string, string | null>;

export interface Opened {
  /** Everything, read as a user would. */
  read(): Promise<Held>;
}

/** "refused": it changed nothing. "failed": the flash said so; it changed nothing, but may be there after the next start, wholly. */
export type Answer = "kept" | "refused" | "failed";

export interface Step<Program extends Opened> {
  /** Empty: nothing that can be seen. */
  readonly changes: Changing;
  perform(program: Program): Promise<Answer>;
}

export interface Scenario<Program extends Opened = Opened> {
  readonly name: string;
  readonly geometry: FlashGeometry;
  /** Done first, and not cut: a flash that has seen some years. */
  readonly before?: readonly Step<Program>[];
  readonly steps: readonly Step<Program>[];
  /** Done after a cut, before the second one and to see that life goes on. */
  readonly afterwards: readonly Step<Program>[];
  open(medium: Medium): Promise<Program>;
}

export function changed(held: Held, changes: Changing): Held {
  const next = new Map(held);
  for (const [key, value] of changes)
    if (value === null) next.delete(key);
    else next.set(key, value);
  return next;
}
