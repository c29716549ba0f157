import { expect, test } from "@jest/globals";
import { decode as foreignDecode } from "cbor-x";
import { diagnose } from "wire/cbor-diagnostic";
import { decodeTelemetry, encodeTelemetry } from "wire/telemetry";

test("quick", () => {
  const name = { site: "toledo", node: "node-1" };
  const reading = {
    timeMicros: 1745843600_000_000,
    timeQualityMicros: 500,
    sequence: 7,
    u1: 25981.5,
    u2: 25980.123,
    u3: null,
    f: 49.98,
    flagged: true,
  };
  const bytes = encodeTelemetry(name, reading);
  console.log(diagnose(bytes), bytes.length, foreignDecode(bytes));
  expect(decodeTelemetry(name, bytes)).toEqual({ ...reading, historical: false });
  const n = 20000;
  let t = performance.now();
  for (let i = 0; i < n; i++) decodeTelemetry(name, bytes);
  const d = performance.now() - t;
  t = performance.now();
  for (let i = 0; i < n; i++) encodeTelemetry(name, reading);
  console.log("decode µs", (d / n) * 1000, "encode µs", ((performance.now() - t) / n) * 1000);
});
