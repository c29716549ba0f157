// Do the codec in C and wire/cbor write and take the same bytes? The program body-test holds the C side on the real
// engine: it has tests of its own, and answers line by line what the codec makes of bytes and of values.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { createRandom } from "sim/random";
import { randomValue, sourceOf } from "tests/body-values";
import { hex, mutate, readJsonVector, readUnlicensed, toHex } from "tests/wire-vectors";
import { decode, encode } from "wire/cbor";
import { WireError } from "wire/error";

const { LUGH_NATIVE_DIR: nativeFolder = "build/native" } = process.env;
const program = resolve(nativeFolder, "bin/body-test");
const TEST_TIMEOUT_MILLIS = 120_000; // a second alone; two busy cores and a sanitizer may stretch it

interface Sample {
  readonly hex: string;
  readonly name?: string;
}

function run(
  parameters: string[],
  lines: readonly string[] = [],
): { status: number | null; output: string; errors: string } {
  if (!existsSync(program)) throw new Error(`Cannot find ${program}: run npm run build first`);
  const input = lines.map((line) => `${line}\n`).join("");
  const { status, stdout, stderr } = spawnSync(program, parameters, { encoding: "utf8", input, maxBuffer: 2 ** 28 });
  return { status, output: stdout, errors: stderr };
}

/** One answer a line. */
function ask(mode: "check" | "decode" | "evaluate", lines: readonly string[]): string[] {
  const { status, output, errors } = run([mode], lines);
  expect({ status, errors }).toEqual({ status: 0, errors: "" });
  const answers = output.split("\n").slice(0, -1);
  expect(answers).toHaveLength(lines.length);
  return answers;
}

/** Those forms that lugh_body_check takes. */
function taken(forms: readonly string[]): string[] {
  const answers = ask("check", forms);
  return forms.filter((_form, index) => answers[index] === "ok");
}

