// A live update: which moves may be made while the node runs, and in which order. Pure.

import type { WatchedServices } from "services/reincarnation/heartbeat";

export interface Move {
  readonly service: string;
  readonly module: string;
  /** Without the state of the version that runs. */
  readonly isAfresh?: boolean;
}

/** One that takes part in every update itself, and is replaced by a reboot. */
export function findStubborn(moves: readonly Move[], watched: WatchedServices): string | null {
  return moves.find(({ service }) => watched[service]?.needsReboot === true)?.service ?? null;
}

/** Callers before whom they call: a service that is held answers nobody. The table has no circle of calls. */
export function orderMoves(moves: readonly Move[], watched: WatchedServices): readonly Move[] {
  const ordered: Move[] = [];
  const reaches = (from: string, to: string): boolean =>
    (watched[from]?.calls ?? []).some((each) => each === to || reaches(each, to));
  for (const move of moves) {
    const at = ordered.findIndex(({ service }) => reaches(move.service, service));
    ordered.splice(at === -1 ? ordered.length : at, 0, move);
  }
  return ordered;
}
