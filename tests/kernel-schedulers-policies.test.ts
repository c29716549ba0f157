// Do the policies order a real node: on the real kernel and engine, in virtual time, while messages flow and policies change?

import { describe, expect, test } from "@jest/globals";
import type { ServiceEntry, SystemTable } from "kernel/mod";
import { call, send, service, type TestNode, talker, to, useNodes } from "tests/kernel-node";
import { chance } from "tests/scheduler-bench";

const boot = useNodes();
const policies = ["round-robin", "priority", "deadline"] as const;
type Policy = (typeof policies)[number];

/** The scheduler stands first, as in no table of ours: nothing may depend on its place. */
function table(policy: Policy, services: readonly ServiceEntry[]): SystemTable {
  const scheduler = {
    name: "scheduler",
    module: `services/scheduler/${policy}`,
    memoryBytes: 65_536,
    budgetSteps: 100_000,
    mailbox: 8,
  };
  return { scheduler: "scheduler", services: [scheduler, ...services] };
}

/** The services in the order in which they were dispatched, of those that are asked about. */
async function dispatched(node: TestNode, services: readonly string[]): Promise<string[]> {
  const dispatches = await node.trace();
  return dispatches
    .filter(({ service, kind }) => kind !== "start" && services.includes(service))
    .map(({ service }) => service);
}

async function statistics(node: TestNode): Promise<{ readonly scheduler: string }> {
  node.heard("did");
  const [answer] = await node.perform("asker", call("kernel", "statistics"));
  return answer as { readonly scheduler: string };
}

const levels = ["HIGH", "MEDIUM", "LOW"] as const;
const four = ["a", "b", "c", "d"];

describe("with messages of all priorities", () => {
  const expected = { "round-robin": "abcd", priority: "cbda", deadline: "cbda" };
  for (const policy of policies)
    test(`${policy} orders as it says`, async () => {
      const node = await boot(
        table(
          policy,
          four.map((name) => talker(name)),
        ),
      );
      for (const [name, level] of [
        ["a", 2],
        ["b", 1],
        ["c", 0],
        ["d", 1],
      ] as const)
        await node.tell(name, "note", 0, level);
      await node.pass(0);
      expect((await dispatched(node, four)).join("")).toBe(expected[policy]);
      expect(node.logs).toEqual([]);
    });
});

describe("with deadlines", () => {
  const expected = { "round-robin": "abcd", priority: "abcd", deadline: "cadb" };
  const millis = [20, 500, 5, 100];
  for (const policy of policies)
    test(`${policy} orders as it says`, async () => {
      const node = await boot(
        table(policy, [...four.map((name) => talker(name)), talker("asker", { sends: to(four) })]),
      );
      await node.perform(
        "asker",
        ...four.map((name, index) => send(name, "note", 0, { deadlineMillis: millis[index] as number })),
      );
      expect((await dispatched(node, four)).join("")).toBe(expected[policy]);
    });
});

test("deadline puts HIGH without a deadline before every deadline, and what has none last", async () => {
  const node = await boot(
    table("deadline", [...four.map((name) => talker(name)), talker("asker", { sends: to(four) })]),
  );
  await node.perform(
    "asker",
    send("a", "note", 0, { priority: "LOW" }),
    send("b", "note", 0),
    send("c", "note", 0, { deadlineMillis: 1 }),
    send("d", "note", 0, { priority: "HIGH" }),
  );
  expect((await dispatched(node, four)).join("")).toBe("dcba");
});

for (const policy of policies)
  test(`${policy} orders the few that are ready among many, wherever they stand`, async () => {
    const names = Array.from({ length: 95 }, (_, index) => `service-${index}`);
    const node = await boot(
      table(
        policy,
        names.map((name) => talker(name, { memoryBytes: 20_480 })),
      ),
    );
    for (const ready of [["service-93", "service-31"], ["service-58", "service-59", "service-60"], names]) {
      for (const name of ready) await node.tell(name, "note");
      await node.pass(0);
      expect(node.bodies("noted")).toHaveLength(ready.length);
    }
    expect(node.logs).toEqual([]);
  });

