// Random plain values, and the source text of a value, so that another engine can make the very same one.

import { type NumberArray, type PlainRecord, type PlainValue, setField } from "wire/plain";

/** Where heads, floats and the engine's small integers change their form. */
const edges = [
  ...[0, -0, 1, -1, 23, 24, -24, -25, 255, 256, -256, -257, 65535, 65536, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32],
  ...[2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, -(2 ** 53), 2 ** 64, 1e300, -1e300, 0.5, 1.5, 65504, 65504.5, 65520, 1.1],
  ...[2 ** -14, 2 ** -24, 2 ** -25, 2 ** -126, 2 ** -149, 5e-324, 3.4028234663852886e38, 3.402823466385289e38],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 25981.537, 1745843600000000],
];

/** Every length of UTF-8 sequence, NUL, and lengths around the edge of the head. */
const texts = [
  "",
  "a",
  "volts",
  "spannung \u00e4",
  "\u2603",
  "\u{1f600}",
  "\u0000",
  "a\u0000b",
  "\uffff",
  "x".repeat(23),
];

/** Names of Object.prototype, array indexes and their neighbours, and pairs whose order differs in UTF-16 and UTF-8. */
const keys = [
  ...["a", "b", "aa", "seq", "value", "timeMicros", "", "__proto__", "constructor", "length", "toString"],
  ...["0", "5", "10", "01", "-1", "4294967294", "4294967295", "\u{1f600}", "\uffff\uffff", "\u00e4", "k".repeat(40)],
];

const kinds = [
  ...[Uint8Array, Int8Array, Uint16Array, Int16Array],
  ...[Uint32Array, Int32Array, Float32Array, Float64Array],
];

const deepest = 5;

/** A value of our model, from a source of chance. */
export function randomValue(random: () => number, depth = 0): PlainValue {
  const pick = (count: number) => Math.floor(random() * count);
  // Bare scalars soon repeat themselves, so the outermost is mostly a container.
  switch (depth === 0 && random() < 0.8 ? 5 + pick(2) : pick(depth < deepest ? 7 : 5)) {
    case 0:
      return [null, true, false][pick(3)] as PlainValue;
    case 1:
      return edges[pick(edges.length)] as number;
    case 2:
      return randomNumber(random);
    case 3:
      return (texts[pick(texts.length)] as string) + "z".repeat(pick(4));
    case 4:
      return new (kinds[pick(kinds.length)] as typeof Float64Array)(pick(5)).map(() => randomNumber(random));
    case 5:
      return Array.from({ length: pick(6) }, () => randomValue(random, depth + 1));
    default:
      return randomRecord(random, depth);
  }
}

function randomRecord(random: () => number, depth: number): PlainRecord {
  const record: PlainRecord = {};
  for (let count = Math.floor(random() * 7); count > 0; count--) {
    const key = keys[Math.floor(random() * keys.length)] as string;
    if (!Object.hasOwn(record, key)) setField(record, key, randomValue(random, depth + 1));
  }
  return record;
}

/** As many integers as fractions, of every magnitude. */
function randomNumber(random: () => number): number {
  const wide = (random() - 0.5) * 2 ** (random() * 80 - 16);
  return random() < 0.5 ? Math.round(wide) : wide;
}

/** An expression for the value, in ASCII. */
export function sourceOf(value: PlainValue): string {
  if (typeof value === "number") return sourceOfNumber(value);
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object" || value === null) return `${value}`;
  if (Array.isArray(value)) return `[${value.map(sourceOf).join(", ")}]`;
  if (ArrayBuffer.isView(value))
    return `new ${(value as NumberArray).constructor.name}([${Array.from(value).map(sourceOf).join(", ")}])`;
  return `({ ${Object.entries(value)
    .map(([key, item]) => `[${quote(key)}]: ${sourceOf(item)}`)
    .join(", ")} })`;
}

/** XS 13.3 rounds some decimals of 17 digits to the wrong neighbour, so beyond 2^53 a number is given by its bytes. */
function sourceOfNumber(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return `${value}`;
  return `new Float64Array(new Uint8Array([${new Uint8Array(new Float64Array([value]).buffer)}]).buffer)[0]`;
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
