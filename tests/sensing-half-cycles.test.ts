// Are samples cut where the wave crosses zero, by timing where there is none, and nowhere else?

import { expect, test } from "@jest/globals";
import type { WaveformBlock } from "services/api/waveform";
import { createLineScanner, type HalfCycle } from "services/sensor/half-cycles";
import { record, type Wave } from "tests/sensing-waves";

const declaredVolts = 230;
const deadBandVolts = 0.02 * declaredVolts * Math.SQRT2;

/** What a scanner of line 1 makes of a wave, or of blocks. */
function cut(source: Wave | readonly WaveformBlock[], seconds = 0.4): HalfCycle[] {
  const blocks = Array.isArray(source) ? source : [...record(source as Wave, { seconds, declaredVolts })];
  const found: HalfCycle[] = [];
  const scanner = createLineScanner(0, 4_000, (halfCycle) => found.push({ ...halfCycle }));
  scanner.restart(0, blocks[0].voltsPerCount, deadBandVolts);
  for (const { samples, sequence } of blocks) scanner.scan(samples, sequence);
  return found;
}

test("a wave is cut at its zeros, between samples, without a rest", () => {
  for (const hertz of [42.5, 49.7, 50, 57.5]) {
    const halfCycles = cut({ volts: () => 230, hertz: () => hertz, phaseDegrees: -40 });
    expect(halfCycles[0]).toMatchObject({ begin: 0, shape: "partial", isRising: true });
    halfCycles.forEach(({ begin, end, shape, isRising, squares }, index) => {
      expect(end).toBeCloseTo(((40 / 360 + index / 2) / hertz) * 4_000, 2);
      if (index === 0) return;
      expect(begin).toBe(halfCycles[index - 1]?.end);
      expect([shape, isRising]).toEqual(["whole", index % 2 === 0]);
      expect(Math.sqrt(squares / (end - begin))).toBeCloseTo(230, 2);
    });
  }
});

test("without a wave timing cuts: after 15 ms or so, then every 10 ms", () => {
  for (const volts of [0, 0.015 * 230]) {
    const halfCycles = cut({ volts: () => volts, noiseVolts: 0.3 });
    expect(halfCycles.length).toBeGreaterThan(35);
    halfCycles.forEach(({ begin, end, shape }, index) => {
      expect(shape).toBe("timed");
      expect(end - begin).toBe(index === 0 ? 64 : 40);
    });
  }
});

test("a wave that vanishes and returns is followed again within 32 ms, at whatever angle", () => {
  for (let step = 0; step < 40; step++) {
    const back = 0.2 + step / 2_000;
    const halfCycles = cut({ volts: (_line, seconds) => (seconds < 0.1 || seconds >= back ? 230 : 0) });
    const shapes = halfCycles.map(({ shape }) => shape);
    const first = halfCycles[shapes.lastIndexOf("partial")] as HalfCycle;
    expect(first.end / 4_000 - back).toBeLessThanOrEqual(0.032);
    for (const { begin, end, shape } of halfCycles.slice(shapes.lastIndexOf("partial") + 1)) {
      expect(shape).toBe("whole");
      expect(end - begin).toBeCloseTo(40, 1);
    }
  }
});

test("half cycles follow each other and take time, also where a wave sinks into the dead band and returns", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const hertz = 45 + seed / 4;
    const wave: Wave = {
      volts: (_line, seconds) => 230 * (0.025 + 0.02 * Math.sin(seconds * (3 + seed))),
      hertz: () => hertz,
      noiseVolts: seed % 2,
      phaseDegrees: 9 * seed,
    };
    const halfCycles = cut(wave, 1);
    expect(new Set(halfCycles.map(({ shape }) => shape)).size).toBe(3);
    let end = 0;
    for (const halfCycle of halfCycles) {
      expect(halfCycle.begin).toBe(end);
      expect(halfCycle.end).toBeGreaterThan(halfCycle.begin);
      expect(halfCycle.squares).toBeGreaterThanOrEqual(0);
      expect(halfCycle.isClipped).toBe(false);
      end = halfCycle.end;
    }
  }
});

test("a spike across zero soon after a crossing is an echo, not a half cycle", () => {
  const blocks = [...record({ volts: () => 230 }, { seconds: 0.4, declaredVolts })];
  // The 24th sample of a half cycle ends a group, so it would be believed.
  for (const { samples } of blocks.slice(1)) samples[3 * 23] = -(samples[3 * 23] as number);
  const halfCycles = cut(blocks);
  for (const { begin, end } of halfCycles.slice(2)) expect(end - begin).toBeCloseTo(40, 1);
});

test("a wave too large for the converter is told from the largest that fits", () => {
  expect(cut({ volts: () => 1.55 * 230 }).some(({ isClipped }) => isClipped)).toBe(false);
  expect(
    cut({ volts: () => 1.8 * 230 })
      .slice(1)
      .every(({ isClipped }) => isClipped),
  ).toBe(true);
});
