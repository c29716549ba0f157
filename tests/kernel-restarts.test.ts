// Do the kernel and the real reincarnation server together bring back what fell, with patience, whoever fell?

import { describe, expect, test } from "@jest/globals";
import type { SystemTable } from "kernel/mod";
import type { KernelStatistics } from "services/api/kernel";
import { limits } from "services/reincarnation/policy";
import { call, reincarnation, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const second = 1_000;

const table: SystemTable = {
  reincarnation: "reincarnation",
  services: [
    reincarnation(),
    talker("a"),
    talker("b"),
    talker("asker", { calls: to(["a", "b", "kernel"]), subscribes: ["fault"] }),
  ],
};

async function statisticsOf(node: TestNode, name: string): Promise<KernelStatistics["services"][number] | undefined> {
  node.heard("did");
  const [answer] = await node.perform("asker", call("kernel", "statistics"));
  return (answer as KernelStatistics).services.find((each) => each.name === name);
}

async function isAlive(node: TestNode, name: string): Promise<boolean> {
  return (await statisticsOf(node, name))?.state === "running";
}

/** Faults it whenever it lives, looking every `stepMillis`; answers the moments of its deaths. */
async function faultAlways(node: TestNode, name: string, millis: number, stepMillis: number): Promise<number[]> {
  const deaths: number[] = [];
  for (let now = 0; now < millis; now += stepMillis) {
    if (await isAlive(node, name)) {
      await node.fault(name);
      deaths.push(now);
    }
    await node.pass(stepMillis);
  }
  return deaths;
}

describe("a service that faults", () => {
  test("is back at once, from its last commit, and its neighbours do not notice", async () => {
    const node = await boot(table);
    await node.perform("a", { verb: "commit", message: { count: 7 } });
    await node.fault("a", "memory");
    expect(await node.perform("asker", call("a", "committed"), call("b", "echo", 1))).toEqual([{ count: 7 }, 1]);
    expect(await statisticsOf(node, "a")).toMatchObject({ state: "running", generation: 2, restarts: 1 });
    expect(await statisticsOf(node, "b")).toMatchObject({ generation: 1, restarts: 0, lastFault: null });
  });

  test("is told to whoever subscribed to faults, with kind, reason and what it was given", async () => {
    const node = await boot(table);
    await node.perform("asker", { verb: "subscribe", to: "fault", type: "note" });
    await node.tell("a", "fail");
    await node.pass(0);
    expect(node.bodies("noted")).toMatchObject([
      {
        message: {
          service: "a",
          kind: "threw",
          reason: expect.stringContaining("told to fail"),
          messageType: "fail",
          generation: 1,
        },
      },
    ]);
  });

  test("too often is started five times in a row, and then after waits that double", async () => {
    const node = await boot(table);
    const deaths = await faultAlways(node, "a", 90 * second, 500);
    const inARow = deaths.filter((at) => at < 5_000);
    expect(inARow).toHaveLength(limits.restarts + 1);
    const waits = deaths.slice(inARow.length - 1).map((at, index, all) => (all[index + 1] ?? Number.NaN) - at);
    const known = waits.filter((wait) => !Number.isNaN(wait));
    expect(known.length).toBeGreaterThan(2);
    for (let index = 2; index < known.length; index++)
      expect((known[index] ?? 0) / (known[index - 1] ?? 1)).toBeCloseTo(2, 0);
  });

  test("and waits for its next start is reported dead, answers calls so, and keeps what is sent to it", async () => {
    const node = await boot(table);
    for (let fault = 0; fault <= limits.restarts; fault++) await node.fault("a");
    expect(await statisticsOf(node, "a")).toMatchObject({
      state: "dead",
      restarts: limits.restarts,
      lastFault: "killed: killed by command",
      bytes: 0,
    });
    expect(await node.perform("asker", call("a", "echo"))).toEqual([{ refused: "dead" }]);
    await node.tell("a", "note", "kept");
    await node.pass(11 * second);
    expect(node.bodies("noted")).toMatchObject([{ message: "kept" }]);
    expect(await isAlive(node, "a")).toBe(true);
  });

  test("as it starts is tried again with patience, until its cause is gone", async () => {
    const spare = talker("a", { module: "tests/services/stillborn" });
    const node = await boot({ ...table, services: [reincarnation(), spare, ...table.services.slice(2)] });
    await node.pass(60 * second);
    const statistics = await statisticsOf(node, "a");
    expect(statistics).toMatchObject({
      state: "dead",
      generation: 0,
      lastFault: expect.stringContaining("cannot live"),
    });
    const tries = node.logs.filter((line) => line.startsWith("error: a faulted: threw: Error: cannot live"));
    expect(tries.length).toBeGreaterThan(5);
    expect(tries.length).toBeLessThan(12);
    expect(await node.perform("asker", call("b", "echo", 1))).toEqual([1]);
  });
});

describe("the reincarnation server itself", () => {
  test("is started again by the kernel, remembers its records, and looks for who fell meanwhile", async () => {
    const node = await boot(table);
    for (let fault = 0; fault <= limits.restarts; fault++) await node.fault("a");
    await node.fault("reincarnation");
    expect(await isAlive(node, "a")).toBe(false);
    await node.pass(11 * second);
    expect(await isAlive(node, "a")).toBe(true);
    expect(await statisticsOf(node, "reincarnation")).toMatchObject({ generation: 2, restarts: 1 });
  });

  test("may fall three times in a minute; the fourth time the kernel gives up and says why", async () => {
    const node = await boot(table);
    for (let fault = 0; fault < 3; fault++) await node.fault("reincarnation");
    expect(node.panics).toEqual([]);
    await node.fault("reincarnation");
    expect(node.panics).toEqual(["the kernel panicked: reincarnation cannot be kept alive"]);
  });

  test("may fall for ever when it falls three times a minute", async () => {
    const node = await boot(table);
    for (let minute = 0; minute < 4; minute++) {
      for (let fault = 0; fault < 3; fault++) await node.fault("reincarnation");
      await node.pass(60.001 * second);
    }
    expect(node.panics).toEqual([]);
    expect(await statisticsOf(node, "reincarnation")).toMatchObject({ generation: 13, restarts: 12 });
  });

  test("hears every fault though all services fall in one turn", async () => {
    const names = ["c", "d", "e", "f", "g", "h"];
    const services = [
      { ...reincarnation(), mailbox: 9 },
      ...names.map((name) => talker(name)),
      talker("asker", { calls: to([...names, "kernel"]) }),
    ];
    const node = await boot({ ...table, services });
    for (const name of names) await node.tell(name, "fail");
    await node.pass(0);
    for (const name of names) expect(await statisticsOf(node, name)).toMatchObject({ state: "running", restarts: 1 });
    expect(node.panics).toEqual([]);
  });
});

describe("the kernel's restart", () => {
  test("is refused for a service that runs, and for one that nobody knows", async () => {
    const node = await boot([talker("a", { calls: to(["kernel"]) })]);
    const restart = (service: unknown): ReturnType<typeof call> => call("kernel", "restart", { service });
    const answers = await node.perform("a", restart("a"), restart("nobody"), restart(7), call("kernel", "restart"));
    for (const answer of answers)
      expect(answer).toMatchObject({ error: expect.stringContaining("Cannot restart service") });
  });

  test("keeps what the started service submits apart from what its starter still has to say", async () => {
    const node = await boot({
      reincarnation: "starter",
      services: [
        talker("starter", { mailbox: 16, sends: to(["a"]), calls: to(["kernel"]), publishes: to(["news"]) }),
        talker("a", {
          subscribes: ["news"],
          configuration: {
            startSteps: [
              { verb: "subscribe", to: "news", type: "note" },
              { verb: "every", millis: 10, type: "tick" },
            ],
          },
        }),
      ],
    });
    await node.fault("a");
    await node.perform("starter", { verb: "publish", to: "news", message: "unheard" });
    await node.tell("starter", "do", [
      { ...call("kernel", "restart", { service: "a" }), verb: "forget" },
      { verb: "commit", message: 1 },
      { verb: "after", millis: 1, type: "note" },
      { verb: "publish", to: "news", message: "too early" },
    ]);
    await node.pass(0);
    await node.perform("starter", { verb: "publish", to: "news", message: "heard" });
    expect(node.bodies("noted")).toMatchObject([{ message: "heard" }]);
    await node.pass(10);
    expect(node.heard("ticked")).toHaveLength(1);
    expect(node.panics).toEqual([]);
  });
});
