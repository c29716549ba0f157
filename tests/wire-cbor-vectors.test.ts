// Do foreign vectors get the verdict that the standard gives them, within bounded memory?
// The sets cbor-appendix-a and dcbor state no licence, so they are not copied: they are read from ../shared where present.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { createRandom } from "sim/random";
import { hex, readJsonVector, readUnlicensed, toHex } from "tests/wire-vectors";
import { decode, encode } from "wire/cbor";
import { decodeAny } from "wire/cbor-any";
import { diagnose } from "wire/cbor-diagnostic";
import { WireError } from "wire/error";
import { cborLimits } from "wire/limits";
import type { PlainValue } from "wire/plain";

interface Sample {
  readonly hex: string;
  readonly decoded?: unknown;
  readonly diagnostic?: string;
  readonly roundtrip?: boolean;
  readonly notes?: string;
}

interface Bomb {
  readonly name: string;
  readonly hex: string;
  readonly expect: string;
}

const appendixA = readUnlicensed<Sample[]>("cbor-appendix-a/appendix_a.json");
const malformed = readUnlicensed<Sample[]>("cbor-appendix-a/fail.json");
const dcborValid = readUnlicensed<Sample[]>("dcbor/valid.json");
const dcborInvalid = readUnlicensed<Sample[]>("dcbor/invalid.json");
const appendixF = readJsonVector<Sample[]>("rfc8949-appendix-f/not_well_formed.json");
const bombs = readJsonVector<Bomb[]>("cbor-bombs/bombs.json");

/** Runs where the set is at hand; elsewhere the title says why not. */
function testWith<Samples>(set: string, samples: Samples | null, title: string, run: (samples: Samples) => void): void {
  if (samples === null)
    // A user's clone has no ../shared, and a set without a licence cannot come along.
    test.skip(`${title} (not run: ../shared/vectors/${set} is absent, and has no licence to be copied)`, () =>
      undefined);
  else test(title, () => run(samples));
}

function isRefused(read: (bytes: Uint8Array) => unknown, form: string): boolean {
  try {
    read(hex(form));
    return false;
  } catch (error) {
    if (error instanceof WireError) return true;
    throw error;
  }
}

testWith(
  "cbor-appendix-a",
  appendixA,
  "diagnose() prints all 82 examples of RFC 8949 Appendix A as it says",
  (samples) => {
    const wrong: string[] = [];
    for (const { hex: form, decoded, diagnostic } of samples) {
      const printed = diagnose(hex(form));
      const isRight = diagnostic === undefined ? matchesJson(printed, decoded) : printed === diagnostic;
      if (!isRight) wrong.push(`${form}: ${printed}, wanted ${diagnostic ?? JSON.stringify(decoded)}`);
    }
    expect(samples).toHaveLength(82);
    expect(wrong).toEqual([]);
  },
);

/** Diagnostic notation of JSON's types is JSON, except for the marks of indefinite lengths and chunks. */
function matchesJson(printed: string, decoded: unknown): boolean {
  const json = printed.replaceAll("_ ", "").replace(/\("(.*?)", "(.*?)"\)/g, '"$1$2"');
  return JSON.stringify(JSON.parse(json)) === JSON.stringify(decoded);
}

testWith(
  "cbor-appendix-a",
  appendixA,
  "decode() takes the 45 of Appendix A that are our model's one form, and no other",
  (samples) => {
    const taken = samples.filter(({ hex: form }) => !isRefused(decode, form));
    for (const { hex: form, decoded } of taken) {
      expect(toHex(encode(decode(hex(form))))).toBe(form);
      if (decoded !== undefined) expect(decode(hex(form))).toEqual(decoded);
    }
    expect(taken).toHaveLength(45);
  },
);

testWith("cbor-appendix-a", malformed, "both decoders refuse all 568 inputs that are not well-formed", (samples) => {
  const taken = samples.filter(({ hex: form }) => !isRefused(decode, form) || !isRefused(decodeAny, form));
  expect(samples).toHaveLength(568);
  expect(taken).toEqual([]);
});

test("both decoders refuse all 94 inputs of RFC 8949 Appendix F", () => {
  const taken = appendixF.filter(({ hex: form }) => !isRefused(decode, form) || !isRefused(decodeAny, form));
  expect(appendixF).toHaveLength(94);
  expect(taken).toEqual([]);
});

// dCBOR reduces every integral number of 64 bits to an integer; our integers end at 2^53 - 1, where JavaScript's do.
const beyondOurIntegers = ["1bffffffffffffffff", "3b7ffffffffffffbff", "1bfffffffffffff800"];

testWith(
  "dcbor",
  dcborValid,
  "decode() takes the 37 deterministic cases of dCBOR within our integers, and encode() gives them back",
  (samples) => {
    const ours = samples.filter(({ hex: form }) => !beyondOurIntegers.includes(form));
    for (const { hex: form } of ours) expect(toHex(encode(decode(hex(form))))).toBe(form);
    expect(samples.length - ours.length).toBe(3);
    for (const form of beyondOurIntegers) expect(isRefused(decode, form)).toBe(true);
  },
);

