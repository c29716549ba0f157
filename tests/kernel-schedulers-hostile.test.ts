// What can a hostile scheduler do to a node? Each crime is committed on the real kernel, under the real reincarnation server:
// the built-in order decides in its place at once, no message is lost, the fault is told by its right name, and it returns.

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import type { ServiceEntry } from "kernel/mod";
import { call, service, type TestNode, talker, to, useNodes } from "tests/kernel-node";
import {
  beginSwap,
  builtInOrder,
  faults,
  patienceMillis,
  policyOf,
  round,
  schedulerTable,
  statistics,
  swapped,
} from "tests/scheduler-node";

const boot = useNodes();
const bootOnWallTime = useNodes({ isVirtual: false });

const module = "tests/services/bad-scheduler";
const itsOwnOrder = "dcb";

interface Crime {
  readonly crime: string;
  readonly kind: string;
  /** Rounds that pass until it is found, when it is not found in the very plan. */
  readonly rounds?: number;
}

const crimes: readonly Crime[] = [
  { crime: "grows without end", kind: "out-of-memory" },
  { crime: "hoards a little with each plan", kind: "out-of-memory", rounds: 40 },
  { crime: "leaves promises behind that throw", kind: "threw" },
  { crime: "leaves promises behind without end", kind: "out-of-budget" },
  { crime: "sends from a promise", kind: "threw" },
  { crime: "asks for the time", kind: "threw" },
  { crime: "says that all are ready", kind: "nonsense" },
  { crime: "leaves out the least urgent", kind: "nonsense" },
  { crime: "shortens its arrays", kind: "threw", rounds: 1 },
  { crime: "stretches its arrays", kind: "nonsense" },
  { crime: "punches holes into all arrays", kind: "threw", rounds: 1 },
  { crime: "makes an element of its order a function", kind: "nonsense" },
  { crime: "puts an object in an array's place", kind: "threw", rounds: 1 },
  { crime: "puts a function in an array's place", kind: "threw", rounds: 1 },
  { crime: "puts functions in all arrays' places", kind: "threw", rounds: 1 },
  { crime: "takes its order away and fills the room", kind: "threw", rounds: 1 },
  { crime: "freezes all", kind: "threw", rounds: 1 },
];

describe("a scheduler that", () => {
  for (const { crime, kind, rounds = 0 } of crimes)
    test(`${crime} is put out at once as ${kind}, and returns`, async () => {
      const node = await boot(schedulerTable(module, { crime }));
      const { messages } = await node.measure();
      expect([await round(node), await round(node)]).toEqual([itsOwnOrder, itsOwnOrder]);
      let order = await round(node);
      for (let late = 0; late < rounds && order === itsOwnOrder; late++) order = await round(node);
      expect(order).toBe(builtInOrder);
      expect(node.logs[0]).toContain(`error: scheduler faulted: ${kind}: `);
      const fault = { service: "scheduler", kind, messageType: "", generation: 1 };
      expect(faults(node)).toMatchObject([fault]);
      expect(await round(node)).toBe(itsOwnOrder);
      const { scheduler, services } = await statistics(node);
      expect(scheduler).toBe("bad-scheduler");
      expect(services).toContainEqual(expect.objectContaining({ name: "scheduler", generation: 2, restarts: 1 }));
      expect(node.panics).toEqual([]);
      // Nothing of it is left in the pool but what the reincarnation server has written down.
      expect((await node.measure()).messages).toBe(messages + 1);
    });

  for (const crime of [
    "sends and catches what it is told",
    "writes over all that it was shown",
    "makes all elements that it is shown functions",
    "gives its arrays another prototype",
  ])
    test(`${crime} harms nobody, not even itself`, async () => {
      const node = await boot(schedulerTable(module, { crime }));
      for (let each = 0; each < 6; each++) expect(await round(node)).toBe(itsOwnOrder);
      expect(node.heard("planned")).toEqual([]);
      expect(node.heard("read")).toEqual([]);
      expect(node.logs).toEqual([]);
    });

  test("breaks the contract in every plan is left out for longer and longer, while the built-in order decides", async () => {
    const node = await boot(schedulerTable(module, { crime: "says that all are ready", atPlan: 1 }));
    for (let each = 0; each < 20; each++) expect(await round(node)).toBe(builtInOrder);
    expect(node.logs.filter((line) => line.includes("scheduler faulted"))).toHaveLength(6);
    expect(await policyOf(node)).toBe("built-in");
    await node.pass(15_000);
    expect(await policyOf(node)).toBe("bad-scheduler");
    expect(await round(node)).toBe(builtInOrder);
    expect(await policyOf(node)).toBe("built-in");
  });
});

/** What the project promises of a bad scheduler: it is put out before this is over. */
const mostMicros = 100_000;

/** Waits until the scheduler is put out, and answers how long HIGH had to wait. */
async function waitOfHigh(node: TestNode): Promise<number> {
  for (let millis = 0; millis < patienceMillis && node.logs.length === 0; millis += 10) await node.pass(10);
  expect(node.logs[0]).toBe("error: scheduler faulted: starved: it let a HIGH message wait too long");
  expect(node.bodies("noted")).toContainEqual(expect.objectContaining({ message: "at last" }));
  return (await statistics(node)).highWaitMicros;
}

/** On a loaded desk, with all its tries. */
const wallTimeMillis = 60_000;

