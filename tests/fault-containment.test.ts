// Whatever a service does, is it stopped, said why, and started again, while its neighbours do not notice?

import { describe, expect, test } from "@jest/globals";
import type { KernelStatistics } from "services/api/kernel";
import { call, service, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

function bootHostile(): Promise<TestNode> {
  const channels = { sends: to(["victim"]), calls: to(["victim"]) };
  return boot([
    service("hostile", "hostile", { ...channels, memoryBytes: 256 * 1024, budgetSteps: 200_000 }),
    talker("victim", { mailbox: 4 }),
    talker("asker", { calls: to(["hostile", "victim", "kernel"]) }),
  ]);
}

const faults: readonly (readonly [string, string, string])[] = [
  ["spin", "out-of-budget", "ran past its budget of 200000 steps"],
  ["spinAfterAwait", "out-of-budget", "ran past its budget"],
  ["spinInJobs", "out-of-budget", "ran past its budget"],
  ["spinInOptions", "out-of-budget", "ran past its budget"],
  ["spinInSends", "out-of-budget", "ran past its budget"],
  ["spinInCommits", "out-of-budget", "ran past its budget"],
  ["hoard", "out-of-memory", "needs more than its 262144 bytes"],
  ["hoardText", "out-of-memory", "needs more than its 262144 bytes"],
  ["hoardBytes", "out-of-memory", "needs more than its 262144 bytes"],
  ["recurse", "stack-overflow", "called too deep"],
  ["recurseInside", "stack-overflow", "called too deep"],
  ["fail", "threw", "Error: told to fail"],
  ["failWithNothing", "threw", "undefined"],
  ["failLater", "threw", "Error: told to fail later"],
  ["rejectUnheard", "threw", "Error: nobody hears"],
  ["hang", "stalled", "its handler awaits what no message can bring"],
  ["writeShared", "threw", "TypeError"],
  ["writeContext", "threw", "TypeError"],
];

describe("a service that breaks a rule", () => {
  for (const [act, kind, reason] of faults)
    test(`by ${act} is stopped as ${kind}, told with the reason, and back at once`, async () => {
      const node = await bootHostile();
      const before = await node.measure();
      const answers = await node.perform(
        "asker",
        call("hostile", act),
        call("victim", "echo", 1),
        call("hostile", "echo", 2),
      );
      expect(answers).toEqual([{ refused: "dead" }, 1, 2]);
      expect(node.logs).toEqual([expect.stringContaining(`error: hostile faulted: ${kind}: ${reason}`)]);
      expect(node.panics).toEqual([]);
      const after = await node.measure();
      expect([after.messages, after.poolBytes]).toEqual([before.messages, before.poolBytes]);
    });

  for (const act of ["hoardNames", "hoardPromises", "spinInCalls"])
    test(`by ${act} is stopped by the limit that it reaches first`, async () => {
      const node = await bootHostile();
      const answers = await node.perform(
        "asker",
        call("hostile", act),
        call("victim", "echo", 1),
        call("hostile", "echo", 2),
      );
      expect(answers).toEqual([{ refused: "dead" }, 1, 2]);
      expect(node.logs.at(-1)).toMatch(/^error: hostile faulted: out-of-(budget|memory): /);
      expect((await node.measure()).messages).toBe(0);
    });

  test("as it starts stays dead on a node without a reincarnation server, and its neighbours work", async () => {
    const node = await bootHostile();
    const [survived, , answer] = await node.perform(
      "asker",
      call("hostile", "spinAtNextStart"),
      call("hostile", "fail"),
      call("hostile", "echo", 2),
    );
    expect([survived, answer]).toEqual(["survived", { refused: "dead" }]);
    expect(await node.perform("victim", call("probe", "echo", 1))).toEqual([1]);
    expect(node.logs.map((line) => line.split(":").slice(0, 3).join(":"))).toEqual([
      "error: hostile faulted: threw",
      "error: hostile faulted: out-of-budget",
    ]);
  });

  test("again and again is started again each time", async () => {
    const node = await bootHostile();
    for (const [act] of [...faults, ...faults])
      expect(await node.perform("asker", call("hostile", act), call("hostile", "echo", act))).toEqual([
        { refused: "dead" },
        act,
      ]);
    const [statistics] = await node.perform("asker", call("kernel", "statistics"));
    const count = 2 * faults.length;
    const [hostile] = (statistics as KernelStatistics).services;
    expect(hostile).toMatchObject({ name: "hostile", restarts: count, generation: count + 1, state: "running" });
  });
});

test("faults to order are what a program did, and name what it was", async () => {
  const node = await bootHostile();
  const kinds = {
    throw: "threw",
    spin: "out-of-budget",
    memory: "out-of-memory",
    stack: "stack-overflow",
    kill: "killed",
  } as const;
  for (const [order, kind] of Object.entries(kinds)) {
    await node.fault("victim", order as keyof typeof kinds);
    expect(node.logs.at(-1)).toContain(`error: victim faulted: ${kind}: `);
    expect(await node.perform("asker", call("victim", "echo", order))).toEqual([order]);
  }
  await expect(node.fault("nobody")).rejects.toThrow('no service "nobody" on this node');
});

test("a promise of ours cannot be settled by the service that waits for it", async () => {
  const node = await bootHostile();
  expect(await node.perform("asker", call("hostile", "settleItself"))).toEqual(["mine"]);
});

test("what a fault leaves in the mailbox of its neighbour is what was sent before it", async () => {
  const node = await bootHostile();
  await node.tell("hostile", "spinInSends");
  await node.pass(0);
  expect(node.logs).toEqual([expect.stringContaining("hostile faulted: out-of-budget")]);
  expect(await node.perform("asker", call("victim", "echo", 1))).toEqual([1]);
});
