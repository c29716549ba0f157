// Do births, deaths, events, states, logs, commands and replies reach the other side as they are, and is every field
// that is not what it should be refused by its name, on the way out as on the way in?

import { expect, test } from "@jest/globals";
import { createRandom } from "sim/random";
import { mutate, toHex } from "tests/wire-vectors";
import { type Birth, decodeBirth, decodeDeath, encodeBirth, encodeDeath } from "wire/birth";
import { encode } from "wire/cbor";
import { type Command, decodeCommand, decodeReply, encodeCommand, encodeReply, type Reply } from "wire/command";
import { WireError } from "wire/error";
import { decodeEvent, type EventReport, encodeEvent } from "wire/event";
import { buildGreeting } from "wire/greeting";
import { decodeLog, encodeLog, type LogLine } from "wire/log";
import { decodeState, encodeState, type NodeState } from "wire/state";

const birth: Birth = {
  session: 12,
  node: "node-1",
  site: "toledo",
  model: "sim",
  firmware: "0.1.0",
  engine: "XS 13.3.0",
  timeMicros: 1_745_836_400_000_000,
  services: [{ name: "sensor", version: "1.0.0" }],
  metrics: [{ name: "u1", unit: "V" }],
  declaredVolts: 25_981,
  insecureCommands: false,
};
const event: EventReport = {
  kind: "dip",
  phase: "end",
  id: 4,
  lines: [1, 3],
  startMicros: 1_745_836_404_010_000,
  timeQualityMicros: null,
  durationMicros: 120_000,
  extreme: 18_200.5,
  unit: "V",
  sequence: 9,
  historical: false,
};
const service = {
  name: "sensor",
  version: "1.0.0",
  state: "running",
  restarts: 1,
  generation: 2,
  lastFault: "threw: not a number",
  dispatches: 1_000,
  runMicros: 52_000,
  bytes: 14_000,
  queued: 0,
  refused: 0,
  replaced: 3,
};
const state: NodeState = {
  session: 12,
  timeMicros: 1_745_836_400_000_000,
  uptimeMicros: 60_000_000,
  scheduler: "priority",
  services: [service, { ...service, name: "mqtt", lastFault: null }],
  outbox: { queued: 3, inFlight: 7, stored: 40, dropped: 0 },
  storage: { state: "ready", reason: "", flashLifetimeYears: 61.5 },
  journal: { records: 4, head: "07".repeat(32) },
  boot: { state: "confirmed", reason: "" },
};
const line: LogLine = {
  timeMicros: 1_745_836_400_000_000,
  level: "warning",
  service: "mqtt",
  text: "Broker is away: refused",
};
const command: Command = { requestId: "cli-1", operation: "fault", argument: { service: "sensor", kind: "spin" } };
const reply: Reply = { requestId: "cli-1", ok: true, result: null };
const refusal: Reply = {
  requestId: "cli-1",
  ok: false,
  code: "not-permitted",
  message: "Start the simulator with --insecure-commands",
};

/** A payload by name, with its two functions, which refuse the same. */
const payloads: [string, object, (value: never) => Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ["birth", birth, encodeBirth, decodeBirth],
  ["death", { session: 12 }, encodeDeath, decodeDeath],
  ["event", event, encodeEvent, decodeEvent],
  ["state", state, encodeState, decodeState],
  ["log", line, encodeLog, decodeLog],
  ["command", command, encodeCommand, decodeCommand],
  ["command without argument", { requestId: "cli-2", operation: "ping" }, encodeCommand, decodeCommand],
  ["reply", reply, encodeReply, decodeReply],
  ["refusing reply", refusal, encodeReply, decodeReply],
];

test.each(payloads)("a %s comes back as it went", (_name, value, encodeIt, decodeIt) => {
  expect(decodeIt(encodeIt(value as never))).toEqual(value);
});

test.each(payloads)(
  "a %s is one deterministic document, and fields that nobody knows are left out",
  (_name, value, encodeIt, decodeIt) => {
    expect(toHex(encodeIt(value as never))).toBe(toHex(encode(value)));
    expect(toHex(encodeIt({ ...value, newer: 1 } as never))).toBe(toHex(encode(value)));
    expect(decodeIt(encode({ ...value, newer: 1 }))).toEqual(value);
  },
);

