// Does our CBOR have exactly one byte form for each value, both ways, and refuse everything else with its place?

import { expect, test } from "@jest/globals";
import { Decoder, Encoder } from "cbor-x";
import { createRandom } from "sim/random";
import { hex, mutate, toHex } from "tests/wire-vectors";
import { decode, encode } from "wire/cbor";
import { WireError } from "wire/error";
import { narrowToHalf, readHalf } from "wire/float16";
import { cborLimits } from "wire/limits";
import type { PlainRecord, PlainValue } from "wire/plain";

const oracle = new Decoder({ mapsAsObjects: true });
const foreignEncoder = new Encoder({ useRecords: false, variableMapSize: true });

const forms: [PlainValue, string][] = [
  [0, "00"],
  [23, "17"],
  [24, "1818"],
  [255, "18ff"],
  [256, "190100"],
  [65_535, "19ffff"],
  [65_536, "1a00010000"],
  [4_294_967_295, "1affffffff"],
  [4_294_967_296, "1b0000000100000000"],
  [Number.MAX_SAFE_INTEGER, "1b001fffffffffffff"],
  [-1, "20"],
  [-25, "3818"],
  [-Number.MAX_SAFE_INTEGER, "3b001ffffffffffffe"],
  [5.0, "05"],
  [-0, "f98000"],
  [NaN, "f97e00"],
  [Infinity, "f97c00"],
  [-Infinity, "f9fc00"],
  [1.5, "f93e00"],
  [2 ** -24, "f90001"],
  [2 ** -14, "f90400"],
  [2 ** -25, "fa33000000"],
  [0.1, "fb3fb999999999999a"],
  [100_000.5, "fa47c35040"],
  [2 ** 53, "fa5a000000"],
  [-(2 ** 53), "fada000000"],
  [1e300, "fb7e37e43c8800759c"],
  [null, "f6"],
  [true, "f5"],
  [false, "f4"],
  ["", "60"],
  ["ü水😀", "69c3bce6b0b4f09f9880"],
  [new Uint8Array([1, 2, 3]), "43010203"],
  [new Int8Array([-1]), "d84841ff"],
  [new Uint16Array([258]), "d845420201"],
  [new Int16Array([-2]), "d84d42feff"],
  [new Uint32Array([1]), "d8464401000000"],
  [new Int32Array([-1, 1]), "d84e48ffffffff01000000"],
  [new Float32Array([1]), "d855440000803f"],
  [new Float64Array([1]), "d85648000000000000f03f"],
  [new Int32Array(0), "d84e40"],
  [[], "80"],
  [{}, "a0"],
  [[1, [2, [3]]], "820182028103"],
  [{ b: 1, aa: 2, a: { c: [{}] } }, "a36161a1616381a061620162616102"],
];

test.each(forms)("encode(%p) has the one form %s, which decode() reads back", (value, form) => {
  expect(toHex(encode(value))).toBe(form);
  expect(decode(hex(form))).toEqual(value);
});

test("decode() tells -0 from 0, and typed arrays by their class", () => {
  expect(Object.is(decode(hex("f98000")), -0)).toBe(true);
  expect(decode(hex("d84e4401000000"))).toBeInstanceOf(Int32Array);
});

test("decode() returns copies that do not change with the input", () => {
  const input = hex("43010203");
  const value = decode(input) as Uint8Array;
  input[1] = 9;
  expect(value).toEqual(new Uint8Array([1, 2, 3]));
});

test("decode() reads a document that lies inside a larger buffer", () => {
  expect(decode(hex("ffff83f93e0019010043010203ff").subarray(2, 13))).toEqual([1.5, 256, new Uint8Array([1, 2, 3])]);
});

test("encode() orders keys by their encoded bytes: shorter first, then by code point and not by UTF-16 unit", () => {
  expect(toHex(encode({ z: 0, é: 1, aa: 2, 10: 3, 9: 4, "": 5 }))).toBe("a66005613904617a00623130036261610262c3a901");
  expect(toHex(encode({ "\u{10000}a": 1, "\uffffé": 2 }))).toBe("a265efbfbfc3a90265f09080806101");
});

