// Does an event come when the grid has one, once, with its lines, size and duration, and none when it has not?

import { describe, expect, test } from "@jest/globals";
import type { GridEvent } from "services/api/reading";
import type { WaveformBlock } from "services/api/waveform";
import { createMeasurement } from "services/sensor/measurement";
import { createVoltageEvents } from "services/sensor/voltage-events";
import { measure, noonMicros, record, type Wave } from "tests/sensing-waves";

const declaredVolts = 230;

function eventsOf(wave: Wave, seconds: number): GridEvent[] {
  return measure(createMeasurement({ declaredVolts }), record(wave, { seconds })).events;
}

/** `dip begin` and so on, in the order of their coming. */
function namesOf(events: readonly GridEvent[]): string[] {
  return events.map(({ kind, phase }) => `${kind} ${phase}`);
}

/** All lines at `ratio` of the declared voltage between two moments, at it otherwise. */
function during(from: number, to: number, ratio: number, lines: readonly number[] = [0, 1, 2]): Wave["volts"] {
  return (line, seconds) => declaredVolts * (seconds >= from && seconds < to && lines.includes(line) ? ratio : 1);
}

describe("a dip (GRID Q4: 864 cases)", () => {
  const startPhases = Array.from({ length: 24 }, (_, index) => index / 24);

  test.each([0.7, 0.4, 0.05])(
    "to %d of the declared voltage gives residual within 0.5 % and duration within 0 to +1 cycle",
    (ratio) => {
      for (const hertz of [49, 50, 51])
        for (const cycles of [2, 2.5, 10, 50])
          for (const phase of startPhases) {
            const from = 0.2 + phase / hertz;
            const wave: Wave = { volts: during(from, from + cycles / hertz, ratio, [0]), hertz: () => hertz };
            const events = eventsOf(wave, 0.4 + cycles / hertz).filter(({ unit }) => unit === "V");
            expect(namesOf(events)).toEqual(["dip begin", "dip end"]);
            const [begin, end] = events as [GridEvent, GridEvent];
            expect(end).toMatchObject({ id: begin.id, lines: [1], startMicros: begin.startMicros });
            expect(Math.abs(end.extreme - ratio * declaredVolts)).toBeLessThan(0.005 * declaredVolts);
            const tooLong = ((end.durationMicros as number) / 1e6) * hertz - cycles;
            expect(tooLong).toBeGreaterThan(-0.001);
            expect(tooLong).toBeLessThan(1.001);
            const early = ((begin.startMicros - noonMicros) / 1e6 - from) * hertz;
            expect(Math.abs(early)).toBeLessThan(0.5);
          }
    },
  );

  test("of 1 and 1.5 cycles is detected, its residual too high by the method's 45 and 4.5 % (GRID Q5)", () => {
    for (const [cycles, tooHigh] of [
      [1, 0.455],
      [1.5, 0.05],
    ] as const)
      for (const phase of startPhases) {
        const from = 0.2 + phase / 50;
        const events = eventsOf({ volts: during(from, from + cycles / 50, 0.4, [0]) }, 0.5);
        expect(namesOf(events)).toEqual(["dip begin", "dip end"]);
        const error = ((events[1] as GridEvent).extreme - 0.4 * declaredVolts) / declaredVolts;
        expect(error).toBeGreaterThan(-0.005);
        expect(error).toBeLessThan(tooHigh);
      }
  });

  test("that moves from line to line is one, from the first line's begin to the last one's end", () => {
    const events = eventsOf(
      {
        volts: (line, seconds) =>
          declaredVolts * (seconds >= 0.2 + 0.1 * line && seconds < 0.4 + 0.1 * line ? 0.6 - 0.1 * line : 1),
      },
      1,
    );
    expect(namesOf(events)).toEqual(["dip begin", "dip end"]);
    expect(events[0]?.lines).toEqual([1]);
    expect(events[1]?.lines).toEqual([1, 2, 3]);
    expect(events[1]?.extreme).toBeCloseTo(0.4 * declaredVolts, 1);
    expect((events[1]?.durationMicros as number) / 1e6).toBeCloseTo(0.41, 1);
  });

  test("begins with the line that was first, also when the next one follows within the same block", () => {
    const volts: Wave["volts"] = (line, seconds) => (seconds < ([0.205, 0.201, 9][line] as number) ? declaredVolts : 0);
    const events = eventsOf({ volts }, 0.22);
    expect(events.map(({ phase, lines }) => [phase, lines])).toEqual([["begin", [2]]]);
  });

  test("flags the readings that it touches, and no others", () => {
    const { readings } = measure(
      createMeasurement({ declaredVolts }),
      record({ volts: during(2.2, 2.3, 0.5) }, { seconds: 4.6, startMicros: noonMicros + 500_000 }),
    );
    expect(readings.map(({ flagged }) => flagged)).toEqual([false, false, true, false]);
  });

  test("begins and ends 40 ms after the wave does so", () => {
    const measurement = createMeasurement({ declaredVolts });
    const seen: number[] = [];
    for (const block of record({ volts: during(0.2, 0.5, 0.5) }, { seconds: 1 }))
      if (measurement.block(block).events.length > 0) seen.push((block.timeMicros + 20_000 - noonMicros) / 1e6);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBeLessThanOrEqual(0.24);
    expect(seen[1]).toBeLessThanOrEqual(0.54);
  });
});

