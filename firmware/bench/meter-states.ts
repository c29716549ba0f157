// The states of the eight versions of a meter, and the way from each to each: what an update of real firmware does to a
// service's memory. Version 6 has version 5's state and behaves differently.
//
//   1  the first                     2  a field added             3  one field split into two      4  fields renamed
//   5  a unit changed                6  (behaviour)               7  the protocol extended         8  everything nested

import type { Plain } from "lughos";

/** What every version knows, in its own way. */
export interface Knowledge {
  /** By stream: the number that comes next. */
  next: { [stream: string]: number };
  taken: number;
  sum: number;
  /** Numbers that never came to this version or one before it: how many, and their sum. */
  missing: number;
  missingSum: number;
  /** A unit in one version is not one in the next. */
  limitMillivolts: number;
  feeder: string;
  feederNumber: number;
  /** Where a fault was planted; "": nowhere. */
  planted: string;
}

export const firstKnowledge = (): Knowledge => ({
  next: {},
  taken: 0,
  sum: 0,
  missing: 0,
  missingSum: 0,
  limitMillivolts: 253_000,
  feeder: "north",
  feederNumber: 7,
  planted: "",
});

type Counts = Pick<Knowledge, "next" | "missing" | "missingSum" | "planted">;

interface First extends Counts {
  readonly taken: number;
  readonly sum: number;
  readonly limitVolts: number;
  readonly label: string;
}

interface Second extends First {
  readonly largest: number;
}

interface Third extends Omit<First, "label"> {
  readonly feeder: string;
  readonly feederNumber: number;
}

interface Fourth extends Omit<Third, "taken" | "sum"> {
  readonly count: number;
  readonly total: number;
}

interface Fifth extends Omit<Fourth, "limitVolts"> {
  readonly limitMillivolts: number;
}

interface Seventh extends Fifth {
  readonly tallies: number;
}

interface Eighth {
  readonly counts: Counts & { readonly taken: number; readonly sum: number };
  readonly place: { readonly feeder: string; readonly number: number };
  readonly limits: readonly number[];
}

function countsOf({ next, missing, missingSum, planted }: Counts): Counts {
  return { next: { ...next }, missing, missingSum, planted };
}

const millis = 1_000;

/** Of each schema: from its state to what it knows, and back. */
export interface Form {
  read(state: never): Knowledge;
  write(known: Knowledge): unknown;
}

const first: Form = Object.freeze({
  read({ taken, sum, limitVolts, label, ...counts }: First): Knowledge {
    const [feeder = "", number = ""] = label.split("/");
    const limitMillivolts = limitVolts * millis;
    return { ...countsOf(counts), taken, sum, limitMillivolts, feeder, feederNumber: Number(number) };
  },
  write: (known: Knowledge): First => ({
    ...countsOf(known),
    taken: known.taken,
    sum: known.sum,
    limitVolts: known.limitMillivolts / millis,
    label: `${known.feeder}/${known.feederNumber}`,
  }),
});

const second: Form = Object.freeze({
  read: first.read,
  write: (known: Knowledge): Second => ({
    ...(first.write(known) as First),
    largest: Object.values(known.next).reduce((most, next) => Math.max(most, next - 1), -1),
  }),
});

const third: Form = Object.freeze({
  read: ({ taken, sum, limitVolts, feeder, feederNumber, ...counts }: Third): Knowledge => ({
    ...countsOf(counts),
    taken,
    sum,
    limitMillivolts: limitVolts * millis,
    feeder,
    feederNumber,
  }),
  write({ taken, sum, limitMillivolts, feeder, feederNumber, ...counts }: Knowledge): Third {
    return { ...countsOf(counts), taken, sum, limitVolts: limitMillivolts / millis, feeder, feederNumber };
  },
});

const fourth: Form = Object.freeze({
  read: ({ count, total, ...rest }: Fourth): Knowledge => third.read({ ...rest, taken: count, sum: total } as never),
  write(known: Knowledge): Fourth {
    const { taken, sum, ...rest } = third.write(known) as Third;
    return { ...rest, count: taken, total: sum };
  },
});

const fifth: Form = Object.freeze({
  read: ({ limitMillivolts, ...rest }: Fifth): Knowledge => ({
    ...fourth.read({ ...rest, limitVolts: 0 } as never),
    limitMillivolts,
  }),
  write(known: Knowledge): Fifth {
    const { limitVolts: _limitVolts, ...rest } = fourth.write(known) as Fourth;
    return { ...rest, limitMillivolts: known.limitMillivolts };
  },
});

const seventh: Form = Object.freeze({
  read: fifth.read,
  write: (known: Knowledge): Seventh => ({ ...(fifth.write(known) as Fifth), tallies: 0 }),
});

const eighth: Form = Object.freeze({
  read: ({ counts, place, limits }: Eighth): Knowledge => ({
    ...countsOf(counts),
    taken: counts.taken,
    sum: counts.sum,
    limitMillivolts: limits[0] ?? 0,
    feeder: place.feeder,
    feederNumber: place.number,
  }),
  write: ({ taken, sum, limitMillivolts, feeder, feederNumber, ...counts }: Knowledge): Eighth => ({
    counts: { ...countsOf(counts), taken, sum },
    place: { feeder, number: feederNumber },
    limits: [limitMillivolts],
  }),
});

/** By schema. */
export const forms: { readonly [schema: number]: Form } = Object.freeze({
  1: first,
  2: second,
  3: third,
  4: fourth,
  5: fifth,
  7: seventh,
  8: eighth,
});

/** From a state of any schema to one of this; throws for a schema that is none. */
export function convert(state: Plain, from: number, to: number): unknown {
  const [source, target] = [forms[from], forms[to]];
  if (source === undefined || target === undefined) throw new TypeError(`wanted a known schema, found ${from}`);
  return target.write(source.read(state as never));
}
