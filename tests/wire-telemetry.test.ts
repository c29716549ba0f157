// Does a reading reach the other side unchanged, does a foreign decoder understand it, and is what is no telemetry of
// that node refused?

import { expect, test } from "@jest/globals";
import { Decoder } from "cbor-x";
import { createRandom } from "sim/random";
import { mutate } from "tests/wire-vectors";
import { diagnose } from "wire/cbor-diagnostic";
import { WireError } from "wire/error";
import { decodeSenml, encodeSenml, type SenmlRecord } from "wire/senml";
import { resolveSenml } from "wire/senml-resolve";
import { decodeTelemetry, encodeTelemetry, type Telemetry } from "wire/telemetry";

const name = { site: "toledo", node: "node-1" };
const reading: Telemetry = {
  timeMicros: 1_745_836_400_000_000,
  timeQualityMicros: 500,
  sequence: 7,
  u1: 25_981.5,
  u2: 25_980.25,
  u3: 25_982.125,
  f: 49.98,
  flagged: false,
};

test("a reading comes back as it went", () => {
  expect(decodeTelemetry(name, encodeTelemetry(name, reading))).toEqual({ ...reading, historical: false });
});

const variants: [string, Partial<Telemetry>][] = [
  ["a frequency that is invalid", { f: null }],
  ["a voltage that could not be measured", { u2: null }],
  ["nothing measured at all", { u1: null, u2: null, u3: null, f: null, flagged: true }],
  ["a voltage of zero, which is a value", { u1: 0 }],
  ["a clock that was never set", { timeQualityMicros: null, timeMicros: 12_000_000 }],
  ["a time between seconds", { timeMicros: 1_745_836_400_123_457 }],
  ["a late one", { historical: true }],
  ["the place in a replayed record", { worldTime: "2025-04-28T12:33:20+02:00" }],
];

test.each(variants)("a reading with %s comes back as it went", (_name, change) => {
  const changed = { ...reading, ...change };
  expect(decodeTelemetry(name, encodeTelemetry(name, changed))).toEqual({ historical: false, ...changed });
});

test("cbor-x, told nothing but RFC 8428, reads name, time, values and units", () => {
  const [header, ...records] = new Decoder({ mapsAsObjects: false }).decode(encodeTelemetry(name, reading)) as Map<
    unknown,
    unknown
  >[];
  expect(header?.get(-2)).toBe("urn:lugh:toledo:node-1:");
  expect(header?.get(-3)).toBe(1_745_836_400);
  expect([header?.get("tq"), header?.get("seq")]).toEqual([500, 7]);
  expect(records.map((record) => [record.get(0), record.get(1), record.get(2)])).toEqual([
    ["u1", "V", 25_981.5],
    ["u2", "V", 25_980.25],
    ["u3", "V", 25_982.125],
    ["f", "Hz", 49.98],
  ]);
});

test("a consumer of plain SenML resolves the pack to full names and the time of the samples", () => {
  const resolved = resolveSenml(decodeSenml(encodeTelemetry(name, reading)), 0);
  expect(resolved.map(({ n, t }) => [n, t])).toEqual(
    ["u1", "u2", "u3", "f"].map((value) => [`urn:lugh:toledo:node-1:${value}`, 1_745_836_400]),
  );
});

test("what is invalid has no record, so that nobody can read it as zero", () => {
  expect(diagnose(encodeTelemetry(name, { ...reading, u1: null, u3: null, f: null }))).toBe(
    '[{-2: "urn:lugh:toledo:node-1:", -3: 1745836400, "tq": 500, "seq": 7}, {0: "u2", 1: "V", 2: 25980.25}]',
  );
});

test("values of newer nodes are left to newer readers", () => {
  const pack = [...decodeSenml(encodeTelemetry(name, reading)), { n: "thd1", u: "/", v: 0.02 }];
  expect(decodeTelemetry(name, encodeSenml(pack))).toEqual({ ...reading, historical: false });
});

const impossible: [string, Partial<Telemetry>, string][] = [
  ["NaN as a voltage", { u1: NaN }, "telemetry.u1"],
  ["an infinite frequency", { f: Infinity }, "telemetry.f"],
  ["a fraction of a microsecond", { timeMicros: 0.5 }, "telemetry.timeMicros"],
  ["a negative sequence", { sequence: -1 }, "telemetry.sequence"],
  ["a long worldTime", { worldTime: "x".repeat(65) }, "telemetry.worldTime"],
];

test.each(impossible)("encodeTelemetry() refuses %s and names it", (_name, change, field) => {
  expect(() => encodeTelemetry(name, { ...reading, ...change })).toThrow(`Cannot read ${field}`);
});

test("encodeTelemetry() refuses a name that no topic could carry", () => {
  expect(() => encodeTelemetry({ site: "toledo", node: "a:b" }, reading)).toThrow(WireError);
});

const header: SenmlRecord = { bn: "urn:lugh:toledo:node-1:", bt: 1_745_836_400, tq: 500, seq: 7 };
const foreign: [string, SenmlRecord[], string][] = [
  [
    "the pack of another node",
    [
      { ...header, bn: "urn:lugh:toledo:node-11:" },
      { n: "u1", u: "V", v: 1 },
    ],
    "names below",
  ],
  [
    "a pack without a time",
    [
      { bn: "urn:lugh:toledo:node-1:", seq: 1 },
      { n: "u1", u: "V", v: 1 },
    ],
    "telemetry[0].bt",
  ],
  ["a pack without a sequence", [{ bn: "urn:lugh:toledo:node-1:", bt: 1_745_836_400 }], "telemetry[0].seq"],
  ["a negative time quality", [{ ...header, tq: -1 }], "telemetry[0].tq"],
  ["kilovolts", [header, { n: "u1", u: "kV", v: 25.9 }], "u1 in V"],
  ["a value without a unit", [header, { n: "f", v: 50 }], "f in Hz"],
  ["a text as a voltage", [header, { n: "u1", u: "V", vs: "25981" }], "u1 in V"],
  ["a value twice", [header, { n: "f", u: "Hz", v: 50 }, { n: "f", u: "Hz", v: 51 }], "it again"],
  ["values of two moments", [header, { n: "f", u: "Hz", v: 50, t: 1 }], "one time in the pack"],
  ["a number as flag", [{ ...header, flagged: 1 }], "telemetry[0].flagged"],
];

test.each(foreign)("decodeTelemetry() refuses %s", (_name, pack, message) => {
  expect(() => decodeTelemetry(name, encodeSenml(pack))).toThrow(WireError);
  expect(() => decodeTelemetry(name, encodeSenml(pack))).toThrow(message);
});

test("20,000 mutated packs are telemetry of sane fields, or refused with a WireError", () => {
  const random = createRandom(1);
  const bytes = encodeTelemetry(name, reading);
  let accepted = 0;
  for (let round = 0; round < 20_000; round++) {
    try {
      const { timeMicros, sequence, u1, f } = decodeTelemetry(name, mutate(bytes, random));
      accepted += 1;
      const isSane =
        Number.isSafeInteger(timeMicros) && sequence >= 0 && Number.isFinite(u1 ?? 0) && Number.isFinite(f ?? 0);
      if (!isSane) expect({ timeMicros, sequence, u1, f }).toBe("sane");
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  expect(accepted).toBeGreaterThan(1_000);
});
