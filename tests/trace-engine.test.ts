// Does a node know what it did last, and how long messages waited?

import { describe, expect, test } from "@jest/globals";
import type { Dispatch, KernelStatistics } from "services/api/kernel";
import { BenchNode } from "sim/bench/node";
import { findArtifacts } from "sim/project";
import { call, send, service, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();
const asks = { calls: to(["kernel"]) };

/** The last dispatches; the call of `a` that asks is the last of them. */
async function traceOf(node: TestNode): Promise<readonly Dispatch[]> {
  return (await node.perform("a", call("kernel", "trace")))[0] as readonly Dispatch[];
}

describe("the trace", () => {
  test("tells each dispatch in its order: who was given what by whom, and what came of it", async () => {
    const node = await boot([talker("a", { ...asks, sends: to(["b"]) }), talker("b")]);
    await node.perform("a", send("b", "note", 1, { priority: "LOW" }), send("b", "fail"));
    const told = (await traceOf(node)).map(({ service, kind, type, sender, priority, outcome }) =>
      [service, kind, type, sender, priority, outcome].join(" "),
    );
    expect(told).toEqual([
      "a start   MEDIUM ok",
      "b start   MEDIUM ok",
      "a send do  MEDIUM ok",
      "b send fail a MEDIUM threw",
      "b start   MEDIUM ok",
      "b send note a LOW ok",
      "a send do  MEDIUM ok",
    ]);
  });

  test("counts dispatches, so that whoever asks again knows what was missed", async () => {
    const node = await boot([talker("a", { ...asks, sends: to(["b"]) }), talker("b")]);
    const first = await traceOf(node);
    expect(first.map(({ sequence }) => sequence)).toEqual(first.map((_, index) => index));
    await node.perform("a", send("b", "note", 1), send("b", "note", 2));
    const second = await traceOf(node);
    // What was the last is over now, and behind it are its reply, the message "do", two notes, and the next to ask.
    expect(second.map(({ sequence }) => sequence)).toEqual(second.map((_, index) => index));
    expect(second).toHaveLength(first.length + 5);
    for (let round = 0; round < 80; round++) await node.perform("a", send("b", "note", round));
    const third = await traceOf(node);
    expect(third).toHaveLength(64);
    expect(third.at(-1)?.sequence).toBe((second.at(-1)?.sequence ?? 0) + 80 * 2 + 2);
  });

  test("and the run times of a service add up to what the statistics say, whatever a scheduler took between", async () => {
    const node = new BenchNode({ artifacts: findArtifacts("tests") });
    try {
      const notes = ["b", "c", "b", "c", "b", "c"].map((name) => send(name, "note", "x"));
      const scheduler = service("talker", "scheduler", { module: "services/scheduler/round-robin" });
      const services = [talker("a", { ...asks, sends: to(["b", "c"]) }), talker("b"), talker("c"), scheduler];
      await node.boot({ scheduler: "scheduler", services });
      await node.send("a", "do", notes);
      await take(node, 2 * notes.length);
      await node.send("a", "do", [call("kernel", "statistics"), call("kernel", "trace")]);
      const [statistics, entries] = (await take(node, 2)) as [KernelStatistics, readonly Dispatch[]];
      const told = statistics.services;
      expect(told.find(({ name }) => name === "scheduler")?.runMicros).toBeGreaterThan(0);
      for (const { name, runMicros } of told.filter((each) => each.name === "b" || each.name === "c"))
        expect([name, sum(entries.filter((entry) => entry.service === name))]).toEqual([name, runMicros]);
    } finally {
      await node.stop();
    }
  });
});

async function take(node: BenchNode, count: number): Promise<unknown[]> {
  const bodies: unknown[] = [];
  while (bodies.length < count) bodies.push((await node.next()).body);
  return bodies;
}

function sum(entries: readonly Dispatch[]): number {
  return entries.reduce((total, { micros }) => total + micros, 0);
}

describe("the waits", () => {
  async function waitsOf(node: TestNode): Promise<KernelStatistics["waits"]> {
    node.heard("did");
    return ((await node.perform("a", call("kernel", "statistics")))[0] as KernelStatistics).waits;
  }

  test("count messages by priority and by how long they waited, in powers of two", async () => {
    const node = await boot([talker("a", asks), talker("b")]);
    const before = await waitsOf(node);
    // b waits 20 ms for an answer, and what it is sent meanwhile waits with it.
    await node.tell("b", "do", [call("probe", "hold", null, { deadlineMillis: 20 })], 2);
    await node.pass(0);
    for (const priority of [0, 1, 2, 2] as const) await node.tell("b", "note", null, priority);
    await node.pass(50);
    const after = await waitsOf(node);
    const long = 15; // 16,384 to below 32,768 µs
    expect(["HIGH", "MEDIUM", "LOW"].map((level) => after[level as "LOW"][long] ?? 0)).toEqual([1, 1, 2]);
    expect(["HIGH", "MEDIUM", "LOW"].map((level) => before[level as "LOW"][long] ?? 0)).toEqual([0, 0, 0]);
    expect(after.LOW).toHaveLength(long + 1);
  });

  test("leave ticks out, whose messages are as old as their timers", async () => {
    const node = await boot([talker("a", asks), talker("b")]);
    await node.tell("b", "do", [{ verb: "every", type: "tick", millis: 100 }]);
    await node.pass(1_050);
    expect(node.bodies("ticked")).toHaveLength(10);
    const { MEDIUM } = await waitsOf(node);
    expect(MEDIUM.slice(1)).toEqual([]);
  });
});
