// Does the reporter keep its numbers across its death, and its place in the system table?

import { type Bench, expect, test } from "lughos/testing";
import type { Publication } from "services/api/publication";
import type { Reading } from "services/api/reading";
import reporter from "services/reporter/service";
import { decodeTelemetry } from "wire/telemetry";

const name = { site: "bench", node: "reporter" };
const second = 1_767_225_600_000_000;

function reading(index: number): Reading {
  const timeMicros = second + index * 1_000_000;
  return { timeMicros, timeQualityMicros: 100, sequence: index, u1: 230, u2: 231, u3: null, f: 50, flagged: false };
}

function numbers(bench: Bench): number[] {
  const published = bench.channel("mqtt").received("publish") as readonly Publication[];
  return published.map(({ payload }) => decodeTelemetry(name, payload).sequence);
}

/** An mqtt service that takes everything. */
function openMqtt(bench: Bench): void {
  bench.channel("mqtt").answer("numbers", { telemetry: 1, event: 1 });
  bench.channel("mqtt").answer("publish", { accepted: true });
}

test("readings are numbered, and go on where they were after a restart", async (bench) => {
  openMqtt(bench);
  await bench.start(reporter, {});
  await bench.send("reading", reading(1));
  await bench.send("reading", reading(2));
  await bench.restart();
  await bench.send("reading", reading(3));
  await bench.advance(0);
  expect(numbers(bench)).toEqual([1, 2, 3]);
});

test("a service starts from the state that it is given", async (bench) => {
  openMqtt(bench);
  const state = { next: { telemetry: 42, event: 1 }, readings: [], events: [], reportSeconds: 1 };
  await bench.start(reporter, { calls: ["mqtt"], state });
  await bench.send("reading", reading(1));
  await bench.advance(0);
  expect(numbers(bench)).toEqual([42]);
});

test("it may call mqtt, and without that goes on measuring", async (bench) => {
  await bench.start(reporter, { calls: [] });
  await bench.send("reading", reading(1));
  await bench.advance(0);
  expect(bench.refusals()).toEqual([{ permission: "call", name: "mqtt", flag: "--allow-call=mqtt" }]);
  expect(bench.faults()).toEqual([]);
  expect(bench.channel("mqtt").received()).toEqual([]);
});

test("what is no reading is counted, and nobody faults", async (bench) => {
  openMqtt(bench);
  await bench.start(reporter);
  await bench.send("reading", { timeMicros: "noon" });
  expect(await bench.call("statistics")).toMatchObject({ malformed: 1, readings: 0 });
  expect(bench.faults()).toEqual([]);
});
