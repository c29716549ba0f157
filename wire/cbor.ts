// Our one encoding: deterministic CBOR (RFC 8949 §4.2.1) of plain data. A value has exactly one byte form, and what
// `decode` accepts encodes again to the same bytes, so that replays, digests and signatures agree everywhere.
// The machine layer has a twin of this file in C; tests hold the two against each other.
//
// Model: null, booleans, numbers, texts, arrays, plain objects, and typed arrays (Uint8Array is a byte string, others
// carry a tag of RFC 8746). Integers within ±(2^53 - 1) are CBOR integers even where JavaScript would say 5.0; every
// other number is the shortest float that holds it. Both ways run without recursion, within `CborLimits`.

import * as cbor from "wire/cbor-reader";
import { CborReader } from "wire/cbor-reader";
import { readScalar, readShortestHead } from "wire/cbor-scalar";
import { CborWriter } from "wire/cbor-writer";
import { WireError } from "wire/error";
import { type CborLimits, cborLimits } from "wire/limits";
import { type NumberArray, type PlainRecord, type PlainValue, setField } from "wire/plain";
import { tagTypedArray } from "wire/typed-array";
import { compareTextKeys, measureUtf8 } from "wire/utf8";

/**
 * The bytes of `value`. Throws a WireError that names the place (`$.a[3].b`) for what is not plain data: undefined,
 * functions, symbols, bigints, holes, accessors, cycles, class instances, lone surrogates, and whatever exceeds `limits`.
 */
export function encode(value: unknown, limits: CborLimits = cborLimits): Uint8Array {
  const open: OpenSource[] = [];
  const writer = new CborWriter(limits.bytes, () => describePath(open));
  let items = 0;
  let current = value;
  for (;;) {
    items += 1;
    const source = writeItem(writer, current, open, limits);
    if (source !== null) {
      if (open.length === limits.depth) refuseValue(open, `depth ${limits.depth} at most`, "a deeper container");
      open.push(source);
      if (source.keys !== null) items += source.count;
    }
    if (items > limits.items) refuseValue(open, `${limits.items} items at most`, "more");
    while (open.length > 0 && isUsedUp(open[open.length - 1] as OpenSource)) open.pop();
    const top = open[open.length - 1];
    if (top === undefined) return writer.finish();
    current = takeNext(writer, top, open);
  }
}

/** The value of one whole document. Throws a WireError with the offset of whatever is not its one deterministic form. */
export function decode(bytes: Uint8Array, limits: CborLimits = cborLimits): PlainValue {
  if (bytes.length > limits.bytes)
    throw new WireError(
      `Cannot decode CBOR: wanted at most ${limits.bytes} bytes, found ${bytes.length}`,
      limits.bytes,
    );
  const reader = new CborReader(bytes);
  const open: OpenTarget[] = [];
  let items = 0;
  for (;;) {
    readShortestHead(reader);
    items += reader.major === cbor.majorMap ? 1 + reader.argument : 1;
    if (items > limits.items) reader.refuse(`${limits.items} items at most`, "more");
    let value: PlainValue;
    if (reader.major === cbor.majorArray || reader.major === cbor.majorMap) {
      if (open.length === limits.depth) reader.refuse(`depth ${limits.depth} at most`, "a deeper container");
      if (reader.argument > 0) {
        const target = openTarget(reader, limits);
        open.push(target);
        if (target.record !== null) readKey(reader, target, limits);
        continue;
      }
      value = reader.major === cbor.majorMap ? {} : [];
    } else value = readScalar(reader);
    // A value may fill its container, which then is itself a value of the next one out.
    for (;;) {
      const top = open[open.length - 1];
      if (top === undefined) return endDocument(reader, value);
      place(top, value);
      if (top.left > 0) {
        if (top.record !== null) readKey(reader, top, limits);
        break;
      }
      value = top.list ?? (top.record as PlainRecord);
      open.pop();
    }
  }
}

/** An array (`keys` null) or object on its way out. `index` counts the members taken. */
interface OpenSource {
  readonly container: object;
  readonly keys: readonly string[] | null;
  readonly count: number;
  index: number;
}

/** Writes a value, or the head of a container whose members come next. */
function writeItem(
  writer: CborWriter,
  value: unknown,
  open: readonly OpenSource[],
  limits: CborLimits,
): OpenSource | null {
  switch (typeof value) {
    case "number":
      writer.number(value);
      return null;
    case "string":
      writer.text(value);
      return null;
    case "boolean":
      writer.boolean(value);
      return null;
    case "object":
      if (value === null) {
        writer.null();
        return null;
      }
      if (ArrayBuffer.isView(value)) {
        writeView(writer, value, open);
        return null;
      }
      return openSource(writer, value, open, limits);
    default:
      return refuseValue(open, "plain data", value === undefined ? "undefined" : `a ${typeof value}`);
  }
}

function writeView(writer: CborWriter, view: ArrayBufferView, open: readonly OpenSource[]): void {
  const tag = tagTypedArray(view);
  if (tag < 0) refuseValue(open, "a typed array of at most 32-bit integers or floats", "another view of a buffer");
  if (tag === 0) writer.byteString(view as Uint8Array);
  else writer.typedArray(tag, view as NumberArray);
}

