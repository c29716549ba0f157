// Does the synthesiser in C make the wave that its set points describe, without a jump, and none where nothing is known?
//
// It is compiled here with the sanitizers, driven by text, and held against the slow reference of tests/sensing-waves
// and against the measurement.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Reading } from "services/api/reading";
import type { WaveformBlock } from "services/api/waveform";
import { createMeasurement } from "services/sensor/measurement";
import { measure, noonMicros, record, type Wave } from "tests/sensing-waves";

const folder = mkdtempSync(join(tmpdir(), "lugh-waveform-"));
const program = join(folder, "waveform-test");
const declaredVolts = 230;
const voltsPerCount = (2.5 * declaredVolts) / 2 ** 23;

beforeAll(() => {
  const sources = resolve("hosts/sim");
  const flags = "-std=gnu11 -O1 -g -ffp-contract=off -Wall -Wextra -Werror -fsanitize=address,undefined".split(" ");
  const files = [`${sources}/waveform.c`, `${sources}/test/waveform_test.c`];
  const compiled = spawnSync("gcc", [...flags, `-I${sources}`, ...files, "-o", program], { encoding: "utf8" });
  if (compiled.status !== 0) throw new Error(`Cannot compile the synthesiser: ${compiled.error ?? compiled.stderr}`);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

interface Output {
  /** As the port publishes them; those that were not measured are missing. */
  readonly blocks: WaveformBlock[];
  /** For each block that was asked for. */
  readonly isMeasured: boolean[];
  readonly errors: string;
}

/** Runs lines of text through the synthesiser; `startMicros` is that of its first block. */
function synthesise(lines: readonly string[], startMicros: number = noonMicros): Output {
  const { stdout, stderr } = spawnSync(program, { input: lines.concat("").join("\n"), maxBuffer: 1e9 });
  const record = 241 * 4;
  const blocks: WaveformBlock[] = [];
  const isMeasured: boolean[] = [];
  for (let index = 0; index < stdout.length / record; index++) {
    const bytes = new Uint8Array(stdout.subarray(index * record, (index + 1) * record));
    const values = new Int32Array(bytes.buffer);
    isMeasured.push(values[0] !== 0);
    if (values[0] !== 0)
      blocks.push({
        samples: values.slice(1),
        voltsPerCount,
        samplesPerSecond: 4_000,
        timeMicros: startMicros + index * 20_000,
        timeQualityMicros: 10,
        sequence: index * 80,
      });
  }
  return { blocks, isMeasured, errors: stderr.toString() };
}

function setpoint(seconds: number, volts: readonly number[], hertz: number, continues = true): string {
  return `set ${noonMicros + Math.round(seconds * 1e6)} ${volts.join(" ")} ${hertz} ${continues ? 1 : 0}`;
}

function blocks(seconds: number): string {
  return `blocks ${noonMicros} ${Math.round(seconds * 50)}`;
}

function readingsOf(output: Output): Reading[] {
  return measure(createMeasurement({ declaredVolts }), output.blocks).readings.slice(1);
}

const nominal = [230, 230, 230];

describe("the synthesiser", () => {
  test.each([
    ["a steady wave", ["phase 0.07", setpoint(0, nominal, 50), setpoint(9, nominal, 50)], { volts: () => 230 }],
    [
      "ramps of voltage and frequency that differ between lines",
      [setpoint(0, [230, 220, 210], 49), setpoint(2, [115, 250, 230], 51)],
      {
        volts: (line: number, seconds: number) =>
          ([230, 220, 210][line] as number) + (([-115, 30, 20][line] as number) * seconds) / 2,
        hertz: (seconds: number) => 49 + seconds,
        phaseDegrees: 0,
      },
    ],
    [
      "harmonics and an interharmonic",
      ["tone 3 0.05", "tone 5 0.06", "tone 2.5 0.02", setpoint(0, nominal, 49.7), setpoint(2, nominal, 49.7)],
      {
        volts: () => 230,
        hertz: () => 49.7,
        tones: [
          [3, 0.05],
          [5, 0.06],
          [2.5, 0.02],
        ],
        phaseDegrees: 0,
      },
    ],
  ] as [string, string[], Wave][])("makes %s, sample by sample as the reference does", (_what, lines, wave) => {
    const found = synthesise([...lines, blocks(2)]).blocks;
    const expected = [...record({ phaseDegrees: 0.07 * 360, ...wave }, { seconds: 2 })];
    expect(found).toHaveLength(expected.length);
    let worst = 0;
    found.forEach(({ samples }, index) => {
      samples.forEach((sample, at) => {
        worst = Math.max(worst, Math.abs(sample - (expected[index]?.samples[at] as number)));
      });
    });
    // A count is 0.3 ppm of the declared peak; the reference adds its angle up in 4,000 roundings a second.
    expect(worst).toBeLessThanOrEqual(1);
  });

  test("goes on without a jump over set points that lie within blocks and between samples", () => {
    const points = [0, 0.31337, 0.7, 0.700001, 1.2501, 2.77777, 9];
    const hertz = [50, 49.2, 49.9, 50.1, 47.6, 52, 50];
    const { blocks: found } = synthesise([
      ...points.map((at, index) => setpoint(at, nominal, hertz[index] as number)),
      blocks(3),
    ]);
    const wave = found.flatMap(({ samples }) => [...samples].filter((_, index) => index % 3 === 0));
    const peak = (230 * Math.SQRT2) / voltsPerCount;
    // The second difference of a sine is at most its square step: (2π · 52 Hz / 4,000)² of the peak.
    const bend = wave
      .slice(2)
      .map((value, index) => Math.abs(value - 2 * (wave[index + 1] as number) + (wave[index] as number)));
    expect(Math.max(...bend)).toBeLessThan(peak * ((2 * Math.PI * 52) / 4_000) ** 2 * 1.01);
  });

  test("gives what its set points say when it is measured: rms within 0.01 %, frequency within 0.1 mHz", () => {
    for (const [volts, hertz] of [
      [230, 50],
      [253, 49.5],
      [60, 47.476],
      [345, 57.5],
    ] as const) {
      const lines = [
        setpoint(0, [volts, volts * 0.9, volts * 0.8], hertz),
        setpoint(99, [volts, volts * 0.9, volts * 0.8], hertz),
      ];
      for (const { u1, u2, u3, f } of readingsOf(synthesise([...lines, blocks(3.6)]))) {
        [u1, u2, u3].forEach((value, line) => {
          expect(Math.abs((value as number) / (volts * (1 - 0.1 * line)) - 1)).toBeLessThan(0.000_1);
        });
        expect(Math.abs((f as number) - hertz)).toBeLessThan(0.000_1);
      }
    }
  });

  test("adds noise of the deviation that was asked for, another for each seed and the same for the same", () => {
    const silent = [setpoint(0, [0, 0, 0], 50), setpoint(99, [0, 0, 0], 50), blocks(5)];
    const noiseOf = (seed: number): Int32Array[] =>
      synthesise([`seed ${seed}`, "noise 0.001", ...silent]).blocks.map(({ samples }) => samples);
    const values = noiseOf(7).flatMap((samples) => [...samples]);
    const mean = values.reduce((sum, value) => sum + value) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(Math.abs(mean * voltsPerCount)).toBeLessThan(0.005);
    expect(Math.abs(deviation * voltsPerCount - 0.23)).toBeLessThan(0.003);
    expect(noiseOf(7)).toEqual(noiseOf(7));
    expect(noiseOf(8)).not.toEqual(noiseOf(7));
    const lines = [0, 1, 2].map((line) => values.filter((_, index) => index % 3 === line));
    for (const [one, other] of [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const) {
      const product = (lines[one] as number[]).reduce(
        (sum, value, index) => sum + value * (lines[other]?.[index] as number),
        0,
      );
      expect(Math.abs(product / (values.length / 3) / deviation ** 2)).toBeLessThan(0.03);
    }
  });

  test("stops at the limit of its 24 bits", () => {
    const { blocks: found } = synthesise([
      setpoint(0, [500, 230, 230], 50),
      setpoint(9, [500, 230, 230], 50),
      blocks(0.1),
    ]);
    const values = found.flatMap(({ samples }) => [...samples]);
    expect([Math.min(...values), Math.max(...values)]).toEqual([-8_388_607, 8_388_607]);
  });
});

describe("where nothing is known there is no block", () => {
  const measured = (lines: readonly string[], seconds: number): number[] =>
    synthesise([...lines, blocks(seconds)]).isMeasured.map(Number);

  test("before the first set point and after the last", () => {
    expect(measured([], 0.04)).toEqual([0, 0]);
    expect(measured([setpoint(0, nominal, 50)], 0.04)).toEqual([0, 0]);
    expect(measured([setpoint(0.03, nominal, 50), setpoint(0.09, nominal, 50)], 0.12)).toEqual([0, 0, 1, 1, 0, 0]);
  });

  test("from a set point that does not continue to the next one", () => {
    expect(
      measured(
        [
          setpoint(0, nominal, 50),
          setpoint(0.05, nominal, 50, false),
          setpoint(0.08, nominal, 50),
          setpoint(9, nominal, 50),
        ],
        0.14,
      ),
    ).toEqual([1, 1, 0, 0, 1, 1, 1]);
  });

  test("at the seam of a loop, wherever it lies in a block, so that the loop shows as a gap", () => {
    for (const seam of [0.04, 0.047, 0.0598])
      expect(
        measured(
          [
            setpoint(0, nominal, 50),
            setpoint(seam, nominal, 50, false),
            setpoint(seam, [100, 100, 100], 49),
            setpoint(9, nominal, 50),
          ],
          0.1,
        ),
      ).toEqual([1, 1, 0, 1, 1]);
  });
});

describe("set points", () => {
  test("that do not fit are refused, and fit again when time has passed", () => {
    const many = Array.from({ length: 32 }, (_, index) => setpoint(index / 10, nominal, 50));
    expect(synthesise([...many, setpoint(4, nominal, 50)]).errors).toContain("error more set points wait than fit");
    const output = synthesise([...many, blocks(1), setpoint(4, nominal, 50), `blocks ${noonMicros + 1_000_000} 145`]);
    expect(output.errors).toBe("");
    expect(output.isMeasured).toEqual(new Array(195).fill(true));
  });

  test("out of order are refused", () => {
    expect(synthesise([setpoint(1, nominal, 50), setpoint(0.5, nominal, 50)]).errors).toContain(
      "error a set point lies before the one in front of it",
    );
  });
});