describe("other events (GRID Q6)", () => {
  test("a swell to 120 % for 3 cycles is one", () => {
    const events = eventsOf({ volts: during(0.303, 0.363, 1.2, [1]) }, 1);
    expect(namesOf(events)).toEqual(["swell begin", "swell end"]);
    expect(events[1]).toMatchObject({ lines: [2], unit: "V" });
    expect(events[1]?.extreme).toBeCloseTo(276, 1);
    expect(Math.abs((events[1]?.durationMicros as number) - 60_000)).toBeLessThanOrEqual(20_000);
  });

  test("an interruption to 3 % for 1 s on three lines is one, inside the dip that leads to it and from it", () => {
    const events = eventsOf({ volts: during(0.3, 1.3, 0.03) }, 2);
    expect(namesOf(events)).toEqual(["dip begin", "interruption begin", "interruption end", "dip end"]);
    const [dip, interruption, interruptionEnd, dipEnd] = events as [GridEvent, GridEvent, GridEvent, GridEvent];
    expect(interruptionEnd).toMatchObject({ id: interruption.id, lines: [1, 2, 3] });
    expect(interruptionEnd.extreme).toBeCloseTo(6.9, 1);
    expect(Math.abs((interruptionEnd.durationMicros as number) - 1e6)).toBeLessThan(30_000);
    expect(dipEnd.id).toBe(dip.id);
    expect(dip.id).not.toBe(interruption.id);
    expect(dip.startMicros).toBeLessThanOrEqual(interruption.startMicros);
  });

  test("two lines without voltage are a dip, not an interruption", () => {
    expect(namesOf(eventsOf({ volts: during(0.3, 0.6, 0, [0, 1]) }, 1))).toEqual(["dip begin", "dip end"]);
  });

  test("a voltage of 107 % that is cut to nothing and returns, at any angle, is one dip and one interruption, and no swell", () => {
    for (let step = 0; step < 40; step++) {
      const [from, to] = [0.3 + step / 2_000, 0.6 + (step * 7) / 2_000];
      const volts: Wave["volts"] = (_line, seconds) => (seconds >= from && seconds < to ? 0 : 1.07 * declaredVolts);
      expect(namesOf(eventsOf({ volts }, 1.1))).toEqual([
        "dip begin",
        "interruption begin",
        "interruption end",
        "dip end",
      ]);
    }
  });

  test("a voltage that trembles by 1.9 % around 90 % is at most one open event, and none when it stays inside", () => {
    const trembling =
      (centre: number): Wave["volts"] =>
      (_line, seconds) =>
        declaredVolts * (centre + 0.019 * (Math.floor(seconds * 5) % 2 === 0 ? 1 : -1));
    expect(namesOf(eventsOf({ volts: trembling(0.9) }, 4))).toEqual(["dip begin"]);
    expect(eventsOf({ volts: trembling(0.92) }, 4)).toEqual([]);
    expect(namesOf(eventsOf({ volts: trembling(1.1) }, 4))).toEqual(["swell begin"]);
  });

  test("five minutes of noise at the declared voltage have none (GRID N1, shortened)", () => {
    const { readings, events } = measure(
      createMeasurement({ declaredVolts }),
      record({ volts: () => declaredVolts, noiseVolts: 0.46 }, { seconds: 300 }),
    );
    expect(events).toEqual([]);
    expect(readings.slice(1).filter(({ flagged }) => flagged)).toEqual([]);
  });

  test("a real interruption is one event of 0.83 s across the gap before its end (GRID R6, pqopen-event)", () => {
    // One-period rms values around the event: seconds of the record, and volts. From 2.886 to 2.978 s there are none.
    const periods = [
      [2.16, 230.7],
      [2.186, 203],
      [2.206, 0.13],
      [2.226, 0.11],
      [2.886, 0.1],
      [2.978, 0.11],
      [3, 154.06],
      [3.02, 229.96],
    ] as const;
    const events: GridEvent[] = [];
    const watch = createVoltageEvents(declaredVolts, { nextId: () => 1, report: (event) => events.push(event) });
    for (const [seconds, volts] of periods)
      for (const line of [0, 1, 2]) watch.update(line, volts, { micros: seconds * 1e6, qualityMicros: null });
    expect(namesOf(events)).toEqual(["dip begin", "interruption begin", "interruption end", "dip end"]);
    expect((events[3]?.durationMicros as number) / 1e6).toBeCloseTo(0.834, 3);
    expect((events[2]?.durationMicros as number) / 1e6).toBeCloseTo(0.794, 3);
  });
});

