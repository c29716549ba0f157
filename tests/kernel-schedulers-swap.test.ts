// Is a swap of schedulers safe when one of the two is hostile? Whatever step it breaks, the other one orders on, the
// built-in order decides in between, and no message is lost.

import { describe, expect, test } from "@jest/globals";
import { limits, type ServiceEntry } from "kernel/mod";
import { service, type TestNode, talker, to, useNodes } from "tests/kernel-node";
import {
  beginSwap,
  builtInOrder,
  faults,
  policyOf,
  round,
  schedulerTable,
  statistics,
  swapped,
} from "tests/scheduler-node";

const boot = useNodes();

const good = "services/scheduler/round-robin";
const bad = "tests/services/bad-scheduler-swap";
const orderOf = { good: "bcd", bad: "dcb" };
/** A trial ends after half a second. */
const trialMillis = 600;

/** Runs the good one, and swaps it for the bad one. */
async function bootAndSwap(configuration: { readonly [key: string]: unknown }): Promise<TestNode> {
  const node = await boot(schedulerTable(good, configuration));
  expect(await round(node)).toBe(orderOf.good);
  expect(await beginSwap(node, bad)).toEqual({ begun: true });
  return node;
}

describe("a successor that", () => {
  for (const [crime, kind] of [
    ["throws in start", "threw"],
    ["never returns from start", "out-of-budget"],
    ["grows in start", "out-of-memory"],
    ["starts asynchronously", "threw"],
  ])
    test(`${crime} never orders anything`, async () => {
      const node = await bootAndSwap({ crime });
      expect(swapped(node)).toMatchObject({ outcome: "returned", reason: expect.stringContaining(`${kind}: `) });
      for (let each = 0; each < 5; each++) expect(await round(node)).toBe(orderOf.good);
      expect(await policyOf(node)).toBe("round-robin");
      expect(faults(node)).toEqual([]);
    });

  for (const [crime, kind] of [
    ["throws in plan", "threw"],
    ["never returns from plan", "out-of-budget"],
    ["grows in plan", "out-of-memory"],
    ["answers nonsense", "nonsense"],
  ])
    test(`${crime} while it is tried gives its place back`, async () => {
      const node = await bootAndSwap({ crime });
      expect([await round(node), await round(node)]).toEqual([orderOf.bad, orderOf.bad]);
      expect(await round(node)).toBe(builtInOrder);
      expect(swapped(node)).toMatchObject({ outcome: "returned", reason: expect.stringContaining(`${kind}: `) });
      expect(await policyOf(node)).toBe("round-robin");
      expect(await round(node)).toBe(orderOf.good);
      expect(faults(node)).toMatchObject([{ service: "scheduler", kind }]);
      expect(node.panics).toEqual([]);
    });

  test("breaks a rule long after its trial gives way to the one before it", async () => {
    const node = await bootAndSwap({ crime: "throws in plan", atPlan: 5 });
    expect(await round(node)).toBe(orderOf.bad);
    await node.pass(trialMillis);
    expect(swapped(node)).toMatchObject({ outcome: "confirmed" });
    for (let plan = 2; plan < 5; plan++) expect(await round(node)).toBe(orderOf.bad);
    expect(await round(node)).toBe(builtInOrder);
    expect(await policyOf(node)).toBe("round-robin");
    expect(await round(node)).toBe(orderOf.good);
    expect(faults(node)).toMatchObject([{ service: "scheduler", kind: "threw" }]);
  });

  test("is no scheduler, or none that can be found, is refused before anything is suspended", async () => {
    const node = await boot(schedulerTable(good, {}));
    for (const [module, clause] of [
      ["tests/services/talker", "tests/services/talker has no function plan"],
      ["tests/services/planless-scheduler", "tests/services/planless-scheduler has no function plan"],
      ["wire/cbor", "wanted a service as default export of wire/cbor"],
      ["services/scheduler/nothing", "the image has no such module"],
      [good, `runs ${good} already`],
    ] as const)
      expect(await beginSwap(node, module)).toEqual({ error: expect.stringContaining(clause) });
    const { services } = await statistics(node);
    expect(services).toContainEqual(expect.objectContaining({ name: "scheduler", generation: 1 }));
    expect(await round(node)).toBe(orderOf.good);
  });

  test("cannot take the state over never orders anything", async () => {
    const node = await boot(schedulerTable(good, {}));
    expect(await round(node)).toBe(orderOf.good);
    expect(await beginSwap(node, "tests/services/bad-scheduler-migrate")).toEqual({ begun: true });
    expect(swapped(node)).toMatchObject({
      outcome: "returned",
      reason: expect.stringContaining("threw: Error: no migrate"),
    });
    expect(await round(node)).toBe(orderOf.good);
  });

  test("keeps no state takes over from one that does, and gives its place back", async () => {
    const node = await boot(schedulerTable(good, { how: "keeps it" }));
    expect(await round(node)).toBe(orderOf.good);
    for (const [module, order] of [
      ["tests/services/strange-scheduler", orderOf.bad],
      [good, orderOf.good],
    ] as const) {
      expect(await beginSwap(node, module)).toEqual({ begun: true });
      await node.pass(trialMillis);
      expect(swapped(node)).toMatchObject({ outcome: "confirmed" });
      expect(await round(node)).toBe(order);
    }
  });
});

