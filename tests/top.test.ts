// Does `lugh top` tell what a node did in an interval, and only that?

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { compareSamples, type Interval } from "cli/top-interval";
import type { Sample, ServiceSample } from "cli/top-sample";
import { closeAll, openBroker, openNode } from "tests/cli-nodes";
import { runCli, runJson, startCli } from "tests/cli-run";
import { LiveFleet } from "tests/live-fleet";

// Each call is a process, and other tests run beside it.
jest.setTimeout(60_000);

function service(name: string, more: Partial<ServiceSample> = {}): ServiceSample {
  const figures = { restarts: 0, dispatches: 0, steps: 0, runMicros: 0, bytes: 1_024, queued: 0 };
  return { name, state: "running", ...figures, ...more };
}

function sample(uptimeSeconds: number, services: readonly ServiceSample[], waits: Sample["waits"] = null): Sample {
  return { uptimeMicros: uptimeSeconds * 1e6, scheduler: "priority", highWaitMicros: 17, waits, services };
}

describe("between two samples", () => {
  test("a service's share, rates and present state are told, the busiest service first", () => {
    const before = sample(10, [
      service("idle", { dispatches: 7, steps: 70 }),
      service("busy", { dispatches: 100, steps: 10_000, runMicros: 1_000_000 }),
    ]);
    const now = sample(12, [
      service("idle", { dispatches: 8, steps: 80, runMicros: 2_000, queued: 1, bytes: 2_048 }),
      service("busy", { dispatches: 1_100, steps: 50_000, runMicros: 1_500_000, restarts: 2, queued: 3 }),
    ]);
    const interval = compareSamples(before, now);
    expect(interval.services).toEqual([
      {
        name: "busy",
        state: "running",
        cpuShare: 0.25,
        dispatchesPerSecond: 500,
        stepsPerSecond: 20_000,
        queued: 3,
        bytes: 1_024,
        restarts: 2,
      },
      {
        name: "idle",
        state: "running",
        cpuShare: 0.001,
        dispatchesPerSecond: 0.5,
        stepsPerSecond: 5,
        queued: 1,
        bytes: 2_048,
        restarts: 0,
      },
    ]);
    expect(interval.total).toEqual({
      cpuShare: 0.251,
      dispatchesPerSecond: 500.5,
      stepsPerSecond: 20_005,
      queued: 4,
      bytes: 3_072,
      restarts: 2,
    });
    expect(interval).toMatchObject({ intervalMicros: 2_000_000, highWaitMicros: 17, waits: null });
  });

  test("a node that was started anew is told from its start on, and so is a service that is new", () => {
    const before = sample(100, [service("a", { dispatches: 5_000 })], { HIGH: [9], MEDIUM: [], LOW: [] });
    const now = sample(4, [service("a", { dispatches: 8 }), service("b", { dispatches: 4 })], {
      HIGH: [2],
      MEDIUM: [],
      LOW: [],
    });
    const { intervalMicros, services, waits } = compareSamples(before, now);
    expect(intervalMicros).toBe(4_000_000);
    expect(services.map(({ name, dispatchesPerSecond }) => [name, dispatchesPerSecond])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    expect(waits?.HIGH.messages).toBe(2);
  });

  test("waits are those of the interval, as bounds that half, 99 % and all of them are below", () => {
    const endless = Array.from({ length: 26 }, (_, index) => (index === 25 ? 1 : 0));
    const before = { HIGH: [1_000, 5], MEDIUM: [3], LOW: [] };
    const now = { HIGH: [1_000, 65, 38, 0, 1, 1], MEDIUM: [3], LOW: endless };
    const { waits } = compareSamples(sample(1, [], before), sample(2, [], now));
    expect(waits).toEqual({
      HIGH: { messages: 100, medianBelowMicros: 2, p99BelowMicros: 16, maxBelowMicros: 32 },
      MEDIUM: { messages: 0, medianBelowMicros: null, p99BelowMicros: null, maxBelowMicros: null },
      LOW: { messages: 1, medianBelowMicros: null, p99BelowMicros: null, maxBelowMicros: null },
    });
  });
});

describe("lugh top of a live node", () => {
  test("is an object a line with --json, which adds up", async () => {
    const node = "toledo/node-1";
    const fleet = await LiveFleet.start();
    try {
      const { code, stdout } = await fleet.lugh("top", node, "--interval", "1", "--count", "2", "--json");
      expect(code).toBe(0);
      const intervals = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Interval & { node: string });
      expect(intervals.map((interval) => interval.node)).toEqual([node, node]);
      for (const { total, services, waits, intervalMicros, scheduler } of intervals) {
        expect(scheduler).toBe("priority");
        expect(intervalMicros).toBeGreaterThanOrEqual(900_000);
        const sensor = services.find(({ name }) => name === "sensor");
        // Fifty blocks of the waveform a second, on a desk that may be busy.
        expect(sensor?.dispatchesPerSecond).toBeGreaterThan(20);
        expect(sensor?.dispatchesPerSecond).toBeLessThan(100);
        expect(sensor?.cpuShare).toBeGreaterThan(0);
        expect(total.cpuShare).toBeLessThanOrEqual(1);
        expect(total.stepsPerSecond).toBeCloseTo(
          services.reduce((sum, each) => sum + each.stepsPerSecond, 0),
          3,
        );
        expect(waits?.MEDIUM.messages).toBeGreaterThan(20);
        expect(waits?.MEDIUM.medianBelowMicros).toBeGreaterThanOrEqual(1);
      }
    } finally {
      await fleet.dispose();
    }
  });
});