describe("frequency", () => {
  test("below 49.5 Hz is an event from when it fell until it is back, on all lines", () => {
    const hertz = (seconds: number): number => Math.max(49.2, 50 - Math.max(0, Math.min(seconds - 1, 4 - seconds)));
    const events = eventsOf({ volts: () => 230, hertz }, 5);
    expect(namesOf(events)).toEqual(["under-frequency begin", "under-frequency end"]);
    const [begin, end] = events as [GridEvent, GridEvent];
    expect(Math.abs(begin.startMicros - noonMicros - 1_500_000)).toBeLessThan(60_000);
    expect(Math.abs((end.durationMicros as number) - 2_000_000)).toBeLessThan(60_000);
    expect(end.extreme).toBeCloseTo(49.2, 3);
    expect(end).toMatchObject({ lines: [1, 2, 3], unit: "Hz", id: begin.id });
  });

  test("above 50.5 Hz is one too, with the highest value", () => {
    const events = eventsOf({ volts: () => 230, hertz: (seconds) => (seconds > 1 && seconds < 2 ? 50.7 : 50) }, 3);
    expect(namesOf(events)).toEqual(["over-frequency begin", "over-frequency end"]);
    expect(events[1]?.extreme).toBeCloseTo(50.7, 2);
  });

  test("that returns is reported 250 ms later at most", () => {
    const measurement = createMeasurement({ declaredVolts });
    const wave: Wave = { volts: () => 230, hertz: (seconds) => (seconds < 1 ? 49 : 50) };
    let endSeen = 0;
    for (const block of record(wave, { seconds: 2 }))
      if (measurement.block(block).events.some(({ phase }) => phase === "end")) endSeen = block.timeMicros + 20_000;
    expect(endSeen - noonMicros - 1_000_000).toBeLessThanOrEqual(250_000);
    expect(endSeen).toBeGreaterThan(0);
  });

  test("has no event because the angle jumps, by any amount, or because of noise near the limit", () => {
    for (const degrees of [-170, -60, -20, 20, 60, 170])
      expect(eventsOf({ volts: () => 230, shiftDegrees: (seconds) => (seconds > 1.003 ? degrees : 0) }, 2)).toEqual([]);
    expect(eventsOf({ volts: () => 230, hertz: () => 49.51, noiseVolts: 0.1 }, 20)).toEqual([]);
  });

  test("has no event because blocks are lost, time and again", () => {
    const blocks = [...record({ volts: () => 230 }, { seconds: 5 })].filter((_, index) => index % 6 !== 5);
    expect(measure(createMeasurement({ declaredVolts }), blocks).events).toEqual([]);
  });

  test("is judged by another line when the first is dead", () => {
    const events = eventsOf({ volts: (line) => (line === 0 ? 0 : 230), hertz: () => 49.2 }, 1);
    expect(namesOf(events)).toContain("under-frequency begin");
  });

  test("that trembles around 49.5 Hz by less than the hysteresis is one event", () => {
    const wave: Wave = { volts: () => 230, hertz: (seconds) => 49.505 + 0.01 * Math.sin(4 * seconds) };
    expect(namesOf(eventsOf(wave, 10))).toEqual(["under-frequency begin"]);
  });

  test("ends its event with its last value when the voltage is lost, for then there is none", () => {
    const events = eventsOf({ volts: during(2, 9, 0.01), hertz: (seconds) => (seconds < 1 ? 50 : 49) }, 3);
    expect(namesOf(events).slice(0, 1)).toEqual(["under-frequency begin"]);
    const end = events.find(({ kind, phase }) => kind === "under-frequency" && phase === "end") as GridEvent;
    expect((end.startMicros + (end.durationMicros as number) - noonMicros) / 1e6).toBeGreaterThan(1.85);
    expect((end.startMicros + (end.durationMicros as number) - noonMicros) / 1e6).toBeLessThanOrEqual(2.03);
  });
});

