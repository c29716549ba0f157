// Does what the sensor found reach mqtt encoded, numbered without repetition, and is every loss counted?

import { describe, expect, test } from "@jest/globals";
import type { Numbers, Publication } from "services/api/publication";
import type { GridEvent, Reading } from "services/api/reading";
import reporter from "services/reporter/service";
import { formatWorldTime, readWorldClock } from "services/reporter/world-time";
import { refusal, ServiceShell } from "tests/service-shell";
import { decodeEvent } from "wire/event";
import { decodeTelemetry } from "wire/telemetry";

const name = { site: "toledo", node: "node-1" };

const reading: Reading = {
  timeMicros: 1_745_836_400_000_000,
  timeQualityMicros: 12,
  sequence: 4711,
  u1: 28771.1,
  u2: 28885.3,
  u3: null,
  f: 48.556,
  flagged: true,
};

const event: GridEvent = {
  kind: "interruption",
  phase: "begin",
  id: 9,
  lines: [1, 2, 3],
  startMicros: 1_745_836_403_900_000,
  timeQualityMicros: null,
  durationMicros: null,
  extreme: 1290.5,
  unit: "V",
};

/** A reporter whose mqtt answers as told; what it took is in `taken`. */
class Bench {
  answer: "taken" | "not taken" | "late" | "dead" = "taken";
  numbers: Numbers | null = { telemetry: 1, event: 1 };
  calls = 0;
  /** What mqtt was told to be lost. */
  lost = 0;
  readonly taken: Publication[] = [];
  readonly shell: ServiceShell;

  constructor(world?: object) {
    this.shell = new ServiceShell(reporter, {
      configuration: { ...name, ...(world === undefined ? {} : { world: { ...world } }) },
      peers: {
        mqtt: (type, message) => {
          this.calls += 1;
          if (this.answer === "dead") throw refusal("dead");
          if (type === "numbers") return this.numbers;
          if (type === "lost") return this.#count(message);
          if (this.answer !== "not taken") this.taken.push(message);
          if (this.answer === "late") throw refusal("late");
          return { accepted: this.answer === "taken" };
        },
      },
    });
  }

  #count({ count }: { readonly count: number }): object {
    this.lost += count;
    return {};
  }

  telemetry(): ReturnType<typeof decodeTelemetry>[] {
    return this.taken.filter(({ topic }) => topic === "telemetry").map(({ payload }) => decodeTelemetry(name, payload));
  }

  events(): ReturnType<typeof decodeEvent>[] {
    return this.taken.filter(({ topic }) => topic === "event").map(({ payload }) => decodeEvent(payload));
  }
}

