// Does the sensor service lose nothing that it found, whatever the reporter answers and whenever it is started again?

import { describe, expect, test } from "@jest/globals";
import type { GridEvent, Reading } from "services/api/reading";
import type { WaveformBlock } from "services/api/waveform";
import sensor from "services/sensor/service";
import { record, type Wave } from "tests/sensing-waves";
import { ServiceShell } from "tests/service-shell";

const dipWave: Wave = { volts: (_line, seconds) => (seconds >= 1.2 && seconds < 1.4 ? 115 : 230) };

/** A sensor whose reporter answers as told; what it took is in `readings` and `events`. */
class Bench {
  answer: "sent" | "full" | "dead" = "sent";
  readonly readings: Reading[] = [];
  readonly events: GridEvent[] = [];
  /** What it said that it had lost. */
  lost = 0;
  readonly shell = new ServiceShell(sensor, {
    configuration: { declaredVolts: 230, site: "toledo", node: "node-1", model: "simulated" },
    peers: {
      reporter: (type, message) => {
        if (this.answer === "sent") this.#take(type, message);
        return this.answer;
      },
    },
  });

  #take(type: string, message: unknown): void {
    if (type === "reading") this.readings.push(message as Reading);
    else if (type === "event") this.events.push(message as GridEvent);
    else this.lost += (message as { readonly count: number }).count;
  }

  async play(blocks: Iterable<WaveformBlock>): Promise<void> {
    for (const block of blocks) await this.shell.deliver("block", block);
  }
}

describe("the sensor service", () => {
  test("subscribes to the waveform and sends readings at MEDIUM and events at HIGH", async () => {
    const bench = new Bench();
    expect([...bench.shell.subscriptions]).toEqual([["waveform", "block"]]);
    await bench.play(record(dipWave, { seconds: 3 }));
    expect(bench.readings.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(bench.events.map(({ kind, phase, id }) => [kind, phase, id])).toEqual([
      ["dip", "begin", 1],
      ["dip", "end", 1],
    ]);
    const priorities = bench.shell.take("reporter").map(({ type, options }) => `${type} ${options.priority}`);
    expect(new Set(priorities)).toEqual(new Set(["reading MEDIUM", "event HIGH"]));
    expect(bench.shell.logged).toEqual([]);
  });

  test("commits with what it sends and not otherwise", async () => {
    const bench = new Bench();
    await bench.play(record({ volts: () => 230 }, { seconds: 10.6 }));
    expect(bench.readings).toHaveLength(10);
    expect(bench.shell.commits).toBe(10);
  });

  test("keeps events that the reporter does not take and offers them until it does", async () => {
    for (const answer of ["full", "dead"] as const) {
      const bench = new Bench();
      const blocks = [...record(dipWave, { seconds: 3 })];
      bench.answer = answer;
      await bench.play(blocks.slice(0, 100));
      expect(bench.events).toEqual([]);
      bench.answer = "sent";
      await bench.play(blocks.slice(100, 101));
      expect(bench.events.map(({ phase }) => phase)).toEqual(["begin", "end"]);
      await bench.play(blocks.slice(101));
      expect(bench.events).toHaveLength(2);
    }
  });

  test("drops readings that the reporter does not take and says so with the next one", async () => {
    const bench = new Bench();
    const blocks = [...record({ volts: () => 230 }, { seconds: 6 })];
    bench.answer = "full";
    await bench.play(blocks.slice(0, 200));
    bench.answer = "sent";
    await bench.play(blocks.slice(200));
    expect(bench.readings.map(({ sequence }) => sequence)).toEqual([4, 5]);
    expect(bench.shell.logged).toEqual(["warning: The reporter did not take 3 readings; 0 events were lost"]);
    expect(bench.lost).toBe(3);
  });

  test("holds no more events than fit, and counts the rest", async () => {
    const bench = new Bench();
    bench.answer = "full";
    const flicker: Wave = { volts: (_line, seconds) => (Math.floor(seconds * 5) % 2 === 0 ? 230 : 115) };
    const blocks = [...record(flicker, { seconds: 8 })];
    await bench.play(blocks.slice(0, 350));
    bench.answer = "sent";
    await bench.play(blocks.slice(350));
    const found = bench.events.length;
    expect(bench.shell.logged).toEqual([expect.stringMatching(/did not take \d readings; [1-9]\d* events were lost/)]);
    expect(bench.lost).toBeGreaterThan(7);
    expect(found).toBeGreaterThanOrEqual(20);
    expect(found).toBeLessThan(35);
  });

  test("repeats no number and forgets no event when it is started again", async () => {
    const bench = new Bench();
    const blocks = [...record(dipWave, { seconds: 6 })];
    bench.answer = "full";
    await bench.play(blocks.slice(0, 64));
    bench.shell.restart();
    bench.answer = "sent";
    await bench.play(blocks.slice(66));
    expect(bench.events.map(({ kind, phase, id }) => [kind, phase, id])).toEqual([
      ["dip", "begin", 1],
      ["dip", "end", 1],
    ]);
    bench.shell.restart();
    await bench.play(record(dipWave, { seconds: 4, firstSequence: 24_000 }));
    expect(bench.events.map(({ id }) => id)).toEqual([1, 1, 2, 2]);
    const numbers = bench.readings.map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test("tells once that the port delivers nonsense, and measures on", async () => {
    const bench = new Bench();
    const blocks = [...record({ volts: () => 230 }, { seconds: 6 })];
    for (const index of [10, 120, 130])
      blocks[index] = { ...(blocks[index] as WaveformBlock), voltsPerCount: Number.NaN };
    await bench.play(blocks);
    expect(bench.shell.logged).toEqual(["error: The waveform port delivered 1 blocks that are none (told once)"]);
    expect(bench.readings).toHaveLength(5);
  });

  test("does not start without a declared voltage", () => {
    expect(() => new ServiceShell(sensor, { configuration: { site: "toledo" } })).toThrow(
      "Cannot start sensor: wanted declaredVolts in its configuration, found undefined",
    );
  });
});