describe("an open event", () => {
  test("outlives a gap in the samples and ends with the first cycle after it", () => {
    const blocks = [...record({ volts: during(0.3, 1.5, 0.5) }, { seconds: 2.5 })].filter(
      ({ sequence }) => sequence < 2_000 || sequence >= 8_000,
    );
    const { events } = measure(createMeasurement({ declaredVolts }), blocks);
    expect(namesOf(events)).toEqual(["dip begin", "dip end"]);
    expect((events[1]?.durationMicros as number) / 1e6).toBeCloseTo(1.71, 1);
  });

  test("keeps its id and its start over a restart from the committed state, and numbers go on after it", () => {
    const blocks = [...record({ volts: during(1.2, 3.2, 0.03) }, { seconds: 5.6 })];
    const first = createMeasurement({ declaredVolts });
    const before = measure(first, blocks.slice(0, 100));
    const state = JSON.parse(JSON.stringify(first.state()));
    const second = createMeasurement({ declaredVolts, state });
    const after = measure(second, blocks.slice(101));
    expect(namesOf(before.events)).toEqual(["dip begin", "interruption begin"]);
    expect(namesOf(after.events)).toEqual(["interruption end", "dip end"]);
    expect(after.events.map(({ id, startMicros }) => [id, startMicros])).toEqual(
      [...before.events].reverse().map(({ id, startMicros }) => [id, startMicros]),
    );
    expect(after.events[1]?.extreme).toBeCloseTo(6.9, 1);
    const numbers = [...before.readings, ...after.readings].map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const later = measure(second, shift(blocks, 7));
    expect(Math.min(...later.events.map(({ id }) => id))).toBeGreaterThan(2);
  });

  test("says how good its times are: as good as the worse of its ends", () => {
    const blocks = [...record({ volts: during(0.3, 0.6, 0.5) }, { seconds: 1 })].map((block) => ({
      ...block,
      timeQualityMicros: block.sequence < 1_600 ? 10 : 500,
    }));
    const { events } = measure(createMeasurement({ declaredVolts }), blocks);
    expect(events.map(({ timeQualityMicros }) => timeQualityMicros)).toEqual([10, 500]);
  });
});

/** The same samples so many seconds later. */
function shift(blocks: readonly WaveformBlock[], seconds: number): WaveformBlock[] {
  return blocks.map((block) => ({
    ...block,
    timeMicros: block.timeMicros + seconds * 1_000_000,
    sequence: block.sequence + seconds * 4_000,
  }));
}