/** A change that makes it wrong, and what the refusal must name. */
const wrongs: [string, object, string][] = [
  ["birth", { session: -1 }, "birth.session"],
  ["birth", { session: 1.5 }, "birth.session"],
  ["birth", { session: undefined }, "birth.session"],
  ["birth", { node: "Node" }, "node name"],
  ["birth", { model: "m".repeat(65) }, "birth.model"],
  ["birth", { services: {} }, "birth.services"],
  ["birth", { services: [{ name: "sensor", version: 1 }] }, "birth.services[0].version"],
  ["birth", { services: new Array(65).fill({ name: "a", version: "1" }) }, "birth.services"],
  ["birth", { metrics: ["u1"] }, "birth.metrics[0]"],
  ["birth", { declaredVolts: NaN }, "birth.declaredVolts"],
  ["birth", { insecureCommands: 0 }, "birth.insecureCommands"],
  ["death", { session: "12" }, "death.session"],
  ["event", { kind: "surge" }, "event.kind"],
  ["event", { kind: "toString" }, "event.kind"],
  ["event", { phase: "middle" }, "event.phase"],
  ["event", { phase: "begin" }, "event.durationMicros"],
  ["event", { durationMicros: null }, "event.durationMicros"],
  ["event", { lines: [0] }, "event.lines"],
  ["event", { lines: [3, 1] }, "event.lines"],
  ["event", { lines: [1, 1] }, "event.lines"],
  ["event", { lines: [1, 2, 3, 1] }, "event.lines"],
  ["event", { extreme: Infinity }, "event.extreme"],
  ["event", { unit: "kV" }, "event.unit"],
  ["event", { historical: null }, "event.historical"],
  ["state", { services: [{ ...service, bytes: -1 }] }, "state.services[0].bytes"],
  ["state", { services: [{ ...service, lastFault: 1 }] }, "state.services[0].lastFault"],
  ["state", { outbox: null }, "state.outbox"],
  ["state", { outbox: { queued: 1, inFlight: 1, stored: 0 } }, "state.outbox.dropped"],
  ["state", { journal: { records: 1, head: 1 } }, "state.journal.head"],
  ["state", { storage: { state: "ready", reason: "", flashLifetimeYears: "15" } }, "state.storage.flashLifetimeYears"],
  ["log", { level: "debug" }, "log.level"],
  ["log", { text: "x".repeat(1025) }, "log.text"],
  ["command", { requestId: 1 }, "command.requestId"],
  ["command", { operation: "x".repeat(65) }, "command.operation"],
  ["reply", { ok: "yes" }, "reply.ok"],
  ["refusing reply", { code: null }, "reply.code"],
];

test.each(wrongs)(
  "a %s with %j is refused by the name of the field, going out and coming in",
  (name, change, field) => {
    const [, value, encodeIt, decodeIt] = payloads.find(([known]) => known === name) as (typeof payloads)[number];
    const wrong: { [key: string]: unknown } = { ...value, ...change };
    expect(() => encodeIt(wrong as never)).toThrow(WireError);
    expect(() => encodeIt(wrong as never)).toThrow(field);
    for (const key of Object.keys(wrong)) if (wrong[key] === undefined) delete wrong[key];
    expect(() => decodeIt(encode(wrong))).toThrow(field);
  },
);

test("a reply without a result is refused: no result is null", () => {
  expect(() => decodeReply(encode({ requestId: "a", ok: true }))).toThrow("reply.result");
});

test.each(payloads)("a %s that is no map is refused", (_name, _value, _encodeIt, decodeIt) => {
  for (const other of [null, 1, "birth", [1], new Uint8Array(2)])
    expect(() => decodeIt(encode(other))).toThrow(WireError);
});

test("limits on texts count characters and not the units of one engine's strings", () => {
  const model = "😀".repeat(64);
  expect(decodeBirth(encodeBirth({ ...birth, model })).model).toBe(model);
  expect(() => encodeBirth({ ...birth, model: `${model}😀` })).toThrow("birth.model");
});

test("encodeCommand() refuses an argument that is not plain data and names its place", () => {
  const argument = { when: new Date(0) } as never;
  expect(() => encodeCommand({ requestId: "a", operation: "b", argument })).toThrow("$.argument.when");
});

test("a greeting leaves the death of the very session that the birth announces", () => {
  const greeting = buildGreeting(birth);
  expect(greeting.birth).toMatchObject({ topic: "lugh/1/toledo/node-1/birth", qos: 1, retain: true });
  expect(greeting.will).toMatchObject({ topic: "lugh/1/toledo/node-1/death", qos: 1, retain: true });
  expect(decodeDeath(greeting.will.payload).session).toBe(decodeBirth(greeting.birth.payload).session);
});

test("40,000 mutated payloads are read or refused with a WireError", () => {
  const random = createRandom(40);
  const encoded = payloads.map(([, value]) => encode(value));
  let accepted = 0;
  for (let round = 0; round < 40_000; round++) {
    const which = round % payloads.length;
    try {
      payloads[which]?.[3](mutate(encoded[which] as Uint8Array, random));
      accepted += 1;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  expect(accepted).toBeGreaterThan(2_000);
});
