// The cuts that an operation of the flash can suffer: where in it, and what then becomes of what was not synced.

import type { Cut, CutPoint, FlashOperation, Unsynced } from "sim/campaign/flash-model";

export const points: readonly CutPoint[] = ["before", "first-half", "all-but-last", "some-bits", "unstable", "after"];

/** What may become of operations that no sync reached; where there are none it makes no difference. */
function waysOf(held: number, subsets: number): { readonly unsynced: Unsynced; readonly seed: number }[] {
  if (held === 0) return [{ unsynced: "kept", seed: 1 }];
  const seeds = Array.from({ length: subsets }, (_, seed) => ({ unsynced: "subset" as const, seed }));
  return [{ unsynced: "kept", seed: 0 }, { unsynced: "lost", seed: 0 }, { unsynced: "lost", seed: 1 }, ...seeds];
}

/** Of an erase alone the sixth point differs from the fourth, and a sync tears between operations. */
function pointsOf({ operation }: FlashOperation, held: number): readonly CutPoint[] {
  if (operation === "erase") return points;
  if (operation === "program") return points.filter((point) => point !== "unstable");
  return held === 0 ? ["after"] : ["first-half", "all-but-last", "after"];
}

/** With so many operations un-synced. Trouble is no operation: it is cut before and after, in those beside it. */
export function cutsOf(operation: FlashOperation, held: number, subsets: number): Cut[] {
  if (operation.operation === "drop" || operation.operation === "wear") return [];
  return pointsOf(operation, held).flatMap((point) =>
    waysOf(held, subsets).map((way) => ({ ...way, during: { operation, point } })),
  );
}

export function describeCut(number: number, { unsynced, seed, during }: Cut): string {
  return `${number} ${during?.operation.operation ?? ""} ${during?.point ?? ""}, un-synced ${unsynced}, seed ${seed}`;
}
