// Does a node tell what it did, how long what is urgent waited, and do nothing when there is nothing to do?

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import type { Dispatch, KernelStatistics } from "services/api/kernel";
import { call, forget, send, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const bootThree = (): Promise<TestNode> =>
  boot([
    talker("a", { sends: to(["b"]), calls: to(["b", "kernel"]) }),
    talker("b"),
    talker("asker", { calls: to(["kernel"]), memoryBytes: 128 * 1024 }),
  ]);

function told(dispatches: readonly Dispatch[]): string[] {
  return dispatches.map(
    ({ sender, kind, type, service, outcome }) => `${sender} ${kind} ${type} ${service} ${outcome}`,
  );
}

describe("the trace", () => {
  test("tells each dispatch: what, of whom, to whom, how urgent and what came of it", async () => {
    const node = await bootThree();
    await node.pass(5);
    await node.tell(
      "a",
      "do",
      [call("b", "echo", 1, { priority: "HIGH" }), call("probe", "echo"), { verb: "after", millis: 1, type: "tick" }],
      2,
    );
    await node.pass(1);
    await node.perform("a", call("kernel", "statistics"), call("b", "fail"));
    expect(told(await node.trace())).toEqual([
      "null start  a ok",
      "null start  b ok",
      "null start  asker ok",
      "null send do a ok",
      "a call echo b ok",
      "b reply echo a ok",
      "probe reply echo a ok",
      "a tick tick a ok",
      "null send do a ok",
      "kernel reply statistics a ok",
      "a call fail b threw",
      "null start  b ok",
      "b reply fail a ok",
    ]);
    expect((await node.trace())[4]).toMatchObject({ timeMicros: 5_000, priority: "HIGH", steps: expect.any(Number) });
    expect((await node.trace())[7]).toMatchObject({ timeMicros: 6_000, priority: "MEDIUM" });
  });

  test("tells what was not given because it came too late", async () => {
    const node = await bootThree();
    await node.tell("b", "relay", { to: "probe", type: "hold" });
    await node.perform("a", send("b", "note", 1, { deadlineMillis: 10 }));
    await node.pass(20);
    await node.reply();
    expect(told(await node.trace()).at(-1)).toBe("a send note b late");
    expect((await node.trace()).at(-1)?.steps).toBe(0);
  });

  test("keeps the last 512, oldest first", async () => {
    const node = await bootThree();
    for (let count = 0; count < 5; count++) await node.tell("b", "echo", count);
    await node.pass(0);
    expect(await node.trace()).toHaveLength(3 + 5);
    for (let round = 0; round < 100; round++) {
      await node.pass(1);
      await node.perform("a", { ...send("b", "echo"), times: 6 });
    }
    const dispatches = await node.trace();
    expect(dispatches).toHaveLength(512);
    const times = dispatches.map(({ timeMicros }) => timeMicros);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times.at(-1)).toBe(100_000);
  });

  test("of the kernel's channel has the last 64, in the same words", async () => {
    const node = await bootThree();
    for (let round = 0; round < 20; round++) await node.perform("a", { ...send("b", "echo"), times: 4 });
    node.heard();
    const [answer] = await node.perform("asker", call("kernel", "trace"));
    const before = (await node.trace()).slice(-65, -1);
    expect(answer).toEqual(before);
    expect(told(answer as Dispatch[]).at(-1)).toBe("null send do asker ok");
  });
});

