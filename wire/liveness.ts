// Whether a node is alive, from what a listener hears on its topics. Pure: page, simulator and command line hold one
// state for each node, pass all they hear with their own clock, and ask when they show it.
//
// Births and deaths are retained and may come in any order, twice, or from a connection long past. Their session
// numbers decide: only the highest session counts, and a death ends only the session that it names. Telemetry has no
// session number; it keeps an announced node fresh and never brings a dead one back.

import type { TopicKind } from "wire/topics";

export interface Liveness {
  /** Highest session announced by a birth; -1 before the first. */
  readonly session: number;
  /** Highest session that a death has ended; -1 before the first. */
  readonly endedSession: number;
  /** When the node itself was last heard live, on the listener's clock; null: never. */
  readonly heardMicros: number | null;
}

/** `unknown`: no birth heard. `stale`: announced, not ended, but silent: its values are no longer current. */
export type LivenessStatus = "unknown" | "alive" | "stale" | "dead";

export interface Heard {
  readonly kind: TopicKind;
  /** The retain flag of the message as it came: the broker's memory, and no sign of life. */
  readonly isRetained: boolean;
  /** Of a birth or death; null for other kinds. */
  readonly session: number | null;
}

/** Telemetry comes every second; five missed in a row are no hiccup of the network any more. */
export const staleAfterMicros = 5_000_000;

/** Before anything was heard. */
export const unheard: Liveness = Object.freeze({ session: -1, endedSession: -1, heardMicros: null });

/** What is known after this message. `nowMicros` is any clock that never goes back, the same for `judgeLiveness`. */
export function hear(state: Liveness, heard: Heard, nowMicros: number): Liveness {
  return {
    session: heard.kind === "birth" ? Math.max(state.session, heard.session ?? -1) : state.session,
    endedSession: heard.kind === "death" ? Math.max(state.endedSession, heard.session ?? -1) : state.endedSession,
    heardMicros: isSignOfLife(state, heard) ? nowMicros : state.heardMicros,
  };
}

export function judgeLiveness(state: Liveness, nowMicros: number): LivenessStatus {
  if (state.session < 0) return "unknown";
  if (state.endedSession >= state.session) return "dead";
  return state.heardMicros === null || nowMicros - state.heardMicros > staleAfterMicros ? "stale" : "alive";
}

/** Deaths are sent by the broker, commands and updates by operators, and old births by nobody any more. */
function isSignOfLife(state: Liveness, heard: Heard): boolean {
  if (heard.isRetained) return false;
  switch (heard.kind) {
    case "death":
    case "command":
    case "update":
      return false;
    case "birth":
      return heard.session !== null && heard.session >= state.session;
    default:
      return true;
  }
}
