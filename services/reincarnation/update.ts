// A live update: which moves may be made while the node runs, and in which order. Pure.

import type { WatchedServices } from "services/reincarnation/heartbeat";

export interface Move {
  readonly service: string;
  readonly module: string;
  /** Without the state of the version that runs. */
  readonly isAfresh?: boolean;
}

/** Why these moves cannot be made now; null: nothing speaks against them. */
export function refuseMoves(moves: readonly Move[], watched: WatchedServices): string | null {
  const stubborn = moves.find(({ service }) => watched[service]?.needsReboot === true);
  if (stubborn === undefined) return null;
  return `Cannot swap ${stubborn.service}: it takes part in every update itself; it is replaced by a reboot, from a release`;
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
