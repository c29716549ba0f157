// Does each benchmark measure what its contract names, on the real engine? How fast it is stands in no test.

import { describe, expect, jest, test } from "@jest/globals";
import { percentiles } from "sim/bench/percentiles";
import { runCli, runJson } from "tests/cli-run";

// Each call is a process that boots nodes, and other tests run beside it.
jest.setTimeout(60_000);

const positive = expect.any(Number);
const someSpread = { median: positive, p99: positive, max: positive };
/** As JSON shows what was not measured. */
const nothing = { median: null, p99: null, max: null };
const provenance = {
  engine: "XS 13.3",
  commit: expect.stringMatching(/^([0-9a-f]{12}(\+changes)?|unknown)$/),
  host: expect.any(String),
};

/** All numbers inside, with where they stand. */
function numbersIn(value: unknown, path = ""): [string, number][] {
  if (typeof value === "number") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => numbersIn(inner, `${path}.${name}`));
}

async function bench(...args: string[]): Promise<object> {
  const { code, json } = await runJson<object>(["bench", ...args]);
  expect({ code, error: (json as { error?: unknown }).error }).toEqual({ code: 0, error: undefined });
  expect(numbersIn(json).filter(([, number]) => !Number.isFinite(number) || number < 0)).toEqual([]);
  return json;
}

describe("lugh bench", () => {
  test("storage tells rates, recovery, memory and wear, and SQLite's beside them where there is python3", async () => {
    const figures = await bench("storage", "--keys", "200");
    const rates = { commitsPerSecondOneKey: positive, commitsPerSecondTenKeys: positive, getsPerSecond: positive };
    expect(figures).toMatchObject({
      bench: "storage",
      engine: expect.stringContaining("Node"),
      sizes: [
        {
          keys: 200,
          ...rates,
          recoveryMillis: positive,
          recoveryReads: positive,
          memoryBytes: positive,
          writeAmplification: positive,
          eraseSpread: { least: positive, most: positive },
        },
      ],
    });
    const { sqlite } = figures as { sqlite: unknown };
    if (sqlite !== null) expect(sqlite).toMatchObject({ version: expect.any(String), keys: 200, ...rates });
  });

  test("ipc tells round trips of every kind, each above none, and those of Node's threads", async () => {
    const figures = await bench("ipc", "--count", "200");
    expect(figures).toEqual({
      bench: "ipc",
      ...provenance,
      roundTripsPerSecond: positive,
      plainRoundTripsPerSecond: positive,
      pipelinedRoundTripsPerSecond: positive,
      tenPairs: expect.objectContaining({ "built-in": positive, "round-robin": positive, priority: positive }),
      dispatchPerSecond: positive,
      nodeWorkersRoundTripsPerSecond: positive,
    });
    expect(numbersIn(figures).filter(([, number]) => number === 0)).toEqual([]);
  });

  test("ring tells the hops of one token and of ten around a hundred services", async () => {
    expect(await bench("ring", "--count", "995")).toEqual({
      bench: "ring",
      ...provenance,
      services: 100,
      hops: 995,
      hopsPerSecond: positive,
      tenTokens: { hops: 1000, hopsPerSecond: positive },
    });
  });

  test("latency tells how long HIGH was on its way, idle and under a flood of LOW", async () => {
    const shape = { median: positive, p99: positive, max: positive };
    const figures = (await bench("latency", "--count", "120")) as {
      idle: object;
      flooded: { median: number; max: number };
    };
    expect(figures).toEqual({
      bench: "latency",
      ...provenance,
      messages: 120,
      idle: shape,
      flooded: shape,
      ratio: positive,
    });
    expect(figures.flooded.max).toBeGreaterThanOrEqual(figures.flooded.median);
  });

  test("restart tells kills, recoveries and the time to an answer", async () => {
    const times = { median: positive, p99: positive, max: positive };
    const each = { kills: 2, recovered: 2, stateful: 2, microsToAnswer: times };
    expect(await bench("restart", "--kills", "10")).toEqual({
      bench: "restart",
      ...provenance,
      kills: 10,
      recovered: 10,
      stateful: 10,
      microsToAnswer: times,
      faultsInjected: 10,
      faultsActivated: 10,
      kernelFailures: 0,
      unrecoveredHangs: 0,
      byFault: { kill: each, throw: each, spin: each, memory: each, stack: each },
    });
  });

  test("update tells faults at every step of a pair of versions, and loses nothing", async () => {
    const figures = (await bench("update", "--pairs", "1")) as { messages: number; handledByRejected: number };
    expect(figures).toEqual({
      bench: "update",
      ...provenance,
      pairs: 1,
      updates: 38,
      transactions: 38,
      faultsInjected: 37,
      faultsActivated: 37,
      messages: positive,
      lost: 0,
      duplicated: 0,
      reordered: 0,
      handledByRejected: positive,
      stateLost: 0,
      gapMicros: someSpread,
      goodGapMicros: nothing,
      transactionGapMicros: someSpread,
      baselineGapMicros: someSpread,
      stepMicros: { prepareMicros: nothing, suspendMicros: nothing, startMicros: nothing },
      rolledBack: 36,
      torn: 0,
    });
    expect(figures.handledByRejected).toBeLessThan(figures.messages);
  });

  test("lifetime tells how long a flash lasts by what was erased, and loses no reading in an outage", async () => {
    const { results } = (await bench("lifetime", "--hours", "2", "--outages", "usual")) as { results: object[] };
    expect(results).toEqual([
      {
        outages: "usual",
        hours: 2,
        logBytes: 65_536,
        readings: expect.any(Number),
        historical: expect.any(Number),
        dropped: 0,
        flashLifetimeYears: positive,
        worstSectorYears: positive,
        erases: positive,
        programmedBytes: positive,
      },
    ]);
    const [{ readings, historical }] = results as [{ readings: number; historical: number }];
    expect([readings, historical > 10, historical < 60]).toEqual([7_200, true, true]);
  });

  test("prints the same for people, a figure a line", async () => {
    const { code, stdout } = await runCli(["bench", "ring", "--count", "100"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^engine +XS 13\.3$/m);
    expect(stdout).toMatch(/^hopsPerSecond +[\d,]+$/m);
  });

  test("refuses a count that measures nothing, and a name that is none", async () => {
    expect((await runJson(["bench", "ring", "--count", "99"])).json.error).toEqual({
      code: "usage",
      message: 'Cannot read --count: wanted a whole number from 100 to 100000000, found "99"',
    });
    expect((await runJson(["bench", "rign"])).json.error).toEqual({
      code: "usage",
      message: "Cannot run lugh bench rign: there is no such benchmark; did you mean ring?",
    });
  });
});

test("the percentiles of many figures are their median, their 99th percentile and their largest, and none of nothing", () => {
  const thousand = Array.from({ length: 1000 }, (_, index) => 1000 - index);
  expect(percentiles(thousand)).toEqual({ median: 501, p99: 991, max: 1000 });
  expect(percentiles([7])).toEqual({ median: 7, p99: 7, max: 7 });
  expect(percentiles([]).median).toBeNaN();
});