function openSource(
  writer: CborWriter,
  container: object,
  open: readonly OpenSource[],
  limits: CborLimits,
): OpenSource {
  for (const source of open) if (source.container === container) refuseValue(open, "a tree", "a cycle");
  const names = Reflect.ownKeys(container);
  if (Array.isArray(container)) {
    // An array's own keys are its indexes and "length"; any other number of them means holes or extra properties.
    if (names.length !== container.length + 1)
      refuseValue(open, "an array of values only", "holes or named properties");
    writer.openArray(container.length);
    return { container, keys: null, count: container.length, index: 0 };
  }
  const prototype: unknown = Object.getPrototypeOf(container);
  if (prototype !== Object.prototype && prototype !== null)
    refuseValue(open, "a plain object", "an instance of a class");
  if (names.length > limits.keys) refuseValue(open, `${limits.keys} keys at most`, `${names.length}`);
  for (const name of names) {
    if (typeof name === "symbol") refuseValue(open, "texts as keys", "a symbol");
    // A UTF-16 unit takes three bytes at most, so that most keys need no measuring.
    if (name.length * 3 > limits.keyBytes && measureUtf8(name) > limits.keyBytes)
      refuseValue(open, `keys of ${limits.keyBytes} bytes at most`, "a longer one");
  }
  const keys = (names as string[]).sort(compareTextKeys);
  writer.openMap(keys.length);
  return { container, keys, count: keys.length, index: 0 };
}

/** Writes the next key, if there are keys, and answers the next member, without running any code of its object. */
function takeNext(writer: CborWriter, source: OpenSource, open: readonly OpenSource[]): unknown {
  const name = source.keys === null ? source.index : (source.keys[source.index] as string);
  source.index += 1;
  if (typeof name === "string") writer.text(name);
  const property = Object.getOwnPropertyDescriptor(source.container, name);
  if (property === undefined || !("value" in property)) return refuseValue(open, "a value", "an accessor");
  if (!property.enumerable) refuseValue(open, "an enumerable property", "a hidden one");
  return property.value;
}

function isUsedUp(source: OpenSource): boolean {
  return source.index === source.count;
}

function describePath(open: readonly OpenSource[]): string {
  let path = "$";
  for (const { keys, index } of open) if (index > 0) path += keys === null ? `[${index - 1}]` : `.${keys[index - 1]}`;
  return path;
}

function refuseValue(open: readonly OpenSource[], wanted: string, found: string): never {
  throw new WireError(`Cannot encode ${describePath(open)}: wanted ${wanted}, found ${found}`);
}

/** An array or object on its way in; exactly one of `list` and `record` is set. */
interface OpenTarget {
  readonly list: PlainValue[] | null;
  readonly record: PlainRecord | null;
  /** Members that are still to come. */
  left: number;
  /** The key that waits for its value, and where its bytes lie. */
  key: string;
  keyStart: number;
  keyEnd: number;
}

function openTarget(reader: CborReader, limits: CborLimits): OpenTarget {
  const isMap = reader.major === cbor.majorMap;
  if (isMap && reader.argument > limits.keys) reader.refuse(`${limits.keys} keys at most`, `${reader.argument}`);
  // Every member takes at least a byte, so a count beyond the input is refused before anything is read for it.
  if (reader.argument > reader.remainingBytes / (isMap ? 2 : 1))
    reader.refuse("a count that fits into the input", `${reader.argument} members in ${reader.remainingBytes} bytes`);
  return { list: isMap ? null : [], record: isMap ? {} : null, left: reader.argument, key: "", keyStart: 0, keyEnd: 0 };
}

function readKey(reader: CborReader, target: OpenTarget, limits: CborLimits): void {
  readShortestHead(reader);
  if (reader.major !== cbor.majorText) reader.refuse("a text as key", `major type ${reader.major}`);
  if (reader.argument > limits.keyBytes)
    reader.refuse(`keys of ${limits.keyBytes} bytes at most`, `${reader.argument} bytes`);
  const start = reader.start;
  target.key = reader.readText();
  if (target.keyEnd > 0 && compareBytes(reader.bytes, target, start, reader.position) >= 0)
    reader.refuse("keys in bytewise order, each once", `"${target.key}" out of order`);
  target.keyStart = start;
  target.keyEnd = reader.position;
}

/** Compares the bytes of the key before with bytes[start, end), both with their heads. */
function compareBytes(bytes: Uint8Array, before: OpenTarget, start: number, end: number): number {
  const length = Math.min(before.keyEnd - before.keyStart, end - start);
  for (let index = 0; index < length; index++) {
    const difference = (bytes[before.keyStart + index] as number) - (bytes[start + index] as number);
    if (difference !== 0) return difference;
  }
  return before.keyEnd - before.keyStart - (end - start);
}

function place(target: OpenTarget, value: PlainValue): void {
  target.left -= 1;
  if (target.record === null) {
    (target.list as PlainValue[]).push(value);
    return;
  }
  setField(target.record, target.key, value);
}

function endDocument(reader: CborReader, value: PlainValue): PlainValue {
  if (reader.remainingBytes === 0) return value;
  throw new WireError(
    `Cannot decode CBOR at byte ${reader.position}: wanted the end, found ${reader.remainingBytes} more bytes`,
    reader.position,
  );
}
