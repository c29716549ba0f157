// Do SenML packs mean what RFC 8428 says, from JSON and from CBOR, and do both encodings carry the same records?

import { expect, test } from "@jest/globals";
import { Decoder, Encoder } from "cbor-x";
import { createRandom } from "sim/random";
import { hex, mutate, readJsonVector, readVector, toHex } from "tests/wire-vectors";
import { diagnose } from "wire/cbor-diagnostic";
import { WireError } from "wire/error";
import { decodeSenml, encodeSenml, type SenmlRecord } from "wire/senml";
import { formatSenmlJson, parseSenmlJson } from "wire/senml-json";
import { resolveSenml } from "wire/senml-resolve";

const examples = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
const resolvedExamples = examples.filter((example) => example !== 13);

function readPack(example: number): SenmlRecord[] {
  return parseSenmlJson(readVector(`senml/ex${example}.json`).toString("utf8"));
}

/** The vectors were made at this moment for the packs that say "now". */
function momentOf(example: number): number {
  return readJsonVector<{ t: number }[]>(`senml/ex${example}.gen.resolved.json`)[0]?.t ?? 0;
}

test.each(resolvedExamples)("resolveSenml() gives the resolved form of example %i of RFC 8428", (example) => {
  const wanted = readJsonVector<SenmlRecord[]>(`senml/ex${example}.gen.resolved.json`);
  const resolved = resolveSenml(readPack(example), momentOf(example)).map((record) => ({ ...record }));
  // Example 3 is version 5, which section 4.6 wants in each resolved record; the vectors leave it out.
  if (example === 3) for (const record of resolved) expect(takeVersion(record)).toBe(5);
  // Example 7 ends with bytes, which the tool that made the vectors lost.
  if (example === 7) expect(resolved.pop()).toMatchObject({ vd: new Uint8Array([0x68, 0x69, 0x20, 0x0a]) });
  expect(resolved).toEqual(wanted);
});

function takeVersion(record: { bver?: number }): number | undefined {
  const version = record.bver;
  delete record.bver;
  return version;
}

test("example 13, which has no resolved form, resolves to lights that dim now and go off 0.1 s later", () => {
  expect(resolveSenml(readPack(13), 0).map(({ t, v }) => [t, v])).toEqual([
    [1320078429, 0.5],
    [1320078429, 0.5],
    [1320078429.1, 0],
    [1320078429.1, 0],
  ]);
});

test.each(examples)("example %i comes back from CBOR and from JSON as it went", (example) => {
  const pack = readPack(example);
  expect(decodeSenml(encodeSenml(pack))).toEqual(pack);
  expect(parseSenmlJson(formatSenmlJson(pack))).toEqual(pack);
  expect(toHex(encodeSenml(decodeSenml(encodeSenml(pack))))).toBe(toHex(encodeSenml(pack)));
});

test.each([3, 5])("example %i reads the same from the CBOR of the vectors as from its JSON", (example) => {
  expect(decodeSenml(readVector(`senml/ex${example}.gen.cbor`))).toEqual(readPack(example));
});

test("diagnose() prints the CBOR of example 3 as the vectors do", () => {
  const wanted = readVector("senml/ex3.gen.cbor.diag").toString("utf8").replace(/\s+/g, " ").trim();
  expect(diagnose(readVector("senml/ex3.gen.cbor"))).toBe(wanted);
});

test("cbor-x reads our packs, and we read its packs, whose floats and lengths are not the shortest", () => {
  const pack = readPack(5);
  const labels = new Map<number, string>([
    [-2, "bn"],
    [-3, "bt"],
    [-4, "bu"],
    [1, "u"],
    [2, "v"],
    [6, "t"],
  ]);
  const read = new Decoder({ mapsAsObjects: false }).decode(encodeSenml(pack)) as Map<number, unknown>[];
  const named = read.map((record) => Object.fromEntries([...record].map(([key, value]) => [labels.get(key), value])));
  expect(named).toEqual(pack);
  const foreign = new Encoder({ useRecords: false, mapsAsObjects: false }).encode(read);
  expect(decodeSenml(foreign)).toEqual(pack);
});

test("extensions keep their labels in both encodings, sorted behind the known ones", () => {
  const pack = [{ n: "a", v: 1, tq: 500, seq: 7, flagged: true, raw: new Uint8Array([1]) }];
  expect(diagnose(encodeSenml(pack))).toBe(`[{0: "a", 2: 1, "tq": 500, "raw": h'01', "seq": 7, "flagged": true}]`);
  expect(decodeSenml(encodeSenml(pack))).toEqual(pack);
  expect(resolveSenml(pack, 0)[0]).toMatchObject({ n: "a", t: 0, tq: 500, seq: 7 });
});