describe("what a node takes", () => {
  const bootLive = useNodes({ isVirtual: false });

  test("is told for each dispatch on wall time", async () => {
    const node = await bootLive([talker("a", { sends: to(["a"]), budgetSteps: 10_000_000 })]);
    await node.tell("a", "labour", { self: "a", loops: 20_000 });
    await node.pass(30);
    const laboured = (await node.trace()).filter(({ type }) => type === "labour");
    expect(laboured.length).toBeGreaterThan(1);
    const { micros, timeMicros } = laboured[0] as Dispatch;
    expect(micros).toBeGreaterThan(50);
    expect(timeMicros + micros).toBeLessThanOrEqual((laboured[1] as Dispatch).timeMicros);
  });

  test("leaves commands and neighbours their turn though a service is never done", async () => {
    const node = await bootLive([talker("a", { sends: to(["a"]), budgetSteps: 10_000_000 }), talker("b")]);
    await node.tell("a", "labour", { self: "a", loops: 20_000 });
    const begun = performance.now();
    for (let round = 0; round < 5; round++) await node.tell("b", "note", round);
    while (node.heard("noted").length === 0 && performance.now() - begun < 2_000) await node.pass(1);
    // A turn is five milliseconds; a thousand of these dispatches are more than a second.
    expect(performance.now() - begun).toBeLessThan(600);
  });

  test("leaves other nodes of the worker theirs", async () => {
    const busy = await bootLive([talker("a", { sends: to(["a"]), budgetSteps: 10_000_000 })]);
    await busy.tell("a", "labour", { self: "a", loops: 20_000 });
    const node = await bootLive([talker("b")]);
    await node.tell("b", "note", 1);
    const begun = performance.now();
    while (node.heard("noted").length === 0 && performance.now() - begun < 2_000) await node.pass(1);
    expect(performance.now() - begun).toBeLessThan(600);
  });

  test("is nothing while it is idle, also after deadlines of calls that are long over", async () => {
    const node = await bootLive([talker("a", { calls: to(["b"]) }), talker("b")]);
    await node.tell("a", "do", [
      { ...call("b", "echo", 1, { deadlineMillis: 50 }), times: 100 },
      call("probe", "hold", 1, { deadlineMillis: 100 }),
    ]);
    await node.pass(300);
    const before = cpuTicks(node);
    const { dispatches } = await node.measure();
    await node.pass(500);
    expect((await node.measure()).dispatches).toBe(dispatches);
    // Of ten milliseconds each: a loop that never sleeps would take fifty.
    expect(cpuTicks(node) - before).toBeLessThanOrEqual(5);
  });
});

test("a month passes in no time when nothing happens in it", async () => {
  const node = await bootThree();
  await node.tell("a", "do", [forget("probe", "hold"), forget("probe", "hold", 1, { deadlineMillis: 60_000 })]);
  await node.pass(31 * 24 * 3_600 * 1_000);
  expect((await node.measure()).messages).toBe(0);
});

describe("highWaitMicros", () => {
  async function highWait(node: TestNode): Promise<number> {
    node.heard("did");
    const [answer] = await node.perform("asker", call("kernel", "statistics"));
    return (answer as KernelStatistics).highWaitMicros;
  }

  test("is the longest wait of a HIGH message in the last minute, whoever asks", async () => {
    const node = await bootThree();
    await node.tell("b", "relay", { to: "probe", type: "hold" });
    await node.perform("a", send("b", "note", 1, { priority: "HIGH" }));
    await node.pass(30);
    await node.tell("b", "note", 2, 0);
    await node.pass(20);
    await node.reply();
    expect(await highWait(node)).toBe(50_000);
    await node.pass(29_000);
    expect(await highWait(node)).toBe(50_000);
    await node.pass(31_000);
    expect(await highWait(node)).toBe(0);
  });

  test("counts replies and publications, and nothing that is less urgent", async () => {
    const node = await boot([
      talker("a", { publishes: to(["news"]) }),
      talker("b", {
        subscribes: ["news"],
        configuration: { startSteps: [{ verb: "subscribe", to: "news", type: "note" }] },
      }),
      talker("asker", { calls: to(["kernel"]) }),
    ]);
    await node.tell("b", "relay", { to: "probe", type: "hold" });
    await node.tell("b", "note", 1, 1);
    await node.pass(20);
    await node.perform("a", { verb: "publish", to: "news", message: 1, options: { priority: "HIGH" } });
    await node.pass(10);
    await node.reply();
    expect(await highWait(node)).toBe(10_000);
  });
});

/** Of the worker's process, in hundredths of a second. */
function cpuTicks(node: TestNode): number {
  const fields = readFileSync(`/proc/${node.processId}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