/** Several that pump HIGH into one and MEDIUM into themselves, while LOW waits. */
async function pump(policy: Policy | undefined, times: number): Promise<string[]> {
  const pumps = ["p", "q", "r"];
  const services = [
    ...pumps.map((name) => service("pump", name, { sends: to(["high", name]), configuration: { self: name } })),
    talker("high", { mailbox: 128 }),
    talker("low"),
  ];
  const node = await boot(policy === undefined ? { services } : table(policy, services));
  await node.tell("low", "note", "at last", 2);
  for (const name of pumps) await node.tell(name, "pump", { times, high: "high" });
  await node.pass(0);
  expect(node.bodies("noted")).toHaveLength(pumps.length * times + 1);
  expect(node.logs).toEqual([]);
  return dispatched(node, [...pumps, "high", "low"]);
}

describe("under a stream of MEDIUM that HIGH cuts into", () => {
  const times = 30;

  test("the built-in order lets LOW wait for its end", async () => {
    expect((await pump(undefined, times)).indexOf("low")).toBe(6 * times);
  });

  for (const policy of policies)
    test(`${policy} lets LOW wait for 8 plans and one turn of each at most`, async () => {
      const order = await pump(policy, times);
      const before = order.slice(0, order.indexOf("low"));
      // Of each plan one MEDIUM is dispatched before it is cut short.
      expect(before.filter((name) => name !== "high").length).toBeLessThanOrEqual(8 + 6);
    });

  for (const policy of ["priority", "deadline"] as const)
    test(`${policy} lets HIGH wait for nobody`, async () => {
      const order = await pump(policy, times);
      // Each pump sends one HIGH message, and what runs next is its receiver.
      order.forEach((name, index) => {
        if (["p", "q", "r"].includes(name)) expect(order[index + 1]).toBe("high");
      });
    });
});

interface Said {
  readonly from: string;
  readonly to: string;
  readonly priority: "HIGH" | "MEDIUM" | "LOW";
  readonly number: number;
}

/** Sends in a random order; afterwards each message has arrived once, those of a sender and a priority in order. */
async function converse(node: TestNode, seed: number, between: (number: number) => Promise<void>): Promise<void> {
  const next = chance(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[next() % items.length] as Item;
  const sent: Said[] = [];
  for (let number = 0; number < 120; number++) {
    const said = { from: pick(["a", "b"]), to: pick(["c", "d"]), priority: pick(levels), number };
    const deadline = next() % 2 === 0 ? { deadlineMillis: 1_000 } : {};
    sent.push(said);
    await node.tell(said.from, "do", [send(said.to, "note", said, { priority: said.priority, ...deadline })]);
    if (next() % 4 === 0) await node.pass(0);
    if (number % 20 === 10) await between(number);
  }
  await node.pass(0);
  const heard = (node.bodies("noted") as { readonly message: Said }[]).map(({ message }) => message);
  expect(heard).toHaveLength(sent.length);
  for (const { from, to, priority } of sent) {
    const isAlike = (said: Said): boolean => said.from === from && said.to === to && said.priority === priority;
    expect(heard.filter(isAlike)).toEqual(sent.filter(isAlike));
  }
}

function conversation(policy: Policy): SystemTable {
  const sends = to(four.slice(2));
  return table(policy, [
    ...four.map((name) => talker(name, { sends: name < "c" ? sends : [], mailbox: 64 })),
    talker("asker", { calls: to(["kernel"]) }),
  ]);
}

for (const policy of policies)
  test(`${policy} delivers each message of random programs once and in order`, async () => {
    for (const seed of [1, 2, 3]) {
      const node = await boot(conversation(policy));
      await converse(node, seed, async () => undefined);
      expect(node.logs).toEqual([]);
      expect((await statistics(node)).scheduler).toBe(policy);
      await node.cutPower();
    }
  });

test("policies are swapped for each other while messages flow, and none is lost, doubled or overtaken", async () => {
  const node = await boot(conversation("round-robin"));
  let swaps = 0;
  await converse(node, 7, async () => {
    const policy = policies[++swaps % 3] as Policy;
    const swap = call("kernel", "swap", { service: "scheduler", module: `services/scheduler/${policy}` });
    expect(await node.perform("asker", swap)).toContainEqual({ begun: true });
    await node.pass(600);
    expect(node.bodies("swapped")).toMatchObject([{ outcome: "confirmed", reason: "" }]);
    expect((await statistics(node)).scheduler).toBe(policy);
  });
  expect(swaps).toBe(6);
});