test("encode() and decode() take keys that name inherited properties as own fields and leave Object.prototype alone", () => {
  const value: unknown = JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":3,"hasOwnProperty":4}');
  const back = decode(encode(value)) as PlainRecord;
  expect(Object.keys(back).sort()).toEqual(["__proto__", "constructor", "hasOwnProperty", "toString"]);
  expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  expect(Object.getOwnPropertyDescriptor(back, "__proto__")?.value).toEqual({ a: 1 });
  expect("a" in {}).toBe(false);
});

class Phase {
  readonly volts = 230;
}
const cycle: { self?: unknown } = {};
cycle.self = [cycle];
const holes = [1, 2, 3];
delete holes[1];
const refusals: [string, unknown, string][] = [
  ["undefined", { a: [0, 1, 2, { b: undefined }] }, "$.a[3].b: wanted plain data, found undefined"],
  ["a function", [() => 1], "$[0]: wanted plain data, found a function"],
  ["a symbol", Symbol("s"), "$: wanted plain data, found a symbol"],
  ["a bigint", { big: BigInt(1) }, "$.big: wanted plain data, found a bigint"],
  ["a hole", { list: holes }, "$.list: wanted an array of values only, found holes or named properties"],
  [
    "an array with a name",
    Object.assign([1], { extra: 1 }),
    "$: wanted an array of values only, found holes or named properties",
  ],
  ["a huge sparse array", new Array(4_000_000_000), "$: wanted an array of values only"],
  [
    "an accessor",
    {
      get a() {
        throw new Error("service code ran");
      },
    },
    "$.a: wanted a value, found an accessor",
  ],
  [
    "an accessor in an array",
    Object.defineProperty([0], 0, { get: () => 1 }),
    "$[0]: wanted a value, found an accessor",
  ],
  [
    "a hidden property",
    Object.defineProperty({}, "a", { value: 1 }),
    "$.a: wanted an enumerable property, found a hidden one",
  ],
  ["a symbol key", { [Symbol("s")]: 1 }, "$: wanted texts as keys, found a symbol"],
  ["a cycle", cycle, "$.self[0]: wanted a tree, found a cycle"],
  ["a class instance", { phase: new Phase() }, "$.phase: wanted a plain object, found an instance of a class"],
  ["a Map", new Map(), "$: wanted a plain object, found an instance of a class"],
  ["a Date", [new Date(0)], "$[0]: wanted a plain object, found an instance of a class"],
  ["a DataView", new DataView(new ArrayBuffer(1)), "$: wanted a typed array of at most 32-bit integers or floats"],
  ["a BigInt64Array", new BigInt64Array(1), "$: wanted a typed array of at most 32-bit integers or floats"],
  ["an ArrayBuffer", new ArrayBuffer(1), "$: wanted a plain object"],
  ["a lone surrogate", { text: "a\ud800" }, "$.text: wanted Unicode, found a lone surrogate"],
  ["a lone surrogate in a key", { ok: 1, "\udc00": 1 }, "wanted Unicode, found a lone surrogate"],
];

test.each(refusals)("encode() refuses %s and names its place", (_name, value, message) => {
  expect(() => encode(value)).toThrow(WireError);
  expect(() => encode(value)).toThrow(message);
});

test("encode() takes one value in two places, which is no cycle", () => {
  const shared = { a: 1 };
  expect(decode(encode([shared, shared]))).toEqual([shared, shared]);
});

const malformed: [string, string, number][] = [
  ["an integer in a longer form", "811800", 1],
  ["a length in a longer form", "58020000", 0],
  ["a count in a longer form", "9801f6", 0],
  ["an integer beyond 2^53 - 1", "1b0020000000000000", 0],
  ["an integer below -(2^53 - 1)", "3b001fffffffffffff", 0],
  ["an integral float", "f94500", 0],
  ["a single that a half holds", "fa3fc00000", 0],
  ["a double that a single holds", "fb47efffffe0000000", 0],
  ["another NaN", "f97e01", 0],
  ["a NaN in a longer form", "fa7fc00000", 0],
  ["unsorted keys", "a2616200616101", 4],
  ["a key twice", "a2616100616101", 4],
  ["keys in the order of their texts and not of their bytes", "a262616100617a01", 5],
  ["a key that is no text", "a10001", 1],
  ["undefined", "f7", 0],
  ["another simple value", "e0", 0],
  ["a date", "c11a514b67b0", 0],
  ["a big-endian typed array", "d8414401020304", 0],
  ["a tag in a longer form", "d9004e40", 0],
  ["a typed array of half an element", "d84e4100", 2],
  ["a typed array that is no byte string", "d84e01", 2],
  ["an indefinite array", "9fff", 0],
  ["an indefinite text", "7f6161ff", 0],
  ["an indefinite byte string under a tag", "d84e5f41004100ff", 2],
  ["a break", "81ff", 1],
  ["text that is not UTF-8", "8262c3286161", 2],
  ["bytes behind the end", "0000", 1],
  ["a missing value", "a16161", 3],
  ["a count that cannot fit", "9a000003e3", 0],
  ["nothing at all", "", 0],
];