function isTakenByWire(form: string): boolean {
  try {
    decode(hex(form));
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

function formsOf(samples: readonly Sample[]): string[] {
  return samples.map(({ hex: form }) => form);
}

test(
  "the codec keeps its own promises on the real engine",
  () => {
    const { status, output, errors } = run([]);
    expect(errors).toBe("");
    expect(output).toMatch(/^\d{3,} passed, 0 failed$/m);
    expect(status).toBe(0);
  },
  TEST_TIMEOUT_MILLIS,
);

test("body-test explains itself when it is called wrongly", () => {
  const { status, errors } = run(["encode"]);
  expect(errors).toBe("Cannot run body-test: wanted check, decode, evaluate or bench, found encode\n");
  expect(status).toBe(1);
});

test("lugh_body_check() refuses all 94 inputs of RFC 8949 Appendix F", () => {
  const forms = formsOf(readJsonVector<Sample[]>("rfc8949-appendix-f/not_well_formed.json"));
  expect(forms).toHaveLength(94);
  expect(taken(forms)).toEqual([]);
});

test("lugh_body_check() refuses all 39 bombs but the five that are values of our model", () => {
  const bombs = readJsonVector<Sample[]>("cbor-bombs/bombs.json");
  const passed = new Set(taken(formsOf(bombs)));
  expect(bombs).toHaveLength(39);
  expect(bombs.filter(({ hex: form }) => passed.has(form)).map(({ name }) => name)).toEqual([
    "deep-array-16",
    "proto-key",
    "constructor-key",
    "negative-zero",
    "half-subnormal",
  ]);
});

/** Sets without a licence are not copied: they are read from ../shared where present, else the title says so. */
function testUnlicensed(set: string, title: string, judge: (samples: readonly Sample[]) => void): void {
  const samples = readUnlicensed<Sample[]>(set);
  const absent = `${title} (not run: ../shared/vectors/${set} is absent, and has no licence to be copied)`;
  if (samples) {
    test(title, () => judge(samples));
    return;
  }
  // Without the set there is nothing to judge, and a clone has no ../shared.
  test.skip(absent, () => undefined);
}

testUnlicensed(
  "cbor-appendix-a/fail.json",
  "lugh_body_check() refuses all 568 inputs that are not well-formed",
  (samples) => {
    expect(samples).toHaveLength(568);
    expect(taken(formsOf(samples))).toEqual([]);
  },
);

for (const [set, count] of [
  ["cbor-appendix-a/appendix_a.json", 45],
  ["dcbor/valid.json", 37],
  ["dcbor/invalid.json", 2],
] as const)
  testUnlicensed(set, `both codecs take the same ${count} of ${set} and give them back`, (samples) => {
    const forms = taken(formsOf(samples));
    expect(forms).toEqual(formsOf(samples).filter(isTakenByWire));
    expect(forms).toHaveLength(count);
    expect(ask("decode", forms)).toEqual(forms);
  });

test(
  "3,000 random values of wire/cbor come back from the engine to the byte",
  () => {
    const random = createRandom(8949);
    const forms = Array.from({ length: 3_000 }, () => toHex(encode(randomValue(random))));
    expect(ask("decode", forms)).toEqual(forms);
    expect(new Set(forms).size).toBeGreaterThan(2_000);
  },
  TEST_TIMEOUT_MILLIS,
);

test(
  "3,000 random values made by the engine have the bytes that wire/cbor gives them",
  () => {
    const random = createRandom(8746);
    const values = Array.from({ length: 3_000 }, () => randomValue(random));
    expect(ask("evaluate", values.map(sourceOf))).toEqual(values.map((value) => toHex(encode(value))));
  },
  TEST_TIMEOUT_MILLIS,
);

test(
  "both codecs give 20,000 damaged bodies the same verdict",
  () => {
    const random = createRandom(2119);
    const forms = Array.from({ length: 20_000 }, () => toHex(mutate(encode(randomValue(random)), random)));
    const passed = taken(forms);
    expect(passed).toEqual(forms.filter(isTakenByWire));
    expect(passed.length).toBeGreaterThan(1_000);
    expect(forms.length - passed.length).toBeGreaterThan(10_000);
  },
  TEST_TIMEOUT_MILLIS,
);

/** Values of the same source in both engines; the place is that of the codec in C. */
const refusals = [
  ["({ a: [0, 1, 2, { b: undefined }] })", "$.a[3].b: undefined"],
  ["[() => 1]", "$[0]: function"],
  ["({ big: 1n })", "$.big: bigint"],
  ["[1, , 3]", "$[1]: hole"],
  ["Object.assign([1], { extra: 1 })", "$: array with named properties"],
  ["({ a: { get b() { return 1; } } })", "$.a.b: accessor"],
  ["Object.defineProperty({}, 'a', { value: 1 })", "$: property that is not enumerable"],
  ["({ [Symbol()]: 1 })", "$: key that is a symbol, or two keys of the same text"],
  ["const o = {}; o.self = [o]; o", "$.self[0]: value that contains itself"],
  ["class A {} ({ a: new A() })", "$.a: class instance"],
  ["[new Map()]", "$[0]: Map"],
  ["new Uint8ClampedArray(1)", "$: typed array of a kind that bodies do not have"],
  ["new BigInt64Array(1)", "$: typed array of a kind that bodies do not have"],
  ["'a\\ud800'", "$: text with a lone surrogate"],
  ["({ '\\udc00': 1 })", "$: key with a lone surrogate"],
  ["let v = 0; for (let n = 0; n < 17; n++) v = [v]; v", `$${"[0]".repeat(16)}: containers nested too deep`],
  ["new Array(8192).fill(0)", "$: too many items or keys"],
  ["'k'.repeat(65534)", "$: too many bytes"],
] as const;

test("both codecs refuse what is no plain data, and the one in C says where and why", () => {
  expect(
    ask(
      "evaluate",
      refusals.map(([source]) => source),
    ),
  ).toEqual(refusals.map(([, path]) => `! ${path}`));
  // biome-ignore lint/security/noGlobalEval: the same source has to run in this engine too.
  const evaluate = globalThis.eval;
  for (const [source] of refusals) expect(() => encode(evaluate(source))).toThrow(WireError);
});