test("decodeSenml() reads decimal fractions, rounded once", () => {
  expect(decodeSenml(hex("81a200616102c48221196ab3"))).toEqual([{ n: "a", v: 273.15 }]);
});

test("decodeSenml() ignores integer keys beyond the table and reads indefinite maps", () => {
  expect(decodeSenml(hex("81bf00616102011864f5ff"))).toEqual([{ n: "a", v: 1 }]);
});

const refusedCbor: [string, string][] = [
  ["a map at the top", "a0"],
  ["an empty pack", "80"],
  ["a record that is no map", "8101"],
  ["a label that must be understood", "81a200616162785f01"],
  ["a known label as text", "81a1616e6161"],
  ["a label twice", "81a2006161006162"],
  ["a text as value", "81a2006161026131"],
  ["a number as name", "81a10001"],
  ["NaN", "81a200616102f97e00"],
  ["a number that a double cannot hold", "81a200616102c482190fa001"],
  ["a list as extension", "81a161788101"],
  ["an indefinite text as name", "81a1007f6161ff"],
  ["bytes behind the pack", "81a100616100"],
];

test.each(refusedCbor)("decodeSenml() refuses %s", (_name, form) => {
  expect(() => decodeSenml(hex(form))).toThrow(WireError);
});

test.each([
  "",
  "{}",
  "[]",
  "[1]",
  '[{"n":1}]',
  '[{"v":"1"}]',
  '[{"n":"a","x_":1}]',
  '[{"vd":"!"}]',
  '[{"vd":"aaaaa"}]',
  '[{"n":null}]',
])("parseSenmlJson() refuses %p", (text) => {
  expect(() => parseSenmlJson(text)).toThrow(WireError);
});

const unresolvable: [string, SenmlRecord[], string][] = [
  ["no name at all", [{ v: 1 }], "wanted a name, found none"],
  ["a name with a blank", [{ n: "a b", v: 1 }], "wanted a name of letters"],
  ["a name that begins with a hyphen", [{ n: "-a", v: 1 }], "wanted a name of letters"],
  ["two values in one record", [{ n: "a", v: 1, vs: "x" }], "wanted one value, found several"],
  ["a base value beside a text", [{ bn: "a", bv: 1, n: "a", vs: "x", v: 1 }], "wanted one value, found several"],
  ["a record without a value", [{ n: "a", u: "V" }], "wanted a value or a sum, found neither"],
  ["a version that we do not know", [{ bver: 11, n: "a", v: 1 }], "wanted version 10 at most, found 11"],
  [
    "two versions",
    [
      { bver: 5, n: "a", v: 1 },
      { bver: 6, n: "a", v: 1 },
    ],
    "wanted one version in the pack, found two",
  ],
];

test.each(unresolvable)("resolveSenml() refuses %s", (_name, pack, message) => {
  expect(() => resolveSenml(pack, 0)).toThrow(WireError);
  expect(() => resolveSenml(pack, 0)).toThrow(message);
});

test("resolveSenml() adds base values and base sums, also where the record leaves its own out", () => {
  const pack = [
    { bn: "m:", bv: 20, bs: 100, n: "a", v: 0.5 },
    { n: "b", s: 1 },
    { n: "c", vs: "text" },
  ];
  expect(resolveSenml(pack, 5).map(({ n, v, s, vs }) => ({ n, v, s, vs }))).toEqual([
    { n: "m:a", v: 20.5, s: 100, vs: undefined },
    { n: "m:b", v: 20, s: 101, vs: undefined },
    { n: "m:c", v: undefined, s: 100, vs: "text" },
  ]);
});

test("resolveSenml() takes times below 2^28 s as relative to now, and others as they are", () => {
  const pack = [
    { n: "a", v: 1, t: -10 },
    { n: "a", v: 1, t: 2 ** 28 - 1 },
    { n: "a", v: 1, t: 2 ** 28 },
  ];
  expect(resolveSenml(pack, 1_000_000_000).map(({ t }) => t)).toEqual([
    999_999_990,
    1_000_000_000 + 2 ** 28 - 1,
    2 ** 28,
  ]);
});

test("20,000 mutated packs are read or refused with a WireError", () => {
  const random = createRandom(8428);
  const packs = examples.map((example) => encodeSenml(readPack(example)));
  let accepted = 0;
  for (let round = 0; round < 20_000; round++) {
    try {
      const pack = decodeSenml(mutate(packs[round % packs.length] as Uint8Array, random));
      accepted += 1;
      resolveSenml(pack, 0);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  expect(accepted).toBeGreaterThan(1_000);
});
