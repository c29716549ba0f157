// Does a fleet of whole nodes, on the real engine and over a real broker, tell what the record says, and does it outlive
// the faults of its services? The observer is a stranger to us: the client of `mqtt`, and cbor-x for the bytes.
//
// One fleet plays the collapse from 12:33:10. While it does, services of node-3 are faulted; the other two must not notice.

import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type Broker, startBroker } from "sim/broker";
import { type Fleet, startFleet } from "sim/fleet";
import { findArtifacts } from "sim/project";
import { startWorker } from "sim/worker";
import { openWorld } from "sim/world/open";
import { FleetObserver, type HeardService } from "tests/fleet-observer";
import type { HeardEvent, HeardReading } from "tests/fleet-record";

jest.setTimeout(40_000);

const names = ["toledo/node-1", "toledo/node-2", "toledo/node-3"] as const;
const victim = names[2];
const declaredVolts = 25_981;

let broker: Broker;
let observer: FleetObserver;
let fleet: Fleet;
let guarded: Fleet;
const told: string[] = [];

function start(site: string, nodes: number, insecureCommands: boolean): Promise<Fleet> {
  const world = site === "toledo" ? openWorld("blackout", { at: "12:33:10" }) : openWorld("steady");
  const tell = (line: string): void => void told.push(line);
  return startFleet({ site, nodes, world, broker, insecureCommands, log: tell, fail: tell });
}

beforeAll(async () => {
  broker = await startBroker({ port: 0 });
  observer = await FleetObserver.connect(broker.port);
  fleet = await start("toledo", names.length, true);
  guarded = await start("guarded", 1, false);
});

afterAll(async () => {
  await Promise.all([fleet?.stop(), guarded?.stop()]);
  await observer?.close();
  await broker?.close();
});

function readingAt(node: string, recordTime: string): HeardReading | undefined {
  return observer.readings(node).find((reading) => reading.recordTime === recordTime);
}

async function awaitReading(node: string, recordTime: string): Promise<HeardReading> {
  await observer.until(() => readingAt(node, recordTime) !== undefined, 30_000);
  return readingAt(node, recordTime) as HeardReading;
}

function volts({ values }: HeardReading): (number | undefined)[] {
  return [values.u1, values.u2, values.u3];
}

describe("a fleet that starts", () => {
  test("announces every node with what it is and what it measures", async () => {
    await observer.until(() => names.every((node) => observer.of("birth", node).length > 0));
    for (const node of names)
      expect(observer.bodies("birth", node)[0]).toMatchObject({
        site: "toledo",
        node: node.slice("toledo/".length),
        declaredVolts,
        insecureCommands: true,
        metrics: [
          { name: "u1", unit: "V" },
          { name: "u2", unit: "V" },
          { name: "u3", unit: "V" },
          { name: "f", unit: "Hz" },
        ],
        session: expect.any(Number),
      });
  });

  test("is still announced to who comes later", async () => {
    const late = await FleetObserver.connect(broker.port);
    await late.until(() => names.every((node) => late.of("birth", node).length > 0));
    expect(late.of("birth").every(({ isRetained }) => isRetained)).toBe(true);
    await late.close();
  });

  test("reports at 50.0 Hz, in volts and hertz, once a second of UTC", async () => {
    for (const node of names) {
      await observer.until(() => observer.readings(node).length >= 3);
      const [first, second, third] = observer.readings(node) as [HeardReading, HeardReading, HeardReading];
      expect(first.units).toEqual({ u1: "V", u2: "V", u3: "V", f: "Hz" });
      expect(first.values.f?.toFixed(1)).toBe("50.0");
      expect([second, third].map(({ timeSeconds }) => timeSeconds - first.timeSeconds)).toEqual([1, 2]);
      expect(Number.isInteger(first.timeSeconds)).toBe(true);
      expect(Math.abs(first.atMillis - first.timeSeconds * 1000)).toBeLessThan(2_000);
      expect(first.timeQualityMicros).toBeGreaterThan(0);
    }
  });

  test("knows the time as well as it says", async () => {
    for (const node of names) {
      const qualityMillis = (observer.readings(node)[0]?.timeQualityMicros ?? 0) / 1000;
      const asked = Date.now();
      const { result } = await observer.ask<{ timeMicros: number }>(node, "ping");
      const toldMillis = (result?.timeMicros ?? 0) / 1000;
      expect(toldMillis).toBeGreaterThan(asked - qualityMillis);
      // A millisecond for that of Date.now.
      expect(toldMillis).toBeLessThan(Date.now() + 1 + qualityMillis);
    }
  });

  test("nodes on one grid differ a little, as their transformers do", async () => {
    const [first, second, third] = (await Promise.all(names.map((node) => awaitReading(node, "12:33:13")))).map(volts);
    expect(first).not.toEqual(second);
    expect(second).not.toEqual(third);
    for (const [index, expected] of [28_486, 28_598, 28_491].entries())
      for (const line of [first, second, third])
        expect(Math.abs((line?.[index] ?? 0) / expected - 1)).toBeLessThan(0.001);
  });
});

