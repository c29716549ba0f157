// The records of the journal as one list: what comes next in the chain, what stands open, and what may still be undone. Pure.

import type { Reversal } from "services/api/journal";
import type { Change, JournalRecord } from "wire/journal";
import { hashJournalRecord } from "wire/journal";

export class Chain {
  /** Oldest first. */
  readonly #records: JournalRecord[];
  readonly #before: number;
  #head: Uint8Array;

  /** `before`: numbers up to here may have been used by a journal that is gone. */
  constructor(records: readonly JournalRecord[], before: number) {
    this.#records = [...records];
    this.#before = before;
    const last = records.at(-1);
    this.#head = last === undefined ? new Uint8Array(32) : hashJournalRecord(last);
  }

  get head(): Uint8Array {
    return this.#head;
  }

  get length(): number {
    return this.#records.length;
  }

  get lastNumber(): number {
    return this.#records.at(-1)?.number ?? this.#before;
  }

  /** The first that is kept. */
  get oldest(): JournalRecord | undefined {
    return this.#records[0];
  }

  /** The change that was begun and is not over. */
  get open(): JournalRecord | null {
    const begun = this.#records.filter(({ kind }) => kind === "begun").at(-1);
    const isOver = this.#records.some(({ kind, entry }) => kind !== "begun" && entry === begun?.number);
    return begun === undefined || isOver ? null : begun;
  }

  /** What a change was to do; null: there is none of that number, or it is not kept any more. */
  changeOf(entry: number): Change | null {
    return this.#records.find(({ number }) => number === entry)?.change ?? null;
  }

  /** The last change of components that was made, of those before a number; 0: none that is kept. */
  lastSwap(before = Infinity): number {
    const swaps = this.#made().filter(({ number, change }) => number < before && change.order.operation === "swap");
    return swaps.at(-1)?.number ?? 0;
  }

  isUndone(entry: number): boolean {
    return this.#records.some((record) => record.entry === entry && record.kind === "undone");
  }

  after(number: number, most: number): JournalRecord[] {
    return this.#records.filter((record) => record.number > number).slice(0, most);
  }

  begun(change: Change, timeMicros: number): JournalRecord {
    const number = this.lastNumber + 1;
    return { number, timeMicros, kind: "begun", entry: number, change, reason: "", previous: this.#head };
  }

  over(entry: number, kind: "committed" | "undone", reason: string, timeMicros: number): JournalRecord {
    return { number: this.lastNumber + 1, timeMicros, kind, entry, change: null, reason, previous: this.#head };
  }

  /** It is durable; the oldest are not kept any more. */
  append(record: JournalRecord, dropped: number): void {
    this.#records.push(record);
    this.#records.splice(0, dropped);
    this.#head = hashJournalRecord(record);
  }

  /** How to undo a change, or why it cannot be; null: the last that was made and not undone. */
  reverse(entry: number | null): Reversal | { readonly error: string } {
    const made = this.#made();
    const undone = new Set(made.flatMap(({ change }) => (change.undoes === null ? [] : [change.undoes])));
    const wanted =
      entry === null
        ? made
            .filter(({ number, change }) => !undone.has(number) && change.undoes === null && change.reverse !== null)
            .at(-1)
        : made.find(({ number }) => number === entry);
    if (wanted === undefined)
      return { error: entry === null ? "there is no change to undo" : `there is no change ${entry} that was made` };
    const { number, change } = wanted;
    if (change.reverse === null) return { error: `nothing takes back change ${number}` };
    if (undone.has(number)) return { error: `change ${number} was undone before` };
    const later = made.find(
      (each) =>
        each.number > number &&
        !undone.has(each.number) &&
        (each.change.undoes === null || each.change.undoes < number) &&
        subjectsOf(each.change).some((subject) => subjectsOf(change).includes(subject)),
    );
    if (later !== undefined) return { error: `change ${later.number} stands on it; undo that one first` };
    return { entry: number, order: change.reverse, reverse: change.order };
  }

  /** Changes that were committed, and not taken back in the same breath. */
  #made(): { readonly number: number; readonly change: Change }[] {
    const committed = new Set(this.#records.filter(({ kind }) => kind === "committed").map(({ entry }) => entry));
    return this.#records.flatMap(({ number, change }) =>
      change !== null && committed.has(number) && !this.isUndone(number) ? [{ number, change }] : [],
    );
  }
}

/** What a change is about: two that share something must be undone in their order. */
function subjectsOf({ order: { operation, argument } }: Change): string[] {
  if (operation !== "swap") return Object.keys(argument).map((name) => `${operation} ${name}`);
  const moves = argument.moves as unknown as readonly { readonly service: string }[];
  return moves.map(({ service }) => `swap ${service}`);
}
