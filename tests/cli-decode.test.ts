// Does `lugh decode` show what is in a payload, the same as an independent decoder finds, and refuse what is none?

import { describe, expect, jest, test } from "@jest/globals";
import { Decoder } from "cbor-x";
import { runCli, runJson } from "tests/cli-run";
import { encodeBirth, encodeDeath } from "wire/birth";
import { encode } from "wire/cbor";
import { encodeCommand, encodeReply } from "wire/command";
import { encodeEvent } from "wire/event";
import { formatHex } from "wire/hex";
import { encodeLog } from "wire/log";
import { encodeState } from "wire/state";
import { encodeTelemetry } from "wire/telemetry";

// Each call is a process, and other tests run beside it.
jest.setTimeout(30_000);

const timeMicros = Date.UTC(2025, 3, 28, 10, 33, 20) * 1000;
const telemetry = encodeTelemetry(
  { site: "toledo", node: "node-1" },
  { timeMicros, timeQualityMicros: 50, sequence: 42, u1: 28_560.5, u2: 28_561, u3: null, f: 48.625, flagged: false },
);

interface DecodedTelemetry {
  readonly kind: string;
  readonly value: {
    readonly labels: { readonly seq: number; readonly tq: number };
    readonly records: readonly unknown[];
  };
}

describe("telemetry", () => {
  test("is shown as SenML with times, names and units resolved", async () => {
    const { code, json } = await runJson<DecodedTelemetry>(["decode", "--kind", "telemetry"], { input: telemetry });
    expect(code).toBe(0);
    const t = timeMicros / 1e6;
    expect(json).toEqual({
      kind: "telemetry",
      value: {
        labels: { seq: 42, tq: 50 },
        records: [
          { n: "urn:lugh:toledo:node-1:u1", u: "V", v: 28_560.5, t },
          { n: "urn:lugh:toledo:node-1:u2", u: "V", v: 28_561, t },
          { n: "urn:lugh:toledo:node-1:f", u: "Hz", v: 48.625, t },
        ],
      },
    });
  });

  test("is for people a line a record", async () => {
    const { stdout } = await runCli(["decode", "--topic", "lugh/1/toledo/node-1/telemetry"], { input: telemetry });
    expect(stdout).toBe(
      [
        "tq=50  seq=42",
        "2025-04-28T10:33:20.000Z  urn:lugh:toledo:node-1:u1  28560.5 V",
        "2025-04-28T10:33:20.000Z  urn:lugh:toledo:node-1:u2  28561 V",
        "2025-04-28T10:33:20.000Z  urn:lugh:toledo:node-1:f  48.625 Hz",
        "",
      ].join("\n"),
    );
  });

  test("says the same as cbor-x finds in the bytes", async () => {
    const pack = new Decoder({ mapsAsObjects: false, useRecords: false }).decode(telemetry) as Map<
      number | string,
      unknown
    >[];
    const [header, ...records] = pack as [Map<number | string, unknown>, ...Map<number | string, unknown>[]];
    const { json } = await runJson<DecodedTelemetry>(["decode", "--kind", "telemetry"], { input: telemetry });
    expect(json.value.labels).toEqual({ seq: header.get("seq"), tq: header.get("tq") });
    expect(json.value.records).toEqual(
      records.map((record) => ({
        n: `${header.get(-2)}${record.get(0)}`,
        u: record.get(1),
        v: record.get(2),
        t: header.get(-3),
      })),
    );
  });

  test("may come as hexadecimal digits, in lines and with blanks", async () => {
    const digits = formatHex(telemetry)
      .replace(/(.{60})/g, "$1\n")
      .replace(/(..)/g, "$1 ");
    const { json } = await runJson<DecodedTelemetry>(["decode", "--kind", "telemetry", "--hex"], { input: digits });
    expect(json.value.labels.seq).toBe(42);
  });
});