describe("lugh top", () => {
  afterEach(closeAll);

  /** A node that dispatches a hundred messages a second, by its own clock. */
  async function openTicking(): Promise<string> {
    const broker = await openBroker();
    let seconds = 100;
    const answer = () => {
      seconds += 2;
      const sensor = { ...service("sensor", { dispatches: seconds * 100, runMicros: seconds * 5_000 }) };
      const figures = { uptimeMicros: seconds * 1e6, scheduler: "priority", highWaitMicros: 4_321 };
      return { ok: true as const, result: { ...figures, services: [sensor] } };
    };
    await openNode(broker, { site: "lab", node: "node-1" }, { answer });
    return broker.url;
  }

  test("prints a table for people, busiest first, without waits where the node counts none", async () => {
    const args = ["top", "lab/node-1", "--interval", "1", "--count", "1", "--broker", await openTicking()];
    const { code, stdout } = await runCli(args);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        "lab/node-1  up 1 min 44 s, scheduler priority, over 2.0 s",
        "0.50 % CPU, 100 dispatches/s, 0 steps/s, 0 queued, 1.0 KiB, 0 restarts",
        "longest wait of HIGH in the last minute 4.3 ms",
        "",
        "SERVICE  STATE       CPU  DISPATCHES/S  STEPS/S  QUEUED   MEMORY  RESTARTS",
        "sensor   running  0.50 %           100        0       0  1.0 KiB         0",
        "",
        "",
      ].join("\n"),
    );
  });

  test("goes on until Ctrl-C, which is no failure", async () => {
    const args = ["top", "lab/node-1", "--interval", "1", "--json", "--broker", await openTicking()];
    const { child, result, output } = startCli(args);
    for (let end = Date.now() + 20_000; output().split("\n").length < 3; await sleep(20))
      if (Date.now() > end) throw new Error(`waited in vain for two lines, found ${output()}`);
    child.kill("SIGINT");
    expect((await result).code).toBe(0);
  });

  test("says that an answer makes no sense", async () => {
    const broker = await openBroker();
    await openNode(broker, { site: "lab", node: "node-1" }, { answer: () => ({ ok: true, result: { services: 5 } }) });
    const { code, json } = await runJson(["top", "lab/node-1", "--broker", broker.url]);
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "bad-reply" });
  });

  test.each([
    [["top"], 2, "usage", "wanted NODE, found nothing"],
    [
      ["top", "lab/node-1", "--interval", "0"],
      2,
      "usage",
      "Cannot read --interval: wanted a whole number from 1 to 3600",
    ],
    [["top", "lab/node-1", "--broker", "mqtt://127.0.0.1:1"], 1, "broker-unreachable", "ECONNREFUSED"],
  ])("%j is refused with its reason", async (args, code, error, message) => {
    expect(await runJson(args)).toEqual({
      code,
      json: { error: { code: error, message: expect.stringContaining(message) } },
    });
  });

  test("--help names its options, in lines that fit", async () => {
    const { stdout } = await runCli(["top", "--help"]);
    for (const option of ["interval", "count", "broker"]) expect(stdout).toMatch(new RegExp(`^ {2}--${option} `, "m"));
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});
