// Puts together what a node answers each time it is asked for its last dispatches: what two answers have in common is taken
// once, and what happened between them and is in neither is a gap.

import type { TracedDispatch } from "wire/trace";

/** From the end of one dispatch to the start of another. */
export interface Gap {
  readonly startMicros: number;
  readonly endMicros: number;
  /** How many dispatches are not known; null when the node was started anew, and nobody knows. */
  readonly dispatches: number | null;
}

export class Recording {
  readonly dispatches: TracedDispatch[] = [];
  readonly gaps: Gap[] = [];
  #last: TracedDispatch | undefined;
  /** Makes the time of a node that was started anew go on from where it was. */
  #shiftMicros = 0;

  /** Dispatches known to be missing. */
  get lost(): number {
    return this.gaps.reduce((sum, { dispatches }) => sum + (dispatches ?? 0), 0);
  }

  /** `passedMicros`: since the answer before, on the clock of whoever asks. Answers how many dispatches were new. */
  add(answer: readonly TracedDispatch[], passedMicros: number): number {
    const last = this.#last;
    const newest = answer.at(-1);
    if (newest === undefined) return 0;
    const isRestarted = last !== undefined && (newest.timeMicros < last.timeMicros || ageOf(newest, last) < 0);
    const unseen = last === undefined || isRestarted ? answer : answer.filter((each) => ageOf(each, last) > 0);
    const [next] = unseen;
    if (next === undefined) return 0;
    if (last !== undefined) {
      const endMicros = endOf(last) + this.#shiftMicros;
      const missing = ageOf(next, last) - 1;
      if (isRestarted) {
        const spanMicros = endOf(newest) - next.timeMicros;
        this.#shiftMicros = endMicros + Math.max(0, passedMicros - spanMicros) - next.timeMicros;
      }
      if (isRestarted || missing > 0)
        this.gaps.push({
          startMicros: endMicros,
          endMicros: next.timeMicros + this.#shiftMicros,
          dispatches: isRestarted ? null : missing,
        });
    }
    for (const each of unseen) this.dispatches.push({ ...each, timeMicros: each.timeMicros + this.#shiftMicros });
    this.#last = newest;
    return unseen.length;
  }
}

/** How many dispatches one is after the other; negative: before. Numbers begin anew behind 2^32. */
function ageOf(dispatch: TracedDispatch, other: TracedDispatch): number {
  return (dispatch.sequence - other.sequence) | 0;
}

function endOf({ timeMicros, micros }: TracedDispatch): number {
  return timeMicros + micros;
}