test.each(malformed)("decode() refuses %s (%s) and says where", (_name, form, offset) => {
  let caught: unknown;
  try {
    decode(hex(form));
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(WireError);
  expect((caught as WireError).offset).toBe(offset);
});

test("depth is bounded alike in both directions", () => {
  const nest = (depth: number): unknown => (depth === 0 ? 0 : [nest(depth - 1)]);
  expect(decode(encode(nest(16)))).toEqual(nest(16));
  expect(() => encode(nest(17))).toThrow("depth 16 at most");
  expect(() => decode(hex(`${"81".repeat(17)}00`))).toThrow("depth 16 at most");
  expect(() => decode(hex(`${"81".repeat(16)}80`))).toThrow("depth 16 at most");
  expect(() => encode([[]], { ...cborLimits, depth: 1 })).toThrow("depth 1 at most");
});

test("items are bounded alike in both directions, keys counted", () => {
  const limits = { ...cborLimits, items: 5 };
  expect(decode(encode({ a: 1, b: 2 }, limits), limits)).toEqual({ a: 1, b: 2 });
  expect(() => encode([{ a: 1, b: 2 }], limits)).toThrow("5 items at most");
  expect(() => decode(encode([{ a: 1, b: 2 }]), limits)).toThrow("5 items at most");
  expect(decode(encode([1, 2, 3, 4], limits), limits)).toEqual([1, 2, 3, 4]);
  expect(() => decode(encode([1, 2, 3, 4, 5]), limits)).toThrow("5 items at most");
});

test("keys are bounded alike in both directions, in number and in length", () => {
  const wide = (keys: number): object => Object.fromEntries(Array.from({ length: keys }, (_, key) => [`k${key}`, 0]));
  const loose = { ...cborLimits, keys: 1_000, keyBytes: 1_000 };
  expect(decode(encode(wide(256)))).toEqual(wide(256));
  expect(() => encode(wide(257))).toThrow("256 keys at most");
  expect(() => decode(encode(wide(257), loose))).toThrow("256 keys at most");
  expect(decode(encode({ ["é".repeat(64)]: 1 }))).toEqual({ ["é".repeat(64)]: 1 });
  expect(() => encode({ ["é".repeat(65)]: 1 })).toThrow("keys of 128 bytes at most");
  expect(() => decode(encode({ ["é".repeat(65)]: 1 }, loose))).toThrow("keys of 128 bytes at most");
});

test("bytes are bounded alike in both directions, to the byte", () => {
  const limits = { ...cborLimits, bytes: 1_000 };
  expect(encode(new Uint8Array(997), limits).length).toBe(1_000);
  expect(encode("x".repeat(997), limits).length).toBe(1_000);
  for (const value of [
    new Uint8Array(998),
    "x".repeat(998),
    "é".repeat(499),
    [new Uint8Array(500), new Uint8Array(495)],
  ])
    expect(() => encode(value, limits)).toThrow("at most 1000 bytes");
  expect(() => decode(encode(new Uint8Array(998)), limits)).toThrow("at most 1000 bytes");
});

test("all 65,536 half-precision floats survive reading and narrowing", () => {
  const view = new DataView(new ArrayBuffer(4));
  const changed: number[] = [];
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = readHalf(bits);
    view.setFloat32(0, value);
    if (!Number.isNaN(value) && narrowToHalf(view.getUint32(0)) !== bits) changed.push(bits);
  }
  expect(changed).toEqual([]);
});

