// Is everything that messages and machines take given back, whoever dies in the middle?

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { call, forget, reincarnation, type Step, send, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const kilobyte = 1024;
const budgetSteps = 10_000_000;
const fill = 15 * kilobyte;

/** Memory of the worker that nobody else has, in bytes. */
function privateBytes(node: TestNode): number {
  const text = readFileSync(`/proc/${node.processId}/smaps_rollup`, "utf8");
  return Number(/Private_Dirty:\s+(\d+)/.exec(text)?.[1]) * kilobyte;
}

describe("a sender that fills the pool", () => {
  const deaf = ["p", "q", "r", "s", "t"];
  const sends = to(deaf);
  /** Configurations stay in the pool. */
  let idleBytes = 0;

  /** Five who do not listen, two who flood them, and one who has something urgent to say. */
  async function bootFlood(options: { readonly messages?: number; readonly poolBytes?: number }): Promise<TestNode> {
    const node = await boot(
      [
        ...deaf.map((name) => talker(name, { mailbox: 400, memoryBytes: 1 << 20 })),
        ...["a", "b", "c"].map((name) => talker(name, { sends, memoryBytes: 1 << 20, budgetSteps })),
      ],
      options,
    );
    idleBytes = (await node.measure()).poolBytes;
    for (const name of deaf) await node.tell(name, "relay", { to: "probe", type: "hold" });
    await node.pass(0);
    return node;
  }

  /** What is left is taken from outside, until only what is HIGH finds room. */
  async function speakUp(node: TestNode): Promise<void> {
    const fillUp = async (): Promise<never> => {
      for (;;) await node.tell("q", "ignored", 1);
    };
    await expect(fillUp()).rejects.toThrow("full");
    await node.tell("c", "do", [send("p", "note", "urgent", { priority: "HIGH" })], 0);
    await node.pass(0);
    for (const _ of deaf) await node.reply();
    expect(node.bodies("noted")).toMatchObject([{ message: "urgent" }]);
    const after = await node.measure();
    expect([after.messages, after.poolBytes]).toEqual([0, idleBytes]);
  }

  test("with large bodies has half of it at most, two leave an eighth to what is HIGH, and all is given back", async () => {
    const node = await bootFlood({ messages: 1_024, poolBytes: 512 * kilobyte });
    const flood = deaf.map((name): Step => ({ ...send(name, "ignored"), fill, times: 20 }));
    await node.perform("a", ...flood);
    // Half of what is not kept for HIGH.
    expect((await node.measure()).poolBytes - idleBytes).toBe(224 * kilobyte);
    await node.perform("b", ...flood);
    expect((await node.measure()).poolBytes).toBeLessThanOrEqual(448 * kilobyte);
    await speakUp(node);
  });

  test("with many messages leaves eight handles to what is HIGH, and all are given back", async () => {
    const node = await bootFlood({ messages: 64 });
    await node.perform("a", ...deaf.map((name): Step => ({ ...send(name, "ignored", 1), times: 30 })));
    expect((await node.measure()).messages).toBeLessThanOrEqual(64 - 8);
    await speakUp(node);
  });

  test("cannot keep the fault of another from being reported", async () => {
    const services = [
      reincarnation(),
      talker("p", { mailbox: 100 }),
      talker("a", { sends: to(["p"]), budgetSteps }),
      talker("b"),
    ];
    const node = await boot({ reincarnation: "reincarnation", services }, { messages: 64 });
    await node.tell("p", "relay", { to: "probe", type: "hold" });
    await node.perform("a", { ...send("p", "ignored", 1), times: 100 });
    for (let fault = 0; fault < 3; fault++) await node.fault("b");
    expect(node.panics).toEqual([]);
    await node.tell("b", "note", "back", 0);
    await node.pass(0);
    expect(node.bodies("noted")).toMatchObject([{ message: "back" }]);
  });
});

test("ten thousand faults leave every figure where it was", async () => {
  const node = await boot([
    talker("victim"),
    talker("caller", { calls: to(["victim"]) }),
    talker("killer", { mailbox: 32, calls: to(["simulator", "caller"]), budgetSteps: 1_000_000 }),
  ]);
  const kill = (kind: string, times: number): Step => ({
    ...call("simulator", "fault", { service: "victim", kind }),
    times,
  });
  // Each victim has a state, a timer and a call to serve.
  const lives = (times: number): Step[] => [
    ...["throw", "kill", "memory", "stack", "spin"].map((kind) => kill(kind, times)),
    {
      ...forget("caller", "relay", { to: "victim", type: "relay", message: { to: "probe", type: "echo" } }),
      times: 10,
    },
  ];
  await node.perform("victim", { verb: "commit", message: { some: "state" } });
  await node.perform("killer", ...lives(200));
  const [figures, bytes] = [await node.measure(), privateBytes(node)];
  for (let round = 0; round < 9; round++) await node.perform("killer", ...lives(200));
  expect(node.logs.filter((line) => line.startsWith("error: victim faulted"))).toHaveLength(10_000);
  const after = await node.measure();
  expect([after.messages, after.poolBytes]).toEqual([figures.messages, figures.poolBytes]);
  // Heaps grow to what they need; four bytes a fault would be a leak.
  expect(Math.abs(after.bytes - figures.bytes)).toBeLessThan(32 * kilobyte);
  expect(privateBytes(node) - bytes).toBeLessThan(128 * kilobyte);
}, 120_000);