describe("the reporter service", () => {
  test("publishes a reading as telemetry with a number of its own, at QoS 1", async () => {
    const bench = new Bench();
    await bench.shell.deliver("reading", reading);
    expect(bench.telemetry()).toEqual([{ ...reading, sequence: 1, historical: false }]);
    expect(bench.taken).toMatchObject([{ topic: "telemetry", qos: 1, retain: false, sequence: 1 }]);
  });

  test("publishes events counted apart from readings", async () => {
    const bench = new Bench();
    await bench.shell.deliver("reading", reading);
    await bench.shell.deliver("event", event);
    await bench.shell.deliver("event", { ...event, phase: "end", durationMicros: 830_000 });
    expect(bench.events()).toEqual([
      { ...event, sequence: 1, historical: false },
      { ...event, phase: "end", durationMicros: 830_000, sequence: 2, historical: false },
    ]);
    expect(bench.taken.map(({ topic, sequence }) => `${topic} ${sequence}`)).toEqual([
      "telemetry 1",
      "event 1",
      "event 2",
    ]);
  });

  test("keeps events that mqtt does not take, in order, and offers them with whatever comes next", async () => {
    const bench = new Bench();
    bench.answer = "dead";
    await bench.shell.deliver("event", event);
    await bench.shell.deliver("event", { ...event, id: 10 });
    expect(await bench.shell.deliver("statistics")).toMatchObject({ events: 0, waitingEvents: 2 });
    bench.answer = "taken";
    await bench.shell.deliver("reading", reading);
    expect(bench.events().map(({ id, sequence }) => [id, sequence])).toEqual([
      [9, 1],
      [10, 2],
    ]);
    expect(await bench.shell.deliver("statistics")).toMatchObject({ events: 2, waitingEvents: 0, lostEvents: 0 });
  });

  test("keeps readings that mqtt does not take, and offers them under the same numbers", async () => {
    const bench = new Bench();
    for (const answer of ["taken", "not taken", "dead", "taken"] as const) {
      bench.answer = answer;
      await bench.shell.deliver("reading", reading);
    }
    expect(bench.telemetry().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(await bench.shell.deliver("statistics")).toMatchObject({ readings: 4, lostReadings: 0, waitingReadings: 0 });
  });

  test("says the same again, and nothing else, when the answer did not come", async () => {
    const bench = new Bench();
    bench.answer = "late";
    await bench.shell.deliver("event", event);
    bench.answer = "taken";
    await bench.shell.deliver("event", { ...event, id: 10 });
    expect(bench.events().map(({ id, sequence }) => [id, sequence])).toEqual([
      [9, 1],
      [9, 1],
      [10, 2],
    ]);
  });

  test("waits until mqtt has said where numbers go on, and then uses none before", async () => {
    const bench = new Bench();
    bench.numbers = null;
    await bench.shell.deliver("reading", reading);
    await bench.shell.deliver("event", event);
    expect(bench.taken).toEqual([]);
    bench.numbers = { telemetry: 141, event: 21 };
    await bench.shell.deliver("reading", reading);
    expect(bench.taken.map(({ topic, sequence }) => `${topic} ${sequence}`)).toEqual([
      "event 21",
      "telemetry 141",
      "telemetry 142",
    ]);
  });

  test("drops the oldest reading for want of room: a gap in the numbers, counted and told once it is over", async () => {
    const bench = new Bench();
    await bench.shell.deliver("reading", reading);
    bench.answer = "dead";
    for (let count = 0; count < 32; count++) await bench.shell.deliver("reading", reading);
    bench.answer = "taken";
    await bench.shell.deliver("reading", reading);
    const numbers = bench.telemetry().map(({ sequence }) => sequence);
    expect(numbers).toEqual([1, ...Array.from({ length: 30 }, (_, index) => index + 5)]);
    expect(await bench.shell.deliver("statistics")).toMatchObject({ readings: 31, lostReadings: 3 });
    expect(bench.shell.logged).toEqual(["warning: mqtt was away too long: 3 readings and 0 events are lost"]);
    expect(bench.lost).toBe(3);
  });

  test("holds no more events than fit, and counts the rest", async () => {
    const bench = new Bench();
    bench.answer = "not taken";
    for (let id = 1; id <= 50; id++) await bench.shell.deliver("event", { ...event, id });
    expect(await bench.shell.deliver("statistics")).toMatchObject({ waitingEvents: 20, lostEvents: 30 });
    bench.answer = "taken";
    await bench.shell.deliver("reading", reading);
    expect(bench.events().map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(bench.lost).toBe(30);
  });

  test("tells mqtt what the sensor could not hand over, also after a fault, once", async () => {
    const bench = new Bench();
    await bench.shell.deliver("lost", { count: 4 });
    await bench.shell.deliver("lost", { count: -1 });
    bench.shell.restart();
    bench.answer = "dead";
    await bench.shell.deliver("reading", reading);
    bench.answer = "taken";
    await bench.shell.deliver("reading", reading);
    await bench.shell.deliver("reading", reading);
    expect(bench.lost).toBe(4);
  });

  test("goes on with its numbers and its waiting events when it is started again", async () => {
    const bench = new Bench();
    await bench.shell.deliver("reading", reading);
    bench.answer = "not taken";
    await bench.shell.deliver("event", event);
    bench.answer = "taken";
    bench.shell.restart();
    await bench.shell.deliver("reading", reading);
    bench.shell.restart();
    await bench.shell.deliver("reading", reading);
    await bench.shell.deliver("event", { ...event, id: 10 });
    expect(bench.telemetry().map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(bench.events().map(({ id, sequence }) => [id, sequence])).toEqual([
      [9, 1],
      [10, 2],
    ]);
  });

  test("counts messages that cannot be encoded, tells of the first, and uses no number for them", async () => {
    const bench = new Bench();
    await bench.shell.deliver("reading", { ...reading, u1: Number.NaN });
    await bench.shell.deliver("reading", { ...reading, sequence: "x", timeMicros: -1 });
    await bench.shell.deliver("event", { ...event, kind: "earthquake" });
    await bench.shell.deliver("reading", reading);
    expect(await bench.shell.deliver("statistics")).toMatchObject({ malformed: 3, readings: 1 });
    expect(bench.telemetry().map(({ sequence }) => sequence)).toEqual([1]);
    expect(bench.shell.logged).toEqual([expect.stringMatching(/^error: .*\(told once\)$/)]);
  });

  test("does not start without a name", () => {
    expect(() => new ServiceShell(reporter, { configuration: { site: "toledo" } })).toThrow(/wanted site and node/);
    expect(() => new ServiceShell(reporter, { configuration: { site: "toledo", node: "a/b" } })).toThrow();
  });
});

describe("worldTime", () => {
  const local = (text: string): number => Date.parse(text) * 1000;
  const clock = {
    anchorMicros: 1_800_000_000_000_000,
    startMicros: local("2025-04-28T12:32:00+02:00"),
    endMicros: local("2025-04-28T12:36:00+02:00"),
    zoneMinutes: 120,
  };

  test("stands beside the readings of a simulated node", async () => {
    const bench = new Bench(clock);
    await bench.shell.deliver("reading", { ...reading, timeMicros: clock.anchorMicros + 80_000_000 });
    expect(bench.telemetry()[0]?.worldTime).toBe("2025-04-28T12:33:20+02:00");
  });

  test("is not there before the world begins, nor on a node without a world", async () => {
    for (const bench of [new Bench(clock), new Bench()]) {
      await bench.shell.deliver("reading", { ...reading, timeMicros: clock.anchorMicros - 1 });
      expect(bench.telemetry()[0]).not.toHaveProperty("worldTime");
    }
  });

  test("jumps back and counts the lap where the world loops", () => {
    const at = (seconds: number): string | null => formatWorldTime(clock, clock.anchorMicros + seconds * 1_000_000);
    expect([at(0), at(239), at(240), at(4_801)]).toEqual([
      "2025-04-28T12:32:00+02:00",
      "2025-04-28T12:35:59+02:00",
      "2025-04-28T12:32:00+02:00 lap 2",
      "2025-04-28T12:32:01+02:00 lap 21",
    ]);
  });

  test("agrees with the calendar on every day of 400 years, in any zone", () => {
    for (let day = 0; day < 146_097; day += 1) {
      const startMicros = day * 86_400_000_000;
      const text = formatWorldTime({ anchorMicros: 0, startMicros, endMicros: startMicros + 1e9, zoneMinutes: 0 }, 0);
      if (text !== `${new Date(startMicros / 1000).toISOString().slice(0, 19)}+00:00`)
        throw new Error(`day ${day} is written ${text}`);
    }
    const west = {
      anchorMicros: 0,
      startMicros: local("2024-02-29T23:30:00-03:30"),
      endMicros: 2e15,
      zoneMinutes: -210,
    };
    expect(formatWorldTime(west, 30 * 60_000_000)).toBe("2024-03-01T00:00:00-03:30");
  });

  test("is refused as configuration when it is incomplete or ends before it begins", () => {
    expect(readWorldClock(undefined)).toBeNull();
    for (const value of [{}, { ...clock, endMicros: clock.startMicros }, { ...clock, zoneMinutes: "CEST" }, 7])
      expect(() => readWorldClock(value)).toThrow("Cannot read configuration.world");
  });
});
