// Is a table that could only fail in the field refused before anything starts, with the entry that is wrong?

import { describe, expect, test } from "@jest/globals";
import { system } from "firmware/system";
import { checkTable } from "firmware/table-check";
import { limits } from "kernel/limits";
import type { ServiceEntry, SystemTable } from "kernel/mod";
import { talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

/** As hosts have them; firmware/boot, which tells, needs one. */
const ports = ["waveform", "socket", "flash", "simulator", "probe"];

const good = (name: string, more: Partial<ServiceEntry> = {}): ServiceEntry => talker(name, more);

/** What is wrong, the table, and words of the refusal. */
const wrong: readonly (readonly [string, SystemTable, readonly string[]])[] = [
  [
    "sends to who is in no table",
    { services: [good("a", { sends: to(["nobody"]) })] },
    ['sends of service "a"', '"nobody"'],
  ],
  [
    "calls who is in no table",
    { services: [good("a", { calls: to(["nobody"]) })] },
    ['calls of service "a"', '"nobody"'],
  ],
  [
    "subscribes to what nobody publishes",
    { services: [good("a", { subscribes: ["rumours"] })] },
    ['subscribes of service "a"', '"rumours"'],
  ],
  ["names a scheduler that it has not", { scheduler: "c", services: [good("a")] }, ["the scheduler", '"c"']],
  [
    "names a reincarnation server that it has not",
    { reincarnation: "c", services: [good("a")] },
    ["the reincarnation", '"c"'],
  ],
  ["has two services of one name", { services: [good("a"), good("a")] }, ['service "a"', "a name of its own"]],
  ["has a service with the name of a port", { services: [good("socket")] }, ['service "socket"', "a name of its own"]],
  ["has a service with the kernel's name", { services: [good("kernel")] }, ['service "kernel"', "a name of its own"]],
  [
    "grants a channel twice",
    { services: [good("a", { sends: [...to(["b"]), ...to(["b"], "LOW")] }), good("b")] },
    ['sends of service "a"', '"b" twice'],
  ],
  [
    "publishes a topic twice",
    { services: [good("a", { publishes: to(["x", "x"]) })] },
    ['publishes of service "a"', '"x" twice'],
  ],
  [
    "grants a priority that is none",
    { services: [good("a", { sends: [{ to: "b", priority: "URGENT" as "HIGH" }] }), good("b")] },
    ['sends of service "a"', '"URGENT"'],
  ],
  [
    "keeps the latest of calls",
    { services: [good("a", { calls: [{ to: "b", priority: "HIGH", latest: true }] }), good("b")] },
    ['service "a"', "`latest`"],
  ],
  ["has a service call itself", { services: [good("a", { calls: to(["a"]) })] }, ["the calls", "a → a"]],
  [
    "has calls in a circle",
    { services: [good("a", { calls: to(["b"]) }), good("b", { calls: to(["c"]) }), good("c", { calls: to(["a"]) })] },
    ["the calls", "a → b → c → a"],
  ],
  [
    "has storage call who stores",
    { services: [good("storage", { calls: to(["a"]) }), good("a", { stores: "a/" })] },
    ["the calls", "storage → a → storage"],
  ],
  [
    "has storage start behind who stores",
    { services: [good("a", { stores: "a/" }), good("storage")] },
    ['stores of service "a"', '"storage" before it'],
  ],
  ["has a name without a letter", { services: [good("")] }, ['service ""', "names of 1 to 31 characters"]],
  [
    "has a name that fits no log line",
    { services: [good("n".repeat(32))] },
    [`service "${"n".repeat(32)}"`, "names of 1 to 31"],
  ],
  [
    "has a module's name that is too long",
    { services: [good("a", { module: "m".repeat(96) })] },
    ['service "a"', "96"],
  ],
  [
    "has a reincarnation server with room for too few faults",
    { reincarnation: "a", services: [good("a", { mailbox: 2 }), good("b"), good("c")] },
    ['service "a"', "a mailbox of 3"],
  ],
  [
    "has more topics than a node holds",
    { services: [good("a", { publishes: to(Array.from({ length: 70 }, (_, index) => `t${index}`)) })] },
    ["the table", "64 topics"],
  ],
  ...absurd("memoryBytes", [0, -1, 4_095, 4_096.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40]),
  ...absurd("budgetSteps", [0, -1, 0.5, Number.NaN, 2 ** 31]),
  ...absurd("stackSlots", [0, 63, 64.5, 2 ** 31]),
  ...absurd("mailbox", [0, -1, 1.5, 65_536, 2 ** 40]),
];

function absurd(what: keyof ServiceEntry, values: readonly number[]): [string, SystemTable, string[]][] {
  return values.map((value) => [
    `has a service with ${what} ${value}`,
    { services: [good("fine"), good("a", { [what]: value })] },
    ['service "a"', what, `found ${value}`],
  ]);
}

describe("a table that", () => {
  for (const [what, table, words] of wrong)
    test(`${what} is refused, with the entry at fault`, () => {
      let message = "";
      try {
        checkTable(table, ports);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toMatch(/^Cannot use system table: /);
      for (const word of words) expect(message).toContain(word);
    });

  test("is wrong starts no node, and its worker lives on for others", async () => {
    await expect(boot([good("a", { calls: to(["a"]) })])).rejects.toThrow(
      "Cannot boot node: Error: Cannot use system table: the calls",
    );
    await expect(boot([good("a", { module: "services/missing" })])).resolves.toBeDefined();
    const node = await boot([good("a")]);
    expect(await node.perform("a", { verb: "send", to: "probe", type: "here" })).toEqual(["sent"]);
  });
});

test("a service whose module the firmware lacks stays dead, and the log names it", async () => {
  const node = await boot([good("a", { module: "services/missing" }), good("b")]);
  expect(node.logs).toEqual([expect.stringMatching(/^error: a faulted: .*services\/missing/)]);
  expect(await node.perform("b", { verb: "send", to: "probe", type: "here" })).toEqual(["sent"]);
});

test("a service may call what is called by others, as long as there is no circle", () => {
  const diamond = [
    good("a", { calls: to(["b", "c"]) }),
    good("b", { calls: to(["d"]) }),
    good("c", { calls: to(["d"]) }),
    good("d"),
  ];
  expect(() => checkTable({ services: diamond }, ports)).not.toThrow();
});

test("the firmware's own table is good, and within every limit", () => {
  expect(() => checkTable(system, ports)).not.toThrow();
  expect(system.services.length + ports.length).toBeLessThan(limits.servicesAndPorts);
});

test("limits that depend on each other do", () => {
  expect(limits.callDeadlineMillis).toBeLessThanOrEqual(limits.callDeadlineMaximumMillis);
  expect(limits.mailboxMost).toBeLessThan(limits.messages);
  expect(limits.memoryBytesLeast).toBeLessThan(limits.memoryBytesMost);
  expect(limits.serverRestarts).toBeGreaterThan(0);
});
