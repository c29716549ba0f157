// Does `lugh trace` write what Perfetto opens, and is it honest about what it did not see?

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { composeTrace, type TraceEvent } from "cli/trace-events";
import { Recording } from "cli/trace-recording";
import { closeAll, openBroker, openNode } from "tests/cli-nodes";
import { runCli, runJson, startCli } from "tests/cli-run";
import { LiveFleet } from "tests/live-fleet";
import { decode, encode } from "wire/cbor";
import { packTrace, type TracedDispatch, unpackTrace } from "wire/trace";

// Each call is a process, and other tests run beside it.
jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "lugh-trace-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One dispatch of 40 µs, 100 µs after the one before it. */
function dispatch(sequence: number, more: Partial<TracedDispatch> = {}): TracedDispatch {
  return {
    sequence,
    timeMicros: 1_000 + sequence * 100,
    micros: 40,
    steps: 500,
    service: sequence % 2 === 0 ? "sensor" : "mqtt",
    kind: "send",
    type: "block",
    sender: null,
    priority: "MEDIUM",
    outcome: "ok",
    ...more,
  };
}

const run = (from: number, to: number): TracedDispatch[] =>
  Array.from({ length: to - from }, (_, index) => dispatch(from + index));

/** Throws where a viewer would stumble: https://perfetto.dev/docs/getting-started/other-formats, "Chrome JSON format". */
function checkFormat(text: string): { events: readonly TraceEvent[]; metadata: { readonly [name: string]: unknown } } {
  const { traceEvents, metadata } = JSON.parse(text) as {
    traceEvents: TraceEvent[];
    metadata: { [name: string]: unknown };
  };
  const named = new Set(traceEvents.filter(({ name }) => name === "thread_name").map(({ tid }) => tid));
  const endOfTrack = new Map<number, number>();
  let lastMicros = 0;
  for (const event of traceEvents) {
    const { ph, name, pid, tid, ts = Number.NaN, dur = Number.NaN } = event;
    const refuse = (wanted: string): never => {
      throw new Error(`wanted ${wanted}, found ${JSON.stringify(event)}`);
    };
    if (typeof name !== "string" || name === "") refuse("a name");
    if (pid !== 1 || !Number.isInteger(tid)) refuse("one process, and a track");
    if (ph === "M") continue;
    if (!named.has(tid)) refuse("a track with a name");
    if (!(ts >= lastMicros)) refuse(`a time not before ${lastMicros}`);
    lastMicros = ts;
    if (ph === "i" && event.s !== "t" && event.s !== "g") refuse("the scope of an instant");
    if (ph === "i") continue;
    if (ph !== "X" || !(dur >= 0)) refuse("a complete event with its duration");
    if (ts < (endOfTrack.get(tid) ?? 0)) refuse("dispatches of a service one after the other");
    endOfTrack.set(tid, ts + dur);
  }
  return { events: traceEvents, metadata };
}

describe("the answer of a node", () => {
  test("crosses the wire column by column and is the same on the other side", () => {
    const dispatches = [
      dispatch(2 ** 32 - 2),
      dispatch(2 ** 32 - 1, { sender: "mqtt", kind: "call", outcome: "out-of-budget", steps: 4_000_000 }),
      dispatch(0, { type: "", kind: "start", priority: "HIGH", timeMicros: 2 ** 40 + 1 }),
    ];
    expect(unpackTrace(decode(encode(packTrace(dispatches))))).toEqual(dispatches);
    expect(unpackTrace(decode(encode(packTrace([]))))).toEqual([]);
  });

  test.each([
    ["no map", [], "wanted a map"],
    ["a column of another kind", { micros: new Float64Array(2) }, "trace.micros: wanted a Uint32Array"],
    [
      "a column that is shorter",
      { steps: new Uint32Array(1) },
      "trace.steps: wanted a Uint32Array as long as the others",
    ],
    ["a word that is not there", { type: Uint16Array.of(0, 99) }, "trace.type: wanted numbers of"],
    ["times that are none", { timeMicros: Float64Array.of(1, Number.NaN) }, "trace.timeMicros: wanted numbers"],
    ["more than a node remembers", { timeMicros: new Float64Array(513) }, "trace.timeMicros"],
  ])("with %s is refused", (_title, wrong, message) => {
    const right = packTrace([dispatch(1), dispatch(2)]);
    expect(() => unpackTrace(Array.isArray(wrong) ? wrong : { ...right, ...wrong })).toThrow(message);
  });
});

