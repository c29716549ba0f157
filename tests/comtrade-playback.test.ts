// Does the playback in C give back the samples that it was given, at their own time, and nothing where there are none? Compiled here
// with the sanitizers, and driven by text.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const folder = mkdtempSync(join(tmpdir(), "lugh-playback-"));
const program = join(folder, "playback-test");

beforeAll(() => {
  const sources = resolve("hosts/sim");
  const flags = "-std=gnu11 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined".split(" ");
  const files = [`${sources}/playback.c`, `${sources}/test/playback_test.c`];
  const compiled = spawnSync("gcc", [...flags, `-I${sources}`, ...files, "-o", program], { encoding: "utf8" });
  if (compiled.status !== 0) throw new Error(`Cannot compile the playback: ${compiled.error ?? compiled.stderr}`);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

function run(...lines: string[]): string[] {
  const { stdout, stderr, status } = spawnSync(program, { input: lines.concat("").join("\n"), encoding: "utf8" });
  if (status !== 0) throw new Error(`The playback failed: ${stderr}`);
  return stdout.trimEnd().split("\n");
}

/** A whole second of UTC, and samples of so many seconds from so many seconds after it. */
const second = 1_800_000_000_000_000;
const ringFrames = 65_536;

function add(fromMicros: number, frames: number, first = 0): string {
  return `add ${second + fromMicros} 0.5 ${frames} ${first}`;
}

function block(micros: number): string {
  return `block ${second + micros}`;
}

test("a block begins at the first sample that is not before its time, and says when that was", () => {
  expect(run(add(0, 4_000), block(0), block(1), block(250), block(20_000), block(980_000))).toEqual([
    "added",
    `${second} 0 239 0.5`,
    `${second + 250} 3 242 0.5`,
    `${second + 250} 3 242 0.5`,
    `${second + 20_000} 240 479 0.5`,
    `${second + 980_000} 11760 11999 0.5`,
  ]);
});

test("samples of either sign come through whole", () => {
  expect(run(add(0, 80, -8_388_607), block(0))).toEqual(["added", `${second} -8388607 -8388368 0.5`]);
});

test("there is no block before the first sample, beyond the last, or while nothing was added", () => {
  expect(run(block(0), add(1_000, 160), block(0), block(1_000), block(21_000), block(21_001))).toEqual([
    "none",
    "added",
    "none",
    `${second + 1_000} 0 239 0.5`,
    `${second + 21_000} 240 479 0.5`,
    "none",
  ]);
});

test("there is no block over a gap, however short, and there are again behind it", () => {
  const answers = run(
    add(0, 400),
    add(100_250, 400, 7_000),
    ...[80, 80.25, 90, 100, 100.25].map((at) => block(at * 1_000)),
  );
  expect(answers.map((answer) => answer.split(" ")[1] ?? answer)).toEqual([
    "added",
    "added",
    "960",
    "none",
    "none",
    "none",
    "7000",
  ]);
});

test("old samples leave the ring as new ones come, also over a gap longer than the ring", () => {
  const all = add(0, ringFrames);
  expect(run(all, add(16_384_000, 80, 5), block(0), block(20_000), block(16_384_000))).toEqual([
    "added",
    "added",
    "none",
    `${second + 20_000} 240 479 0.5`,
    `${second + 16_384_000} 5 244 0.5`,
  ]);
  expect(run(all, add(3_600_000_000, 80, 5), block(16_000_000), block(3_600_000_000))).toEqual([
    "added",
    "added",
    "none",
    `${second + 3_600_000_000} 5 244 0.5`,
  ]);
});

test("samples that are off the grid, out of order, too many or without a scale are refused, and change nothing", () => {
  const refused = run(
    add(0, 80),
    add(10, 80),
    add(19_750, 80),
    add(20_000, ringFrames + 1),
    `add ${second + 20_000} 0 80 0`,
    `add -250 1 80 0`,
    block(0),
    add(20_000, 80, 240),
    block(10_000),
  );
  expect(refused).toEqual([
    "added",
    "samples begin at a multiple of 250 microseconds",
    "samples lie before the end of those in front of them",
    "more samples than fit",
    "voltsPerCount must be above 0",
    "samples begin at a multiple of 250 microseconds",
    `${second} 0 239 0.5`,
    "added",
    `${second + 10_000} 120 359 0.5`,
  ]);
});