describe("a service that is faulted", () => {
  test.each([
    ["sensor", "kill", "killed"],
    ["reporter", "spin", "out-of-budget"],
    ["mqtt", "throw", "threw"],
    ["command", "memory", "out-of-memory"],
    ["scheduler", "stack", "stack-overflow"],
    ["reincarnation", "kill", "killed"],
  ])("%s by %s is reincarnated as the next generation, and nothing else is", async (service, kind, fault) => {
    const before = await observer.services(victim);
    expect(await observer.ask(victim, "fault", { service, kind })).toMatchObject({ ok: true });
    const lives = (services: readonly HeardService[]): object =>
      Object.fromEntries(
        services.map(({ name, generation, restarts, state }) => [name, { generation, restarts, state }]),
      );
    const { generation = 0, restarts = 0 } = before.find(({ name }) => name === service) ?? {};
    const expected = {
      ...lives(before),
      [service]: { generation: generation + 1, restarts: restarts + 1, state: "running" },
    };
    let after = await observer.services(victim);
    // A fault is ordered before it is done: what was asked at once may have been answered in between.
    while (after.find(({ name }) => name === service)?.generation === generation)
      after = await observer.services(victim);
    expect(lives(after)).toEqual(expected);
    expect(after.find(({ name }) => name === service)?.lastFault).toContain(fault);
  });

  test("is told by the node's log and by its host", async () => {
    const lines = (): { service: string; text: string }[] => observer.bodies("log", victim);
    await observer.until(() => lines().some(({ text }) => text.includes("scheduler was started again, generation 2")));
    expect(told.filter((line) => line.startsWith(`${victim}: reporter faulted: out-of-budget`))).toHaveLength(1);
    expect(told.filter((line) => !line.startsWith(victim))).toEqual([]);
  });

  test.each([
    [{ service: "toaster", kind: "kill" }, 'no service "toaster" on this node'],
    [{ service: "sensor", kind: "melt" }, 'wanted one of throw, spin, memory, stack, kill, found "melt"'],
    [{ kind: "kill" }, "wanted a text"],
  ])("must exist: %j is answered by what is wrong with it", async (argument, message) => {
    const reply = await observer.ask(victim, "fault", argument);
    expect({ ok: reply.ok, message: reply.message }).toEqual({ ok: false, message: expect.stringContaining(message) });
  });

  test("an operation that there is not is answered with those that there are", async () => {
    const reply = await observer.ask(victim, "explode");
    expect(reply).toMatchObject({
      ok: false,
      code: "unknown-operation",
      message: expect.stringContaining("ping, ps, trace, faults"),
    });
  });
});

describe("a node that takes no unsigned commands", () => {
  test("answers ping and ps, and refuses to fault a service, naming the cure", async () => {
    await observer.until(() => observer.of("birth", "guarded/node-1").length > 0);
    expect(await observer.ask("guarded/node-1", "ping")).toMatchObject({ ok: true });
    const reply = await observer.ask("guarded/node-1", "fault", { service: "sensor", kind: "kill" });
    expect(reply).toMatchObject({
      ok: false,
      code: "not-permitted",
      message: expect.stringContaining("--insecure-commands"),
    });
    const services = await observer.services("guarded/node-1");
    expect(services.map(({ restarts }) => restarts)).toEqual(services.map(() => 0));
  });

  test("has no port to do it with, even when its configuration says that it does", async () => {
    const worker = startWorker({ ...findArtifacts(), onEvent: () => undefined });
    const identity = { site: "lab", node: "node-1", model: "simulated", firmware: "0.1.0", engine: "XS" };
    const configuration = { ...identity, brokerHost: broker.host, brokerPort: broker.port, declaredVolts: 230 };
    try {
      await worker.ask({
        op: "boot",
        node: 0,
        name: "lab/node-1",
        insecure: false,
        utcMicros: Date.now() * 1000,
        utcQualityMicros: 10_000,
        configuration: { configuration: { ...configuration, insecureCommands: true, world: null } },
      });
      await observer.until(() => observer.of("birth", "lab/node-1").length > 0);
      const reply = await observer.ask("lab/node-1", "fault", { service: "sensor", kind: "kill" });
      expect(reply).toMatchObject({ ok: false, message: expect.stringContaining("simulator") });
      const services = await observer.services("lab/node-1");
      expect(services.map(({ generation }) => generation)).toEqual(services.map(() => 1));
    } finally {
      await worker.stop();
    }
  });
});