describe("a recording", () => {
  test("takes once what two answers have in common", () => {
    const recording = new Recording();
    expect([recording.add(run(0, 5), 0), recording.add(run(2, 8), 300), recording.add(run(4, 8), 300)]).toEqual([
      5, 3, 0,
    ]);
    expect(recording.dispatches).toEqual(run(0, 8));
    expect({ gaps: recording.gaps, lost: recording.lost }).toEqual({ gaps: [], lost: 0 });
  });

  test("tells how many dispatches were in no answer, and between which moments", () => {
    const recording = new Recording();
    recording.add(run(0, 5), 0);
    recording.add(run(9, 12), 900);
    expect(recording.gaps).toEqual([{ startMicros: 1_440, endMicros: 1_900, dispatches: 4 }]);
    expect(recording.lost).toBe(4);
  });

  test("finds no gap where the numbers begin anew", () => {
    const recording = new Recording();
    recording.add([dispatch(2 ** 32 - 1, { timeMicros: 10 })], 0);
    recording.add([dispatch(0, { timeMicros: 60 }), dispatch(1, { timeMicros: 120 })], 0);
    expect({ count: recording.dispatches.length, gaps: recording.gaps }).toEqual({ count: 3, gaps: [] });
  });

  test("goes on in time when the node was started anew, and does not claim to know what was lost", () => {
    const recording = new Recording();
    recording.add(run(50, 60), 0);
    recording.add(run(0, 4), 10_000);
    const ends = recording.dispatches.map(({ timeMicros }) => timeMicros);
    expect(ends).toEqual([...ends].sort((one, other) => one - other));
    // The newest end is 10 ms after the newest end of the answer before.
    expect((ends.at(-1) ?? 0) - (ends[9] ?? 0)).toBe(10_000);
    expect(recording.gaps).toEqual([{ startMicros: 6_940, endMicros: expect.any(Number), dispatches: null }]);
  });

  test("becomes a track for each service, with faults, late messages and gaps as instants", () => {
    const recording = new Recording();
    recording.add(
      [dispatch(0), dispatch(1, { outcome: "late", micros: 0 }), dispatch(2, { outcome: "threw", sender: "mqtt" })],
      0,
    );
    recording.add([dispatch(9), dispatch(10, { type: "", kind: "start" })], 700);
    const { events, metadata } = checkFormat(JSON.stringify(composeTrace("lab/node-1", recording)));
    expect(metadata).toEqual({ node: "lab/node-1", dispatches: 5, lost: 6, gaps: 1 });
    expect(events.filter(({ ph }) => ph === "M").map(({ tid, args }) => [tid, args?.name])).toEqual([
      [0, "lab/node-1"],
      [0, "not recorded"],
      [1, "sensor"],
      [2, "mqtt"],
    ]);
    expect(events.filter(({ ph }) => ph === "i").map(({ name, tid, ts, s }) => [name, tid, ts, s])).toEqual([
      ["late", 2, 1_100, "t"],
      ["threw", 1, 1_240, "t"],
      ["6 dispatches not recorded", 0, 1_240, "g"],
    ]);
    expect(events.find(({ args }) => args?.outcome === "threw")).toEqual({
      ph: "X",
      name: "block",
      cat: "send",
      pid: 1,
      tid: 1,
      ts: 1_200,
      dur: 40,
      args: { sender: "mqtt", priority: "MEDIUM", steps: 500, outcome: "threw", sequence: 2 },
    });
    expect(events.at(-1)).toMatchObject({ ph: "X", name: "start", tid: 1, ts: 2_000 });
  });
});