const service = { name: "sensor", version: "1.0.0" };
const values = {
  birth: {
    session: 7,
    site: "toledo",
    node: "node-1",
    model: "simulated",
    firmware: "0.1.0",
    engine: "XS 13.3.0",
    timeMicros,
    services: [service],
    metrics: [{ name: "u1", unit: "V" }],
    declaredVolts: 25_981,
    insecureCommands: true,
  },
  death: { session: 7 },
  event: {
    kind: "interruption" as const,
    phase: "begin" as const,
    id: 3,
    lines: [1, 2, 3],
    startMicros: timeMicros,
    timeQualityMicros: null,
    durationMicros: null,
    extreme: 12.5,
    unit: "V" as const,
    sequence: 9,
    historical: false,
  },
  state: {
    session: 7,
    timeMicros,
    uptimeMicros: 1,
    scheduler: "priority",
    services: [],
    outbox: { queued: 0, inFlight: 0, stored: 0, dropped: 0 },
    storage: null,
    journal: null,
    boot: { state: "blank", reason: "" },
  },
  log: { timeMicros, level: "error" as const, service: "sensor", text: "no" },
  command: { requestId: "a", operation: "ping" },
  reply: { requestId: "a", ok: true as const, result: null },
};
const encoded = {
  birth: encodeBirth(values.birth),
  death: encodeDeath(values.death),
  event: encodeEvent(values.event),
  state: encodeState(values.state),
  log: encodeLog(values.log),
  command: encodeCommand(values.command),
  reply: encodeReply(values.reply),
};

describe("the other kinds", () => {
  test.each(Object.keys(values) as (keyof typeof values)[])("%s is shown as what was encoded", async (kind) => {
    const { code, json } = await runJson(["decode", "--kind", kind], { input: encoded[kind] });
    expect(code).toBe(0);
    expect(json).toEqual({ kind, value: values[kind] });
  });

  test("are for people in diagnostic notation, without obeying what a node says to the terminal", async () => {
    const input = encodeLog({ ...values.log, text: "\u001b[2J" });
    const { stdout } = await runCli(["decode", "--kind", "log"], { input });
    expect(stdout).toContain('"service": "sensor"');
    expect(stdout).not.toContain("\u001b");
  });

  test("any CBOR will do without a kind: ours as a value, that of others in diagnostic notation", async () => {
    const ours = encode({ list: [1, Uint8Array.of(255, 254), Int32Array.of(-1, 2)] });
    expect((await runJson(["decode"], { input: ours })).json).toEqual({
      kind: null,
      value: { list: [1, "__4", [-1, 2]] },
    });
    const indefinite = Uint8Array.of(0x9f, 0x01, 0xff);
    expect((await runJson(["decode"], { input: indefinite })).json).toEqual({
      kind: null,
      value: { diagnostic: "[_ 1]" },
    });
    expect((await runCli(["decode"], { input: indefinite })).stdout).toBe("[_ 1]\n");
  });
});

describe("what is no payload", () => {
  test.each([
    ["garbage", ["--kind", "telemetry"], Uint8Array.of(0xff, 0x00), "Cannot decode CBOR at byte 0"],
    ["a payload cut short", ["--kind", "telemetry"], telemetry.slice(0, -1), "Cannot decode CBOR"],
    ["a payload of another kind", ["--kind", "event"], encoded.log, "Cannot read event.phase"],
    ["nothing", [], "", "wanted a payload on standard input, found nothing"],
    ["digits that are none", ["--hex"], "0g", 'wanted two of 0-9 a-f, found "0g"'],
    ["far too much", [], new Uint8Array(300_000), "wanted at most 196608 bytes, found more"],
    ["a bomb of nested arrays", [], new Uint8Array(60_000).fill(0x81), "depth 16 at most"],
  ])("%s is refused with exit code 1 and a reason", async (_title, args, input, message) => {
    const plain = await runCli(["decode", ...args], { input });
    expect(plain).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(message) });
    const { code, json } = await runJson(["decode", ...args], { input });
    expect(code).toBe(1);
    expect(json).toEqual({ error: { code: "bad-input", message: expect.stringContaining(message) } });
  });
});