describe("a scheduler that is to leave and", () => {
  for (const crime of [
    "throws in suspend",
    "leaves a function",
    "leaves a circle",
    "leaves too much",
    "never returns from suspend",
    "grows in suspend",
  ])
    test(`${crime} leaves all the same, without its state`, async () => {
      const node = await boot(schedulerTable(bad, { crime }));
      expect(await round(node)).toBe(orderOf.bad);
      expect(await beginSwap(node, good)).toEqual({ begun: true });
      expect(await round(node)).toBe(orderOf.good);
      await node.pass(trialMillis);
      expect(swapped(node)).toMatchObject({ outcome: "confirmed" });
      expect(node.logs).toContainEqual(
        expect.stringContaining("scheduler is replaced without the state of its suspend()"),
      );
      expect(await round(node)).toBe(orderOf.good);
      expect(faults(node)).toEqual([]);
    });

  test("never returns from suspend is put out when its successor gives its place back", async () => {
    const node = await boot(schedulerTable(bad, { crime: "never returns from suspend", how: "throws" }));
    expect(await round(node)).toBe(orderOf.bad);
    expect(await beginSwap(node, "tests/services/strange-scheduler")).toEqual({ begun: true });
    expect(await round(node)).toBe(builtInOrder);
    expect(faults(node)).toMatchObject([{ kind: "threw" }, { kind: "out-of-budget" }]);
    expect(await round(node)).toBe(orderOf.bad);
  });
});

test("a candidate is on trial for as long as a HIGH message may wait, however often it plans", async () => {
  const pump = (name: string): ServiceEntry =>
    service("pump", name, { sends: to([name, "sink"]), configuration: { self: name } });
  const services = [pump("p"), pump("q"), talker("sink")];
  const node = await boot(schedulerTable("services/scheduler/priority", {}, services));
  expect(await beginSwap(node, good)).toEqual({ begun: true });
  const before = (await node.measure()).dispatches;
  for (const name of ["p", "q"]) await node.tell(name, "pump", { times: 1_000, high: "sink" });
  await node.pass(limits.trialLeastMicros / 1000 - 1);
  // Each HIGH message has the scheduler plan once.
  expect((await node.measure()).dispatches - before).toBeGreaterThan(2 * limits.trialWork);
  expect(node.bodies("swapped")).toEqual([]);
  await node.pass(1);
  for (const name of ["p", "q"]) await node.tell(name, "pump", { times: 1, high: "sink" });
  await node.pass(0);
  expect(swapped(node)).toMatchObject({ outcome: "confirmed" });
});

test("a swap of schedulers during another is refused", async () => {
  const node = await bootAndSwap({ crime: "none" });
  expect(await beginSwap(node, "services/scheduler/priority")).toEqual({
    error: expect.stringContaining("scheduler is being swapped"),
  });
  await node.pass(trialMillis);
  expect(swapped(node)).toMatchObject({ outcome: "confirmed" });
  expect(await round(node)).toBe(orderOf.bad);
});

test("the scheduler that comes knows whose turn it is", async () => {
  const node = await boot(schedulerTable("services/scheduler/priority", {}));
  for (const name of ["d", "b"]) {
    await node.tell(name, "note", name);
    await node.pass(0);
  }
  // All equally urgent, and c has not had a turn.
  const tellAll = async (): Promise<string[]> => {
    node.heard("noted");
    for (const name of ["b", "c", "d"]) await node.tell(name, "note", name);
    await node.pass(0);
    return node.bodies("noted").map((body) => (body as { readonly message: string }).message);
  };
  const before = await tellAll();
  expect(await beginSwap(node, "services/scheduler/deadline")).toEqual({ begun: true });
  expect(await tellAll()).toEqual(before);
});
