// Are several services, and a scheduler, replaced together: all or none, with what each version declares about itself heard?

import { describe, expect, test } from "@jest/globals";
import type { ServiceEntry, SystemTable } from "kernel/mod";
import type { Swapped } from "services/api/kernel";
import { call, send, service, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();
const next = "tests/services/counter-next";
const trialMillis = 600;

/** `breaks` says where the next version of the second counter breaks a rule. */
function table(breaks = "", more: readonly ServiceEntry[] = []): SystemTable {
  return {
    scheduler: "scheduler",
    services: [
      talker("asker", { sends: to(["one", "two"]), calls: to(["one", "two", "kernel"]), mailbox: 64 }),
      service("counter", "one", { mailbox: 64 }),
      service("counter", "two", { mailbox: 64, configuration: { breaks } }),
      { ...talker("scheduler"), module: "services/scheduler/priority" },
      ...more,
    ],
  };
}

const both = [
  { service: "one", module: next },
  { service: "two", module: next },
];

async function swap(node: TestNode, order: object, millis = trialMillis): Promise<Swapped[]> {
  await node.perform("asker", call("kernel", "swap", order));
  await node.pass(millis);
  return node.bodies("swapped") as Swapped[];
}

async function sums(node: TestNode): Promise<unknown> {
  return node.perform("asker", call("one", "sum"), call("two", "sum"));
}

const add = (to: string, n: number) => send(to, "add", { n });

test("two services and the scheduler are swapped together, with their states", async () => {
  const node = await boot(table());
  await node.perform("asker", add("one", 1), add("two", 2));
  const moves = [...both, { service: "scheduler", module: "services/scheduler/round-robin" }];
  expect(await swap(node, { moves })).toMatchObject([{ outcome: "confirmed", moves, handled: 0 }]);
  expect(await sums(node)).toEqual([
    { version: 2, total: 1 },
    { version: 2, total: 2 },
  ]);
  const [statistics] = await node.perform("asker", call("kernel", "statistics"));
  expect(statistics).toMatchObject({ scheduler: "round-robin" });
});

for (const where of ["start", "migrate", "message", "health"])
  for (const what of ["throw", "spin", "grow"])
    test(`what the second breaks in ${where} (${what}) brings the first back too, and nothing is lost`, async () => {
      const node = await boot(table(`${what} in ${where}`));
      await node.perform("asker", add("one", 1), add("two", 2));
      await node.perform("asker", call("kernel", "swap", { moves: both }), add("two", 4), add("one", 8));
      await node.pass(trialMillis);
      const [end] = node.bodies("swapped") as Swapped[];
      expect(end).toMatchObject({ outcome: "returned" });
      // What rejected versions were given is gone with them, and counted; the rest came to the former ones.
      const [one, two] = (await sums(node)) as { version: number; total: number }[];
      expect([one?.version, two?.version]).toEqual([1, 1]);
      const missing = (one?.total === 9 ? 0 : 1) + (two?.total === 6 ? 0 : 1);
      expect(end?.handled).toBe(missing);
      expect(node.panics).toEqual([]);
    });

for (const [breaks, reason] of [
  ["false in health", "its health check says that it does not work"],
  ["foreign in migrate", "wanted plain data of migrate()"],
  ["throw in suspend", "suspend of the running version: threw: Error: told to break in suspend"],
])
  test(`a version whose ${breaks} is returned, with the reason`, async () => {
    const node = await boot(table(breaks));
    await node.perform("asker", add("two", 2));
    const [end] = await swap(node, { service: "two", module: next });
    expect(end).toMatchObject({ outcome: "returned", reason: expect.stringContaining(reason as string) });
    expect(await sums(node)).toEqual([
      { version: 1, total: 0 },
      { version: 1, total: 2 },
    ]);
  });

test("a version whose suspend ends its own machine begins anew from its last commit, and what waited is not lost", async () => {
  const node = await boot([
    talker("asker", { sends: to(["one"]), calls: to(["one", "kernel"]), mailbox: 64 }),
    service("counter", "one", { mailbox: 64, configuration: { breaks: "spin in suspend", commits: true } }),
  ]);
  await node.perform("asker", add("one", 1));
  await node.perform("asker", call("kernel", "swap", { service: "one", module: next }), add("one", 2), add("one", 4));
  expect(node.bodies("swapped")).toMatchObject([
    { outcome: "returned", reason: expect.stringContaining("suspend of the running version: out-of-budget") },
  ]);
  expect(await node.perform("asker", call("one", "sum"))).toEqual([{ version: 1, total: 7 }]);
});

test("a version that reaches for what its entry does not grant is returned, and the reason names it", async () => {
  const node = await boot(table("reach in message"));
  await node.perform("asker", call("kernel", "swap", { service: "two", module: next }), add("two", 2));
  await node.pass(trialMillis);
  expect(node.bodies("swapped")).toMatchObject([
    { outcome: "returned", handled: 1, reason: expect.stringContaining('NotCapable: "two" needs channel "vault"') },
  ]);
});

test("a caller comes to rest before whom it calls is held", async () => {
  const relay = talker("relay", { calls: to(["one"]) });
  const node = await boot(table("", [relay]));
  await node.tell("relay", "relay", { to: "one", type: "slow" });
  const moves = [
    { service: "relay", module: "tests/services/speaker" },
    { service: "one", module: next },
  ];
  expect(await swap(node, { moves }, 1_000)).toMatchObject([{ outcome: "confirmed" }]);
});

test("a call that is in hand when a candidate is prepared, refused or confirmed is answered", async () => {
  const node = await boot({
    services: [
      talker("asker", { calls: to(["one", "kernel"]), mailbox: 64 }),
      talker("caller", { calls: to(["one"]) }),
      service("counter", "one", { mailbox: 64 }),
    ],
  });
  await node.tell("caller", "do", [call("one", "slow", null, { deadlineMillis: 5_000 })]);
  await node.pass(1);
  await node.perform("asker", call("kernel", "swap", { service: "one", module: "wire/cbor" }));
  await node.perform("asker", call("kernel", "swap", { service: "one", module: next }));
  await node.pass(310);
  expect(node.bodies("did")).toEqual([{ version: 1, total: 0 }]);
  // 310 ms into the trial of half a second.
  await node.pass(300);
  await node.tell("caller", "do", [call("one", "slow", null, { deadlineMillis: 5_000 })]);
  await node.pass(500);
  expect(node.bodies("swapped")).toMatchObject([{ outcome: "confirmed" }]);
  expect(node.bodies("did")).toEqual([{ version: 2, total: 0 }]);
});

test("a swap with an unknown service, with one named twice, or with a module that is none changes nothing", async () => {
  const node = await boot(table());
  for (const [moves, reason] of [
    [[both[0], { service: "three", module: next }], "wanted the name of one"],
    [[both[0], both[0]], "one is being swapped already"],
    [[both[0], { service: "two", module: "wire/cbor" }], "wanted a service as default export"],
    [[both[0], { service: "two", module: "x".repeat(96) }], "wanted the name of a module"],
    [[both[0], { service: "two" }], "wanted the name of a module"],
    [[], "wanted the name of one"],
  ] as const)
    expect(await node.perform("asker", call("kernel", "swap", { moves }))).toEqual([
      { error: expect.stringContaining(reason) },
    ]);
  await node.pass(trialMillis);
  expect(node.bodies("swapped")).toEqual([]);
  expect(await swap(node, { moves: both })).toMatchObject([{ outcome: "confirmed" }]);
});

describe("a swap that waits for a word", () => {
  const decide = (isGood: boolean) => call("kernel", "decide", { isGood, reason: "the journal is full" });

  test("is confirmed by it", async () => {
    const node = await boot(table());
    expect(await swap(node, { moves: both, awaitsWord: true })).toMatchObject([{ outcome: "proved" }]);
    expect(await node.perform("asker", decide(true))).toEqual([{ error: null }]);
    expect(node.bodies("swapped")).toMatchObject([{ outcome: "confirmed" }]);
    expect(await node.perform("asker", decide(true))).toEqual([{ error: "no swap waits for its word" }]);
  });

  test("is taken back by it, with what it says", async () => {
    const node = await boot(table());
    await swap(node, { moves: both, awaitsWord: true });
    await node.perform("asker", add("one", 5));
    expect(await node.perform("asker", decide(false))).toEqual([{ error: null }]);
    expect(node.bodies("swapped")).toMatchObject([{ outcome: "returned", reason: "the journal is full", handled: 1 }]);
    expect(await sums(node)).toMatchObject([
      { version: 1, total: 0 },
      { version: 1, total: 0 },
    ]);
  });

  test("is taken back when nobody gives one in five seconds, and takes none before", async () => {
    const node = await boot(table());
    await node.perform("asker", call("kernel", "swap", { moves: both, awaitsWord: true }));
    expect(await node.perform("asker", decide(true))).toEqual([{ error: "no swap waits for its word" }]);
    await node.pass(trialMillis + 5_000);
    expect(node.bodies("swapped")).toMatchObject([{ outcome: "proved" }, { outcome: "returned" }]);
  });
});

test("a tick that waited when its version was replaced goes on when that returns", async () => {
  const node = await boot({
    services: [
      talker("asker", { sends: to(["one"]), calls: to(["one", "kernel"]) }),
      service("counter", "one", { configuration: { ticks: true, breaks: "throw in message" } }),
    ],
  });
  // The tick of 100 ms is queued while the swap holds its service.
  await node.tell("one", "slow");
  await node.pass(1);
  await node.perform("asker", call("kernel", "swap", { service: "one", module: next }));
  await node.pass(310);
  await node.perform("asker", add("one", 1));
  expect(node.bodies("swapped")).toMatchObject([{ outcome: "returned" }]);
  node.heard("ticked");
  await node.pass(500);
  expect(node.bodies("ticked")).toHaveLength(5);
});