/** The least of some tries: a loaded desk only ever adds to it. One that is short enough is enough. */
async function leastWait(crime: string, services: readonly ServiceEntry[], tell: (node: TestNode) => Promise<void>) {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 5 && least > mostMicros; time++) {
    const node = await bootOnWallTime(schedulerTable(module, { crime, atPlan: 1 }, services));
    await tell(node);
    await node.tell("victim", "note", "at last", 0);
    least = Math.min(least, await waitOfHigh(node));
    await node.cutPower();
  }
  return least;
}

/** More of them than a plan can work off in 50 ms: some milliseconds each, and none of them is ever done. */
const labourers = Array.from({ length: 64 }, (_, index) => `labourer-${index}`);
const crowd = [
  ...labourers.map((name) => talker(name, { sends: to([name], "LOW"), budgetSteps: 100_000_000 })),
  talker("victim"),
];

async function setToWork(node: TestNode): Promise<void> {
  for (const name of labourers) await node.tell(name, "labour", { self: name, loops: 150_000 }, 2);
}

test(
  "a scheduler that puts HIGH behind all the work there is is put out as starved before 100 ms are over",
  async () => {
    const wait = await leastWait("puts HIGH last", crowd, setToWork);
    expect(wait).toBeGreaterThan(50_000);
    expect(wait).toBeLessThan(mostMicros);
  },
  wallTimeMillis,
);

test(
  "a scheduler that puts one HIGH behind another that comes again and again is put out before 100 ms are over",
  async () => {
    const pump = service("pump", "pump", { sends: to(["pump", "other"]), configuration: { self: "pump" } });
    const wait = await leastWait("puts one HIGH last", [pump, talker("other"), talker("victim")], (node) =>
      node.tell("pump", "pump", { times: 1e9, high: "other" }),
    );
    expect(wait).toBeGreaterThan(50_000);
    expect(wait).toBeLessThan(mostMicros);
  },
  wallTimeMillis,
);

test(
  "a scheduler on trial that lets HIGH wait gives its place back, and the one before it is not blamed",
  async () => {
    const configuration = { crime: "puts HIGH last", atPlan: 1 };
    const node = await bootOnWallTime(schedulerTable("services/scheduler/priority", configuration, crowd));
    await setToWork(node);
    expect(await beginSwap(node, module)).toEqual({ begun: true });
    await node.tell("victim", "note", "at last", 0);
    await waitOfHigh(node);
    expect(swapped(node)).toMatchObject({ outcome: "returned", reason: expect.stringContaining("starved: ") });
    expect(await policyOf(node)).toBe("priority");
    expect(node.logs.filter((line) => line.includes("scheduler faulted"))).toHaveLength(1);
  },
  wallTimeMillis,
);

test(
  "a scheduler on trial that lets HIGH wait is found out however often the host is stopped meanwhile",
  async () => {
    const pump = service("pump", "pump", { sends: to(["pump", "other"]), configuration: { self: "pump" } });
    const configuration = { crime: "puts one HIGH last", atPlan: 1 };
    const services = [pump, talker("other"), talker("victim")];
    const node = await bootOnWallTime(schedulerTable("services/scheduler/priority", configuration, services));
    expect(await beginSwap(node, module)).toEqual({ begun: true });
    await node.tell("pump", "pump", { times: 1e9, high: "other" });
    for (let time = 0; time < 6; time++) {
      // The first may still go to the scheduler before, which is good.
      await node.tell("victim", "note", "at last", 0);
      process.kill(node.processId, "SIGSTOP");
      await sleep(60);
      process.kill(node.processId, "SIGCONT");
      await node.pass(5);
    }
    await waitOfHigh(node);
    expect(swapped(node)).toMatchObject({ outcome: "returned", reason: expect.stringContaining("starved: ") });
  },
  wallTimeMillis,
);

test(
  "a scheduler is not blamed for the time in which the host itself was stopped",
  async () => {
    // In its turn HIGH stands behind them all.
    const names = ["p", "q", "r", "s"];
    const busy = names.map((name) => {
      const configuration = { self: name, priority: name === "s" ? "HIGH" : "LOW" };
      return service("busy", name, { sends: to([name]), configuration });
    });
    const node = await bootOnWallTime(schedulerTable("services/scheduler/round-robin", {}, busy));
    for (const name of names) await node.tell(name, "go");
    for (let time = 0; time < 10; time++) {
      process.kill(node.processId, "SIGSTOP");
      await sleep(80);
      process.kill(node.processId, "SIGCONT");
      await node.pass(20);
    }
    expect(node.logs.filter((line) => line.includes("starved"))).toEqual([]);
  },
  wallTimeMillis,
);

test("a scheduler is not blamed for the time that passes between two messages of HIGH", async () => {
  const node = await boot(schedulerTable("services/scheduler/round-robin", {}));
  for (let each = 0; each < 5; each++) {
    await node.tell("b", "note", "b", 1);
    await node.tell("d", "note", "d", 0);
    await node.pass(200);
  }
  expect(node.bodies("noted")).toHaveLength(10);
  expect(node.logs).toEqual([]);
});

test("deadline orders who has a reply by the deadline of the call that it serves", async () => {
  const callers = [talker("asker", { calls: to(["server"]) }), talker("other"), talker("server")];
  const node = await boot(schedulerTable("services/scheduler/deadline", {}, callers));
  const relayed = { to: "probe", type: "hold" };
  await node.tell("asker", "do", [call("server", "relay", relayed, { deadlineMillis: 100 })]);
  await node.pass(1);
  const { sequence = 0 } = (await node.trace()).at(-1) ?? {};
  await node.tell("other", "note");
  await node.reply();
  const dispatches = (await node.trace()).filter((dispatch) => dispatch.sequence > sequence);
  expect(dispatches.map(({ service }) => service)).toEqual(["server", "other", "asker"]);
});
