// Can a service be replaced while it works, so that nothing is lost, doubled or out of order, and does a bad successor give
// its place back at whatever step it breaks a rule?

import { expect, test } from "@jest/globals";
import type { ServiceEntry } from "kernel/mod";
import { call, send, service, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();
const next = "tests/services/counter-next";
const trialMillis = 600;

function table(configuration: { readonly [key: string]: unknown } = {}): readonly ServiceEntry[] {
  return [
    talker("asker", { sends: to(["counter"]), calls: to(["counter", "kernel"]), mailbox: 64 }),
    service("counter", "counter", { mailbox: 64, configuration }),
  ];
}

/** Asks for a swap and lets the trial pass; answers how it ended, or the refusal. */
async function swap(node: TestNode, module: string, millis = trialMillis): Promise<unknown> {
  const [begun] = await node.perform("asker", call("kernel", "swap", { service: "counter", module }));
  await node.pass(millis);
  const told = node.bodies("swapped");
  return told.length === 0 ? begun : told[0];
}

async function sum(node: TestNode): Promise<unknown> {
  return (await node.perform("asker", call("counter", "sum")))[0];
}

const add = (n: number) => send("counter", "add", { n });

test("a swap takes the state along, up and down the schemas", async () => {
  const node = await boot(table());
  await node.perform("asker", add(1), add(2));
  expect(await swap(node, next)).toMatchObject({
    outcome: "confirmed",
    moves: [{ service: "counter", module: next }],
  });
  expect(await sum(node)).toEqual({ version: 2, total: 3 });
  await node.perform("asker", add(4));
  expect(await swap(node, "tests/services/counter")).toMatchObject({ outcome: "confirmed" });
  expect(await sum(node)).toEqual({ version: 1, total: 7 });
});

test("messages that arrive during a swap are delivered once, in order, to the one version or the other", async () => {
  const node = await boot(table());
  const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
  await node.perform("asker", ...numbers.slice(0, 10).map(add));
  await node.tell("asker", "do", [
    ...numbers.slice(10, 20).map(add),
    call("kernel", "swap", { service: "counter", module: next }),
    ...numbers.slice(20).map(add),
  ]);
  await node.pass(trialMillis);
  const added = node.bodies("added") as { version: number; n: number; total: number }[];
  expect(added.map(({ n }) => n)).toEqual(numbers);
  expect(added.map(({ total }) => total)).toEqual(numbers.map((n) => (n * (n + 1)) / 2));
  expect(new Set(added.map(({ version }) => version))).toEqual(new Set([1, 2]));
});

test("a swap waits for the message in hand, and messages that come meanwhile wait for the swap", async () => {
  const node = await boot(table());
  await node.tell("counter", "slow");
  await node.pass(1);
  await node.perform("asker", call("kernel", "swap", { service: "counter", module: next }), add(5));
  expect(node.bodies("added")).toEqual([]);
  await node.pass(trialMillis + 400);
  expect(node.bodies("added")).toEqual([{ version: 2, n: 5, total: 5 }]);
  expect(node.bodies("swapped")).toMatchObject([{ outcome: "confirmed" }]);
});

test("a swap whose service does not come to rest is given up, and what waited is delivered", async () => {
  const node = await boot(table({ patienceMillis: 5_000 }));
  await node.tell("counter", "slow");
  await node.pass(1);
  const [begun] = await node.perform("asker", call("kernel", "swap", { service: "counter", module: next }), add(1));
  expect(begun).toEqual({ begun: true });
  await node.pass(2_000);
  expect(node.bodies("swapped")).toMatchObject([{ outcome: "returned", reason: expect.stringContaining("in hand") }]);
  await node.pass(5_000);
  expect(node.bodies("added")).toEqual([{ version: 1, n: 1, total: 1 }]);
});

for (const what of ["throw", "spin", "grow"])
  test(`a successor that breaks a rule in start (${what}) never takes over`, async () => {
    const node = await boot(table({ breaks: `${what} in start` }));
    await node.perform("asker", add(1));
    expect(await swap(node, next)).toMatchObject({ outcome: "returned" });
    expect(await sum(node)).toEqual({ version: 1, total: 1 });
  });

for (const what of ["throw", "spin", "grow"])
  test(`a successor that breaks a rule with its first message (${what}) gives its place back`, async () => {
    const node = await boot(table({ breaks: `${what} in message` }));
    await node.perform("asker", add(1));
    await node.perform("asker", call("kernel", "swap", { service: "counter", module: next }), add(2), add(3));
    await node.pass(trialMillis);
    expect(node.bodies("swapped")).toMatchObject([{ outcome: "returned" }]);
    // The message it died of is gone with it, the one behind it is not.
    expect(await sum(node)).toEqual({ version: 1, total: 4 });
    expect(node.panics).toEqual([]);
  });

test("a candidate that cannot be one is refused before anything is suspended", async () => {
  const node = await boot(table());
  for (const [module, reason] of [
    ["tests/services/nowhere", "the image has no such module"],
    ["wire/cbor", "wanted a service as default export"],
    ["tests/services/counter", "runs tests/services/counter already"],
    ["", "wanted the name of a module"],
  ])
    expect(await swap(node, module as string)).toEqual({ error: expect.stringContaining(reason as string) });
  expect(await sum(node)).toEqual({ version: 1, total: 0 });
});

test("a version that cannot migrate the state is returned, with the reason", async () => {
  const node = await boot(table());
  expect(await swap(node, "tests/services/counter-foreign")).toMatchObject({
    outcome: "returned",
    reason: expect.stringContaining("its state has schema 1, wanted 3 or a migrate()"),
  });
  expect(await sum(node)).toEqual({ version: 1, total: 0 });
});

test("a second swap during the first is refused", async () => {
  const node = await boot(table());
  const again = call("kernel", "swap", { service: "counter", module: next });
  const [first, second] = await node.perform("asker", again, again);
  expect(first).toEqual({ begun: true });
  expect(second).toEqual({ error: expect.stringContaining("counter is being swapped") });
});

test("timers of the former version stop with it, and go on when it returns", async () => {
  const node = await boot(table({ ticks: true, breaks: "throw in message" }));
  const ticks = () => node.bodies("ticked").map((body) => (body as { version: number }).version);
  await node.pass(1_000);
  expect(new Set(ticks())).toEqual(new Set([1]));
  await node.perform("asker", call("kernel", "swap", { service: "counter", module: next }));
  await node.pass(250);
  expect(ticks()).toEqual([2, 2]);
  await node.perform("asker", add(1));
  await node.pass(1_000);
  const after = ticks();
  expect(new Set(after)).toEqual(new Set([1]));
  expect(after.length).toBeGreaterThanOrEqual(9);
  expect(after.length).toBeLessThanOrEqual(11);
});

test("a thousand swaps to and fro leave nothing behind", async () => {
  const node = await boot(table());
  const swapBothWays = async (): Promise<void> => {
    for (const module of [next, "tests/services/counter"])
      expect(await swap(node, module)).toMatchObject({ outcome: "confirmed" });
  };
  // Heaps have their size then.
  for (let warmUp = 0; warmUp < 100; warmUp++) await swapBothWays();
  const before = await node.measure();
  for (let each = 0; each < 500; each++) await swapBothWays();
  const after = await node.measure();
  expect(after.messages).toBeLessThanOrEqual(before.messages + 1);
  expect(after.poolBytes).toBeLessThanOrEqual(before.poolBytes + 64);
  expect(after.bytes).toBeLessThan(before.bytes * 1.2);
});