// dCBOR has no -0 and asks for normalized texts; we keep -0, which is not 0, and take texts as they are.
const oursBeyondDcbor = ["f98000", "6345cc88"];

testWith(
  "dcbor",
  dcborInvalid,
  "decode() refuses the 35 non-deterministic cases of dCBOR that are no deliberate difference",
  (samples) => {
    const taken = samples.filter(({ hex: form }) => !isRefused(decode, form)).map(({ hex: form }) => form);
    expect(samples).toHaveLength(37);
    expect(taken.sort()).toEqual(oursBeyondDcbor.sort());
  },
);

/** What each bomb does with the strict decoder; the values are what it becomes. */
const harmless: { readonly [name: string]: PlainValue } = {
  "proto-key": JSON.parse('{"__proto__":{"a":1}}') as PlainValue,
  "constructor-key": JSON.parse('{"constructor":1}') as PlainValue,
  "negative-zero": -0,
  "half-subnormal": 2 ** -24,
};

test("decode() refuses 34 of the 39 bombs and reads the 5 harmless ones exactly", () => {
  const taken = bombs.filter(({ hex: form }) => !isRefused(decode, form));
  for (const { name, hex: form } of taken) {
    const value = decode(hex(form));
    if (name === "deep-array-16") expect(encode(value)).toEqual(hex(form));
    else expect(value).toEqual(harmless[name]);
  }
  expect(bombs).toHaveLength(39);
  expect(taken.map(({ name }) => name).sort()).toEqual(["deep-array-16", ...Object.keys(harmless)].sort());
  expect("a" in {}).toBe(false);
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** The least of three measures: the engine's own compiler allocates beside us now and then. */
function measureAllocation(run: () => unknown): number {
  return Math.min(measureOnce(run), measureOnce(run), measureOnce(run));
}

/** Bytes allocated by `run`, all together: an upper bound of what it held at any one time. */
function measureOnce(run: () => unknown): number {
  collectGarbage();
  const before = process.memoryUsage();
  const kept = run();
  const after = process.memoryUsage();
  return kept === after ? 0 : after.heapUsed + after.external - before.heapUsed - before.external;
}

function tryBoth(bytes: Uint8Array): unknown[] {
  return [decode, decodeAny].map((read) => {
    try {
      return read(bytes);
    } catch (error) {
      return error;
    }
  });
}

/** What 8,192 items can become at most, whatever the input: an empty typed array costs V8 600 bytes. */
const constantBytes = cborLimits.items * 600;

test("the measure of allocation sees what it is to find", () => {
  // A collection may fall into one measurement; it does not into five in a row.
  const measured = Array.from({ length: 5 }, () => measureAllocation(() => new Array(1_000_000).fill(0.5)));
  expect(Math.max(...measured)).toBeGreaterThan(7_900_000);
});

test.each(bombs.map(({ name, hex: form }) => [name, form] as const))(
  "both decoders stay within 4 x input + a constant on the bomb %s",
  (_name, form) => {
    const bytes = hex(form);
    tryBoth(bytes);
    expect(measureAllocation(() => tryBoth(bytes))).toBeLessThan(8 * bytes.length + constantBytes);
  },
);

const heaviest: [string, Uint8Array][] = [
  ["8,191 empty maps", hex(`991fff${"a0".repeat(8191)}`)],
  ["8,191 empty arrays", hex(`991fff${"80".repeat(8191)}`)],
  ["8,191 floats", hex(`991fff${"f93e00".repeat(8191)}`)],
  ["8,191 empty typed arrays", hex(`991fff${"d84e40".repeat(8191)}`)],
  ["a text of 65,000 bytes", hex(`79fde8${"61".repeat(65000)}`)],
  ["a text of 32,500 two-byte characters", hex(`79fde8${"c3bc".repeat(32500)}`)],
  ["a byte string of 65,000 bytes", hex(`59fde8${"61".repeat(65000)}`)],
];

test.each(heaviest)("decode() of %s stays within 4 x input + a constant", (_name, bytes) => {
  decode(bytes);
  expect(measureAllocation(() => decode(bytes))).toBeLessThan(4 * bytes.length + constantBytes);
});

test("20,000 random heads of containers and strings neither crash nor claim memory", () => {
  const random = createRandom(142);
  const allocated = measureAllocation(() => {
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from({ length: 1 + Math.floor(random() * 12) }, () => Math.floor(random() * 256));
      bytes[0] = 0x40 | Math.floor(random() * 0xa0);
      tryBoth(bytes);
    }
  });
  expect(allocated).toBeLessThan(200_000_000); // 10 KB each, most of it the texts of errors, collected on the way
});
