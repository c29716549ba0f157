// Does a whole node, with the real sensor on the real engine, find in a record that is played to it what the record shows?
//
// Virtual time: a worker hears the samples or set points ahead, its clock is moved, and what the sensor sends to the reporter is
// caught there.

import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { GridEvent, Reading } from "services/api/reading";
import { findArtifacts } from "sim/project";
import { type SimWorker, startWorker, type WorkerEvent } from "sim/worker";
import { openWorld } from "sim/world/open";
import { playWorld } from "sim/world/play";
import type { Setpoint } from "sim/world/world";
import { decode } from "wire/cbor";

/** UTC when the worker's clock is 0; the world begins a second later. */
const originMicros = 1_800_000_000_000_000;

let worker: SimWorker;
afterEach(() => worker.stop());

class Heard {
  readonly readings: Reading[] = [];
  readonly events: GridEvent[] = [];
  readonly troubles: string[] = [];

  take({ event, type, body, text, reason }: WorkerEvent): void {
    if (event === "log" || event === "panic") this.troubles.push(text ?? reason ?? event);
    if (event !== "message" || body === undefined) return;
    if (type === "reading") this.readings.push(decode(body) as unknown as Reading);
    else this.events.push(decode(body) as unknown as GridEvent);
  }
}

async function boot(declaredVolts: number, playback: boolean): Promise<Heard> {
  const heard = new Heard();
  worker = startWorker({ ...findArtifacts(), isVirtual: true, onEvent: (event) => heard.take(event) });
  const sensor = {
    name: "sensor",
    module: "services/sensor/service",
    memoryBytes: 256 * 1024,
    budgetSteps: 4_000_000,
    mailbox: 16,
    sends: [{ to: "reporter", priority: "HIGH" }],
    publishes: [{ to: "log", priority: "LOW" }],
    subscribes: ["waveform"],
  };
  await worker.ask({
    op: "boot",
    node: 0,
    name: "test/node-1",
    waveform: true,
    playback,
    declaredVolts,
    utcMicros: originMicros,
    utcQualityMicros: 10,
    standIns: ["reporter"],
    configuration: { table: { services: [sensor] }, ports: ["reporter"], configuration: { declaredVolts } },
  });
  return heard;
}

/** Feeds a second ahead of the clock and moves it, for so many seconds; `feed` gets a range of UTC. */
async function run(seconds: number, feed: (fromMicros: number, toMicros: number) => Promise<void>): Promise<void> {
  await feed(originMicros, originMicros + 1e6);
  for (let second = 1; second <= seconds; second++) {
    await feed(originMicros + second * 1e6, originMicros + (second + 1) * 1e6);
    await worker.ask({ op: "advance", to: second * 1e6 });
  }
}

async function playRecord(file: string, seconds: number): Promise<Heard & { start: number; declaredVolts: number }> {
  const world = openWorld(`comtrade:tests/records/${file}`);
  const { playback, anchorMicros } = playWorld(world, originMicros + 1);
  if (playback === null) throw new Error("the world has no samples");
  const heard = await boot(world.declaredVolts, true);
  await run(seconds, async (from, to) => {
    for (const { atMicros, samples } of playback.samples(from, to))
      await worker.ask({ op: "samples", atMicros, voltsPerCount: playback.voltsPerCount, samples });
  });
  return Object.assign(heard, { start: anchorMicros, declaredVolts: world.declaredVolts });
}

test("the power swing (R2) is one train of alarms on a node: seven dips in order, each told once at its begin and once at its end", async () => {
  const { events, readings, troubles, start, declaredVolts } = await playRecord("wisp-comtrade/2-bus.cfg", 20);
  expect(troubles).toEqual([]);
  const dips = events.filter(({ kind, phase }) => kind === "dip" && phase === "end");
  const found = dips.map(({ startMicros, extreme }) => [(startMicros - start) / 1e6, (100 * extreme) / declaredVolts]);
  const expected = [
    [0.45, 71],
    [0.73, 68],
    [0.99, 48],
    [1.23, 25],
    [1.48, 8],
    [2.13, 34],
    [2.64, 67],
  ] as const;
  expect(found).toHaveLength(expected.length);
  expected.forEach(([begin, residual], index) => {
    expect(Math.abs((found[index]?.[0] as number) - begin)).toBeLessThan(0.015);
    expect(Math.abs((found[index]?.[1] as number) - residual)).toBeLessThan(1.5);
  });
  const begun = events.filter(({ phase }) => phase === "begin");
  expect(begun.length).toBeLessThan(40);
  expect(new Set(begun.map(({ id }) => id)).size).toBe(begun.length);
  expect(readings.length).toBeGreaterThan(14);
  expect(readings.every(({ timeMicros }) => timeMicros >= start && timeMicros < start + 17e6)).toBe(true);
}, 60_000);