describe("what the record says, each node reports", () => {
  test.each(names)("%s: over-voltage, then 48.6 Hz at 12:33:20, then the collapse", async (node) => {
    const high = await awaitReading(node, "12:33:18");
    for (const line of volts(high)) expect(line).toBeGreaterThan(1.1 * declaredVolts);
    const falling = await awaitReading(node, "12:33:20");
    expect(falling.values.f?.toFixed(1)).toBe("48.6");
    const collapsed = await awaitReading(node, "12:33:25");
    for (const line of volts(collapsed)) expect(line).toBeLessThan(0.05 * declaredVolts);
    expect(volts(await awaitReading(node, "12:33:23")).every((line) => line !== undefined && line > 10_000)).toBe(true);
  });

  test.each(names)("%s: the frequency of a grid that is gone is absent, and never a number", async (node) => {
    await awaitReading(node, "12:33:27");
    const dark = observer.readings(node).filter(({ recordTime }) => recordTime > "12:33:24");
    expect(dark.length).toBeGreaterThanOrEqual(3);
    for (const reading of dark) expect(Object.keys(reading.values).sort()).toEqual(["u1", "u2", "u3"]);
  });

  test.each(names)("%s: swell, under-frequency, dip and interruption are events", async (node) => {
    await awaitReading(node, "12:33:25");
    const begun = observer.events(node).filter(({ phase }) => phase === "begin");
    expect(begun.map(({ kind }) => kind)).toEqual(["swell", "under-frequency", "dip", "interruption"]);
    expect(begun.map(({ lines }) => lines.length > 0)).toEqual([true, true, true, true]);
    const [swell, slow, dip, interruption] = begun as [HeardEvent, HeardEvent, HeardEvent, HeardEvent];
    expect(swell.extreme).toBeGreaterThan(1.1 * declaredVolts);
    expect([slow.unit, slow.extreme.toFixed(1)]).toEqual(["Hz", "49.5"]);
    expect(dip.extreme).toBeLessThan(0.9 * declaredVolts);
    expect([interruption.lines, interruption.extreme < 0.05 * declaredVolts]).toEqual([[1, 2, 3], true]);
    const ends = observer.events(node).filter(({ phase }) => phase === "end");
    expect(ends.map(({ id }) => id).sort()).toEqual([swell.id, slow.id].sort());
    for (const { durationMicros } of ends) expect(durationMicros).toBeGreaterThan(1_000_000);
  });

  test.each(names)("%s: an event is told when it begins, within a second of it", async (node) => {
    const collapse = (await awaitReading(node, "12:33:24")).timeSeconds;
    const heard = observer.of("event", node);
    const events = observer.events(node);
    const interruption = events.findIndex(({ kind }) => kind === "interruption");
    const begunMillis = (events[interruption]?.startMicros ?? 0) / 1000;
    expect(Math.abs(begunMillis - collapse * 1000)).toBeLessThan(500);
    expect((heard[interruption]?.atMillis ?? 0) - begunMillis).toBeLessThan(1_000);
  });
});

describe("while services of node-3 died", () => {
  test.each(names.slice(0, 2))("%s reported every second, and counted without a gap", (node) => {
    const readings = observer.readings(node);
    expect(readings.length).toBeGreaterThanOrEqual(15);
    expect(readings.map(({ sequence }) => sequence)).toEqual(readings.map((_, index) => index + 1));
    const [first] = readings as [HeardReading];
    expect(readings.map(({ timeSeconds }) => timeSeconds)).toEqual(
      readings.map((_, index) => first.timeSeconds + index),
    );
    expect(observer.of("death", node)).toEqual([]);
  });

  test("node-3 itself counted on, for its reporter goes on from its last commit", () => {
    const sequences = [...new Set(observer.readings(victim).map(({ sequence }) => sequence))];
    expect(sequences.length).toBeGreaterThanOrEqual(15);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  });

  test("node-3 came back to the broker as a new session, and the death of the old one was told", () => {
    const sessions = observer.bodies<{ session: number }>("birth", victim).map(({ session }) => session);
    const deaths = observer.bodies<{ session: number }>("death", victim).map(({ session }) => session);
    expect(sessions).toHaveLength(2);
    expect(sessions[1]).toBeGreaterThan(sessions[0] ?? 0);
    expect(deaths).toEqual([sessions[0]]);
  });
});
