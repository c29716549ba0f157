// Counts what is missing, doubled or out of order among messages that bear the numbers 0, 1, 2, … of their stream.

/** A number that was passed over is remembered, so that it can come late; of more than these the oldest are lost for good. */
const remembered = 1_000;

export interface Count {
  /** Numbers below `expected` that never came. */
  readonly lost: number;
  readonly duplicated: number;
  /** Came after a higher number. */
  readonly reordered: number;
  /** The number that comes next. */
  readonly expected: number;
}

export interface Tally {
  take(n: number): void;
  count(): Count;
}

export function createTally(): Tally {
  let expected = 0;
  let forgotten = 0;
  let duplicated = 0;
  let reordered = 0;
  let missing: number[] = [];

  function passOver(until: number): void {
    for (; expected < until; expected++) {
      missing.push(expected);
      if (missing.length <= remembered) continue;
      missing = missing.slice(1);
      forgotten++;
    }
  }

  return {
    take(n) {
      if (n >= expected) {
        passOver(n);
        expected = n + 1;
      } else if (missing.includes(n)) {
        missing = missing.filter((each) => each !== n);
        reordered++;
      } else duplicated++;
    },
    count: () => ({ lost: forgotten + missing.length, duplicated, reordered, expected }),
  };
}