test("encode() chooses the shortest float that holds the value, for random bits of every width", () => {
  const random = createRandom(32);
  const wrong: string[] = [];
  const view = new DataView(new ArrayBuffer(8));
  for (let round = 0; round < 20_000; round++) {
    view.setUint32(0, random() * 2 ** 32);
    view.setUint32(4, round % 3 === 0 ? 0 : random() * 2 ** 32);
    const value = round % 2 === 0 ? view.getFloat64(0) : view.getFloat32(0);
    const bytes = encode(value);
    const back = Number(oracle.decode(bytes)); // cbor-x answers bigints for 64-bit integers
    const wanted = Math.fround(value) !== value ? 9 : narrowsToHalf(value) ? 3 : 5;
    const isRight =
      Object.is(back, value) && (Number.isSafeInteger(value) || Number.isNaN(value) || bytes.length === wanted);
    if (!isRight) wrong.push(`${value} as ${toHex(bytes)}`);
  }
  expect(wrong).toEqual([]);
});

function narrowsToHalf(value: number): boolean {
  if (!Number.isFinite(value) || value === 0) return true;
  const steps = Math.abs(value) / 2 ** Math.max(-24, Math.floor(Math.log2(Math.abs(value))) - 10);
  return Math.abs(value) <= 65_504 && Number.isInteger(steps);
}

/** A random value of the model; small, so that many are tried. */
function inventValue(random: () => number, depth: number): PlainValue {
  const pick = (count: number) => Math.floor(random() * count);
  switch (pick(depth > 0 ? 9 : 6)) {
    case 0:
      return [null, true, false][pick(3)] as PlainValue;
    case 1:
      return (pick(2) === 0 ? 1 : -1) * Math.floor(2 ** (random() * 53) - 1) || 0;
    case 2:
      return (random() - 0.5) * 2 ** (pick(200) - 100);
    case 3:
      return ["", "u1", "Spannung", "水", "😀", "a\u0000b"][pick(6)] as string;
    case 4:
      return Uint8Array.from({ length: pick(30) }, () => pick(256));
    case 5:
      return Int32Array.from({ length: pick(8) }, () => pick(2 ** 31) - 2 ** 30);
    case 6:
      return Array.from({ length: pick(5) }, () => inventValue(random, depth - 1));
    default: {
      const record: PlainRecord = {};
      for (let count = pick(6); count > 0; count--)
        record[`${pick(40).toString(3)}é`.slice(0, 1 + pick(5))] = inventValue(random, depth - 1);
      return record;
    }
  }
}

test("5,000 random values come back equal, from our bytes by cbor-x and from foreign bytes that are deterministic by us", () => {
  const random = createRandom(8949);
  let foreignAccepted = 0;
  for (let round = 0; round < 5_000; round++) {
    const value = inventValue(random, 4);
    const bytes = encode(value);
    expect(decode(bytes)).toEqual(value);
    expect(toHex(encode(decode(bytes)))).toBe(toHex(bytes));
    // cbor-x gives byte strings as Buffer and 64-bit integers as bigint, which toEqual would take for other values.
    expect(comparable(oracle.decode(bytes))).toEqual(comparable(decode(bytes)));
    const foreign = foreignEncoder.encode(value);
    try {
      expect(toHex(encode(decode(foreign)))).toBe(toHex(foreign));
      foreignAccepted += 1;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  expect(foreignAccepted).toBeGreaterThan(500);
});

/** Bytes as digits, bigints as numbers, all else as it is. */
function comparable(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (ArrayBuffer.isView(value)) return toHex(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, comparable(member)]));
}

test("what decode() accepts of 40,000 mutated documents encodes again to the same bytes; the rest are WireErrors", () => {
  const random = createRandom(4);
  let accepted = 0;
  for (let round = 0; round < 40_000; round++) {
    const bytes = mutate(encode(inventValue(random, 4)), random);
    let value: PlainValue;
    try {
      value = decode(bytes);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      continue;
    }
    accepted += 1;
    if (Buffer.compare(encode(value), bytes) !== 0) expect(toHex(encode(value))).toBe(toHex(bytes));
  }
  expect(accepted).toBeGreaterThan(5_000);
});