describe("lugh trace of a live node", () => {
  const node = "toledo/node-1";
  let fleet: LiveFleet;

  beforeAll(async () => {
    fleet = await LiveFleet.start();
  });
  afterAll(() => fleet?.dispose());

  test("writes every dispatch of that time on the track of its service, a fault included", async () => {
    const file = join(folder, "live.json");
    const args = ["trace", node, "--out", file, "--seconds", "3", "--broker", fleet.broker];
    const tracing = runJson<{ dispatches: number; lost: number; gaps: number }>(args);
    await sleep(1_500);
    expect((await fleet.lugh("fault", node, "reporter", "throw")).code).toBe(0);
    const { code, json } = await tracing;
    expect({ code, json }).toEqual({
      code: 0,
      json: {
        node,
        file,
        dispatches: expect.any(Number),
        lost: expect.any(Number),
        gaps: expect.any(Number),
      },
    });
    const { events, metadata } = checkFormat(readFileSync(file, "utf8"));
    expect(metadata).toEqual({ node, dispatches: json.dispatches, lost: json.lost, gaps: json.gaps });
    const ran = events.filter(({ ph, cat }) => ph === "X" && cat !== "gap");
    expect(ran).toHaveLength(json.dispatches);
    // Nothing is missing that is not said to be.
    const sequences = ran.map(({ args }) => args?.sequence as number);
    expect(Math.max(...sequences) - Math.min(...sequences) + 1).toBe(ran.length + json.lost);
    const tracks = events.filter(({ name }) => name === "thread_name").map(({ args }) => args?.name);
    expect(tracks).toEqual(expect.arrayContaining(["sensor", "mqtt", "command", "reporter"]));
    // Fifty blocks of the waveform a second.
    expect(ran.filter(({ name }) => name === "block").length + json.lost).toBeGreaterThan(100);
    expect(events.filter(({ ph, name }) => ph === "i" && name === "threw")).toHaveLength(1);
  });

  test("ends at Ctrl-C, with what it has seen until then", async () => {
    const file = join(folder, "interrupted.json");
    const args = ["trace", node, "--out", file, "--seconds", "60", "--broker", fleet.broker, "--json"];
    const { child, result } = startCli(args);
    await sleep(2_000);
    child.kill("SIGINT");
    const { code, stdout } = await result;
    expect({ code, told: JSON.parse(stdout) }).toEqual({ code: 0, told: expect.objectContaining({ file }) });
    expect(checkFormat(readFileSync(file, "utf8")).events.length).toBeGreaterThan(63);
  });
});

describe("lugh trace", () => {
  afterEach(closeAll);

  test("marks what a busy node did between two answers as a gap", async () => {
    const broker = await openBroker();
    let next = 0;
    const answer = () => {
      next += 1_000;
      return { ok: true as const, result: packTrace(run(next, next + 64)) };
    };
    await openNode(broker, { site: "lab", node: "node-1" }, { answer });
    const file = join(folder, "busy.json");
    const args = ["trace", "lab/node-1", "--out", file, "--seconds", "1", "--broker", broker.url];
    const { json } = await runJson<{ lost: number; gaps: number }>(args);
    const { events, metadata } = checkFormat(readFileSync(file, "utf8"));
    expect(json.gaps).toBeGreaterThan(0);
    expect(json.lost).toBe(json.gaps * (1_000 - 63));
    expect(metadata).toMatchObject({ lost: json.lost, gaps: json.gaps });
    expect(events.filter(({ cat, ph }) => cat === "gap" && ph === "X").map(({ name }) => name)).toEqual(
      Array.from({ length: json.gaps }, () => "937 dispatches not recorded"),
    );
  });

  test("says that an answer makes no sense, and writes no file of it", async () => {
    const broker = await openBroker();
    await openNode(broker, { site: "lab", node: "node-1" }, { answer: () => ({ ok: true, result: [] }) });
    const file = join(folder, "nonsense.json");
    const { code, json } = await runJson(["trace", "lab/node-1", "--out", file, "--broker", broker.url]);
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "bad-reply" });
    expect(() => readFileSync(file)).toThrow("ENOENT");
  });

  test.each([
    [["trace"], 2, "usage", "wanted NODE, found nothing"],
    [["trace", "lab/node-1"], 2, "usage", "wanted --out FILE"],
    [["trace", "lab/node-1", "--out", "x", "--seconds", "0"], 2, "usage", "from 1 to 300"],
    [["trace", "lab/node-1", "--out", "/nowhere/at/all.json"], 1, "failed", "found ENOENT"],
    [["trace", "lab/node-1", "--out", "x", "--broker", "mqtt://127.0.0.1:1"], 1, "broker-unreachable", "ECONNREFUSED"],
  ])("%j is refused with its reason", async (args, code, error, message) => {
    expect(await runJson(args)).toEqual({
      code,
      json: { error: { code: error, message: expect.stringContaining(message) } },
    });
  });

  test("--help says what to do with the file, in lines that fit", async () => {
    const { stdout } = await runCli(["trace", "--help"]);
    expect(stdout).toContain("https://ui.perfetto.dev");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});
