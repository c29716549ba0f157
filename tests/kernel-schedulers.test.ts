// Does the scheduler decide while it keeps its contract, and nobody notice when it does not?

import { describe, expect, test } from "@jest/globals";
import type { ServiceEntry, SystemTable } from "kernel/mod";
import type { KernelStatistics } from "services/api/kernel";
import { call, forget, reincarnation, service, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

function notes(node: TestNode): unknown[] {
  return node.bodies("noted").map((body) => (body as { readonly message: unknown }).message);
}

const talkers = ["b", "c", "d"];

/** "strange" is service 0, the talkers 1 to 3, so its own order is d, c, b. */
function strange(how: string, more: Partial<ServiceEntry> = {}): SystemTable {
  return {
    scheduler: "strange",
    services: [
      service("strange-scheduler", "strange", { configuration: { how }, ...more }),
      ...talkers.map((name) => talker(name)),
    ],
  };
}

async function tellAll(node: TestNode, names: readonly string[]): Promise<void> {
  for (const name of names) await node.tell(name, "note", name);
  await node.pass(0);
}

describe("a scheduler that keeps its contract", () => {
  test("decides who goes next when two or more are ready", async () => {
    const node = await boot(strange("keeps it"));
    await tellAll(node, talkers);
    expect(notes(node)).toEqual(["d", "c", "b"]);
    expect(node.logs).toEqual([]);
  });

  test("is not asked when one alone is ready", async () => {
    const node = await boot(strange("throws"));
    for (const name of talkers) await tellAll(node, [name]);
    expect(notes(node)).toEqual(talkers);
    expect(node.logs).toEqual([]);
  });

  test("is asked anew when two are ready again, whatever was left of its last plan", async () => {
    const node = await boot(strange("keeps it"));
    for (let round = 0; round < 3; round++) {
      await tellAll(node, ["b", "c"]);
      expect(notes(node)).toEqual(["c", "b"]);
    }
  });

  test("is asked again as soon as a HIGH message arrives", async () => {
    const node = await boot({
      scheduler: "strange",
      services: [
        service("strange-scheduler", "strange", { configuration: { how: "keeps it" } }),
        talker("b"),
        talker("c"),
        talker("d"),
        talker("e", { sends: to(["d"]) }),
      ],
    });
    await node.tell("e", "do", [
      { verb: "send", to: "d", type: "note", message: "urgent", options: { priority: "HIGH" } },
    ]);
    await tellAll(node, ["b", "c"]);
    expect(notes(node)).toEqual(["urgent", "c", "b"]);
  });
});

const breaches: readonly (readonly [string, string])[] = [
  ["throws", "threw"],
  ["spins", "out-of-budget"],
  ["recurses", "stack-overflow"],
  ["sends as it plans", "threw"],
  ["commits as it plans", "threw"],
  ...[
    "orders none",
    "answers less than none",
    "answers a fraction",
    "answers no number",
    "answers nothing",
    "answers not a number",
    "answers infinity",
    "answers more than there are",
    "answers a promise",
    "orders who does not exist",
    "orders a negative service",
    "orders a word",
    "orders who is not ready",
    "orders one twice",
    "empties the order",
  ].map((how) => [how, "nonsense"] as const),
];

describe("a scheduler that", () => {
  for (const [how, kind] of breaches)
    test(`${how} is put out as ${kind} in the same decision, which the built-in order takes`, async () => {
      const node = await boot(strange(how));
      for (const name of talkers) await node.tell(name, "note", name, name === "c" ? 0 : 2);
      await node.pass(0);
      expect(notes(node)).toEqual(["c", "b", "d"]);
      expect(node.logs[0]).toContain(`error: strange faulted: ${kind}: `);
      if (kind === "nonsense") expect(node.logs[0]).toContain("its plan is no order of the ready services");
      expect(node.panics).toEqual([]);
      expect((await node.measure()).messages).toBe(0);
    });

  for (const [how, kind] of [
    ["changes the arrays afterwards", "threw"],
    ["takes the arrays away afterwards", "threw"],
    ["freezes the arrays afterwards", "threw"],
  ] as const)
    test(`${how} is put out as ${kind} when it is asked again`, async () => {
      const node = await boot(strange(how));
      await tellAll(node, talkers);
      expect(notes(node)).toEqual(["d", "c", "b"]);
      await tellAll(node, talkers);
      // The first of the built-in order, and then its successor plans.
      expect(notes(node)).toEqual(["b", "d", "c"]);
      expect(node.logs[0]).toContain(`error: strange faulted: ${kind}: `);
      expect(node.panics).toEqual([]);
    });

  test("has the kernel write into the shared root is put out before a byte of it has changed", async () => {
    const node = await boot({
      scheduler: "strange",
      services: [
        service("strange-scheduler", "strange", {
          configuration: { how: "puts a shared array among its own afterwards" },
        }),
        talker("b"),
        talker("c"),
      ],
    });
    await tellAll(node, ["b", "c"]);
    await tellAll(node, ["b", "c"]);
    expect(notes(node)).toEqual(["c", "b", "b", "c"]);
    expect(node.logs[0]).toContain("error: strange faulted: wrote-root: ");
    await node.tell("b", "note", "HIGH is still a word", 0);
    await node.pass(0);
    expect(notes(node)).toEqual(["HIGH is still a word"]);
  });

  test("punches holes into its arrays orders wrongly, and harms nobody", async () => {
    const node = await boot(strange("punches a hole into the order"));
    for (let round = 0; round < 20; round++) {
      await tellAll(node, talkers);
      expect(notes(node).sort()).toEqual(talkers);
    }
    expect(node.panics).toEqual([]);
  });

  test("leaves out who has a HIGH message is put out", async () => {
    const node = await boot(strange("leaves out who has a HIGH message"));
    for (const name of talkers) await node.tell(name, "note", name, name === "d" ? 0 : 1);
    await node.pass(0);
    expect(notes(node)).toEqual(["d", "b", "c"]);
    expect(node.logs[0]).toContain("error: strange faulted: nonsense: ");
  });

  test("dies while a device port answers its call is not given that answer in its next life", async () => {
    const node = await boot(strange("throws", { budgetSteps: 50_000 }));
    await node.tell("strange", "do", [], 0);
    for (const name of talkers) await node.tell(name, "note", name);
    await node.pass(0);
    expect(notes(node)).toEqual(talkers);
    expect(node.logs.filter((line) => !line.startsWith("error: strange faulted: threw: Error: no plan"))).toEqual([]);
    expect((await node.measure()).messages).toBe(0);
  });
});

describe("a scheduler under the reincarnation server", () => {
  const table: SystemTable = {
    scheduler: "strange",
    reincarnation: "reincarnation",
    services: [
      reincarnation(),
      service("strange-scheduler", "strange", { configuration: { how: "throws" } }),
      ...talkers.map((name) => talker(name, { calls: to(["kernel"]) })),
    ],
  };

  test("that keeps faulting is left dead for a while, and the statistics say who decides", async () => {
    const node = await boot(table);
    const policyOf = async (): Promise<string> => {
      node.heard("did");
      const [answer] = await node.perform("b", call("kernel", "statistics"));
      return (answer as KernelStatistics).scheduler;
    };
    expect(await policyOf()).toBe("strange-scheduler");
    for (let round = 0; round < 10; round++) await tellAll(node, talkers);
    expect(notes(node)).toHaveLength(30);
    expect(await policyOf()).toBe("built-in");
    await node.pass(15_000);
    expect(await policyOf()).toBe("strange-scheduler");
  });
});

describe.each(["round-robin", "priority", "deadline"])("the policy %s on a node of forty services", (policy) => {
  const names = Array.from({ length: 40 }, (_, index) => `t${index}`);
  const table: SystemTable = {
    scheduler: "scheduler",
    services: [
      ...names.map((name) => talker(name, { mailbox: 16 })),
      {
        name: "scheduler",
        module: `services/scheduler/${policy}`,
        memoryBytes: 65_536,
        budgetSteps: 200_000,
        mailbox: 8,
      },
    ],
  };

  test("has every message handled once, each service's own in order", async () => {
    const node = await boot(table, { messages: 512 });
    for (let n = 0; n < 5; n++)
      for (const [index, name] of names.entries())
        await node.tell(name, "note", `${name} ${n}`, ((index * 7 + n) % 3) as 0 | 1 | 2);
    await node.pass(0);
    const noted = notes(node) as string[];
    expect(noted).toHaveLength(200);
    expect(new Set(noted).size).toBe(200);
    expect(node.logs).toEqual([]);
  });

  test("gives each of equally urgent services its turn in every round", async () => {
    const node = await boot(table, { messages: 512 });
    for (let n = 0; n < 6; n++) for (const name of names) await node.tell(name, "note", name);
    await node.pass(0);
    const noted = notes(node);
    for (let round = 0; round < 6; round++) expect(new Set(noted.slice(round * 40, round * 40 + 40)).size).toBe(40);
  });

  if (policy !== "round-robin")
    test("has no HIGH message wait behind one that is less urgent", async () => {
      const node = await boot(table, { messages: 512 });
      for (let n = 0; n < 4; n++)
        for (const name of names) await node.tell(name, "note", n < 2 ? "low" : "high", n < 2 ? 2 : 0);
      await node.pass(0);
      expect(notes(node)).toEqual([...Array(80).fill("high"), ...Array(80).fill("low")]);
    });
});

test("forgotten calls of a scheduler do not keep it from planning", async () => {
  const node = await boot({
    scheduler: "scheduler",
    services: [
      talker("b"),
      talker("c", { calls: to(["b"]) }),
      {
        name: "scheduler",
        module: "services/scheduler/priority",
        memoryBytes: 65_536,
        budgetSteps: 200_000,
        mailbox: 8,
      },
    ],
  });
  await node.tell("c", "do", [forget("b", "echo", 1)]);
  await tellAll(node, ["b", "c"]);
  expect(notes(node)).toEqual(["b", "c"]);
});