test("the earth fault (R3) dips line 2 alone, and the pause after its 2.2 s is a gap without an alarm", async () => {
  const { events, troubles, start } = await playRecord("wisp-comtrade/1.cfg", 4);
  expect(troubles).toEqual([]);
  const dips = events.filter(({ kind, phase }) => kind === "dip" && phase === "end");
  expect(dips.length).toBeGreaterThanOrEqual(5);
  for (const { lines } of dips) expect(lines).toEqual([2]);
  const late = events.filter(({ startMicros }) => startMicros > start + 2.3e6);
  expect(late).toEqual([]);
}, 60_000);

describe("an interruption of 0.83 s (R6)", () => {
  /** Rms of one period each; stamps 20 ms apart, but for a gap of 92 ms just before the voltage is back. */
  const periods = readFileSync("tests/records/pqopen-event/event_data_level_low.csv", "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").map(Number) as [number, number]);

  function setpoints(): Setpoint[] {
    const first = periods[0]?.[0] as number;
    return periods.map(([millis, volts], index) => ({
      atMicros: originMicros + 1e6 + (millis - first) * 1_000,
      volts: [volts, volts, volts],
      hertz: 50,
      continues: (periods[index + 1]?.[0] ?? Number.POSITIVE_INFINITY) - millis < 40,
    }));
  }

  test("is one event on a node, across the gap, and the readings beside the gap are flagged", async () => {
    const heard = await boot(230, false);
    const points = setpoints();
    const pack = ({ atMicros, volts, hertz, continues }: Setpoint) => [atMicros, volts, hertz, continues];
    // The synthesiser holds 32 set points: 0.6 s of these.
    let fed = 0;
    for (let at = 0; at < 7e6; at += 100_000) {
      const next = points.findIndex(({ atMicros }, index) => index >= fed && atMicros > originMicros + at + 250_000);
      const batch = points.slice(fed, next === -1 ? points.length : next);
      fed += batch.length;
      if (batch.length > 0) await worker.ask({ op: "points", node: 0, points: batch.map(pack) });
      await worker.ask({ op: "advance", to: at });
    }
    expect(heard.troubles).toEqual([]);
    expect(heard.events.map(({ kind, phase }) => `${kind} ${phase}`)).toEqual([
      "dip begin",
      "interruption begin",
      "interruption end",
      "dip end",
    ]);
    const [, , interruption, dip] = heard.events as [GridEvent, GridEvent, GridEvent, GridEvent];
    const start = originMicros + 1e6;
    expect((dip.startMicros - start) / 1e6).toBeCloseTo(2.19, 1);
    expect((dip.durationMicros as number) / 1e6).toBeCloseTo(0.83, 1);
    expect((interruption.durationMicros as number) / 1e6).toBeCloseTo(0.8, 1);
    expect(interruption.extreme).toBeLessThan(1);
    const flagged = heard.readings
      .filter((reading) => reading.flagged)
      .map(({ timeMicros }) => (timeMicros - start) / 1e6);
    expect(flagged).toEqual(expect.arrayContaining([2, 3]));
    expect(heard.readings.filter(({ timeMicros }) => timeMicros > start + 3.6e6).every(({ flagged }) => !flagged)).toBe(
      true,
    );
  }, 60_000);
});

test("samples that no node plays, or that are none, are answered and do no harm", async () => {
  const heard = await boot(230, false);
  const samples = new Int32Array(240);
  expect(await worker.ask({ op: "samples", atMicros: originMicros, voltsPerCount: 1, samples })).toBeDefined();
  for (const [wrong, reason] of [
    [{ samples: new Int32Array(241) }, "Cannot play samples: wanted an Int32Array of all three lines"],
    [{ samples: new Uint8Array(240) }, "wanted an Int32Array"],
    [{ samples: "" }, "wanted an Int32Array"],
    [{ atMicros: originMicros + 20_001 }, "samples begin at a multiple of 250 microseconds"],
    [{ atMicros: originMicros }, "samples lie before the end of those in front of them"],
    [{ voltsPerCount: 0 }, "voltsPerCount must be above 0"],
  ] as const)
    await expect(
      worker.ask({ op: "samples", atMicros: originMicros + 20_000, voltsPerCount: 1, samples, ...wrong }),
    ).rejects.toThrow(reason);
  await worker.ask({ op: "advance", to: 2e6 });
  expect(heard.readings).toEqual([]);
});
