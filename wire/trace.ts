// What a node did last, dispatch by dispatch: the result of the command "trace". It is written column by column, with each
// word once: as maps, sixty dispatches took the service "command" 1,700,000 steps to write, so 125,000, and who watches a
// node should not be what keeps it busy.

import { WireError } from "wire/error";
import { tracedDispatchesMaximum, wordLengthMaximum } from "wire/limits";
import type { PlainRecord } from "wire/plain";
import { Fields } from "wire/shape";

/** One message given to a service, or its start (services/api/kernel, Dispatch). */
export interface TracedDispatch {
  /** Counts dispatches since the node started, modulo 2^32. */
  readonly sequence: number;
  /** Since the node started. */
  readonly timeMicros: number;
  /** How long it ran. */
  readonly micros: number;
  /** Steps of the meter. */
  readonly steps: number;
  readonly service: string;
  readonly kind: string;
  /** "" for a start. */
  readonly type: string;
  readonly sender: string | null;
  readonly priority: string;
  readonly outcome: string;
}

const wordColumns = Object.freeze(["service", "kind", "type", "sender", "priority", "outcome"] as const);
type WordColumn = (typeof wordColumns)[number];

/** No sender. */
const noWord = 0xffff;
const sequences = 2 ** 32;

/** The dispatches' numbers follow each other without a gap. */
export function packTrace(dispatches: readonly TracedDispatch[]): PlainRecord {
  const words: string[] = [];
  const numberOf = (word: string | null): number => {
    if (word === null) return noWord;
    const known = words.indexOf(word);
    return known === -1 ? words.push(word) - 1 : known;
  };
  const packed: PlainRecord = {
    sequence: dispatches[0]?.sequence ?? 0,
    words,
    timeMicros: Float64Array.from(dispatches, ({ timeMicros }) => timeMicros),
    micros: Uint32Array.from(dispatches, ({ micros }) => micros),
    steps: Uint32Array.from(dispatches, ({ steps }) => steps),
  };
  for (const column of wordColumns)
    packed[column] = Uint16Array.from(dispatches, (dispatch) => numberOf(dispatch[column]));
  return packed;
}

/** Throws a WireError that names what is not as `packTrace` writes it. */
export function unpackTrace(value: unknown): TracedDispatch[] {
  const fields = new Fields(value, "trace");
  const first = fields.count("sequence");
  const words = fields.list("words", tracedDispatchesMaximum * wordColumns.length, readWord);
  const times = readColumn(fields, "timeMicros", "Float64Array", undefined);
  const micros = readColumn(fields, "micros", "Uint32Array", times.length);
  const steps = readColumn(fields, "steps", "Uint32Array", times.length);
  const columns = wordColumns.map((column) => readColumn(fields, column, "Uint16Array", times.length));
  const wordAt = (column: WordColumn, index: number): string => {
    const number = columns[wordColumns.indexOf(column)]?.[index] as number;
    return words[number] ?? fields.refuse(column, `numbers of ${words.length} words`, number);
  };
  const isSent = (index: number): boolean => columns[wordColumns.indexOf("sender")]?.[index] !== noWord;
  return times.map((timeMicros, index) => ({
    sequence: (first + index) % sequences,
    timeMicros,
    micros: micros[index] as number,
    steps: steps[index] as number,
    service: wordAt("service", index),
    kind: wordAt("kind", index),
    type: wordAt("type", index),
    sender: isSent(index) ? wordAt("sender", index) : null,
    priority: wordAt("priority", index),
    outcome: wordAt("outcome", index),
  }));
}

function readWord(value: unknown, path: string): string {
  return new Fields({ word: value }, path).text("word", wordLengthMaximum);
}

type ColumnClass = "Float64Array" | "Uint32Array" | "Uint16Array";

/** `length`: of the columns before it. */
function readColumn(fields: Fields, name: string, wanted: ColumnClass, length: number | undefined): number[] {
  const value = fields.plain(name);
  // The class name and not `instanceof`: arrays may come from another realm.
  const isOfClass = ArrayBuffer.isView(value) && value[Symbol.toStringTag] === wanted;
  const column = isOfClass ? Array.from(value as ArrayLike<number>) : [];
  const isRight = isOfClass && column.length <= tracedDispatchesMaximum && column.length === (length ?? column.length);
  if (!isRight) fields.refuse(name, `a ${wanted} as long as the others`, value);
  if (!column.every((number) => Number.isFinite(number)))
    throw new WireError(`Cannot read trace.${name}: wanted numbers`);
  return column;
}
