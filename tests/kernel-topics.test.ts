// Does a publication reach whoever subscribed, and is a lost copy counted with who lost it?

import { expect, test } from "@jest/globals";
import type { KernelStatistics } from "services/api/kernel";
import { call, type Step, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const publish = (message: unknown, options = {}): Step => ({ verb: "publish", to: "news", message, options });
const subscribe = (type: string): Step => ({ verb: "subscribe", to: "news", type });

const publisher = talker("a", { publishes: to(["news"]), calls: to(["kernel"]) });

/** A subscriber that subscribes as it starts. */
function reader(name: string, mailbox = 8): ReturnType<typeof talker> {
  return talker(name, { mailbox, subscribes: ["news"], configuration: { startSteps: [subscribe("note")] } });
}

function notes(node: TestNode): unknown[] {
  return node.bodies("noted").map((body) => (body as { readonly message: unknown }).message);
}

async function refusedOf(node: TestNode): Promise<Record<string, number>> {
  const [answer] = await node.perform("a", call("kernel", "statistics"));
  return Object.fromEntries((answer as KernelStatistics).services.map(({ name, refused }) => [name, refused]));
}

test("every subscriber gets each publication, in order", async () => {
  const node = await boot([publisher, reader("b"), reader("c"), talker("d", { subscribes: ["news"] })]);
  expect(await node.perform("a", publish(1), publish({ x: [2] }), publish("three"))).toEqual(["sent", "sent", "sent"]);
  expect(notes(node)).toEqual([1, 1, { x: [2] }, { x: [2] }, "three", "three"]);
});

test("who has no room misses it, which is counted there, and holds nobody up", async () => {
  const node = await boot([publisher, reader("b", 2), reader("c", 8)]);
  expect(await node.perform("a", ...[1, 2, 3, 4].map((message) => publish(message)))).toEqual(Array(4).fill("sent"));
  expect(notes(node).sort()).toEqual([1, 1, 2, 2, 3, 4]);
  expect(await refusedOf(node)).toEqual({ a: 0, b: 2, c: 0 });
});

test("a service that was started again gets publications only once, and none for its former life", async () => {
  const node = await boot([publisher, reader("b")]);
  for (let life = 0; life < 5; life++) await node.fault("b");
  await node.perform("a", publish("once"));
  expect(notes(node)).toEqual(["once"]);
});

test("a second subscription takes the place of the first, and takes no second handle", async () => {
  const node = await boot([publisher, reader("b")]);
  const { messages } = await node.measure();
  await node.perform("b", ...Array.from({ length: 40 }, () => subscribe("note")), subscribe("tick"));
  expect((await node.measure()).messages).toBe(messages);
  await node.perform("a", publish({ x: 1 }));
  expect(notes(node)).toEqual([]);
  expect(node.bodies("ticked")).toMatchObject([{ x: 1 }]);
});

test("a publication past its deadline is not handled, and counted as late", async () => {
  const node = await boot([publisher, reader("b")]);
  await node.tell("b", "relay", { to: "probe", type: "hold" });
  await node.perform("a", publish("news", { deadlineMillis: 10 }), publish("history", { deadlineMillis: 1000 }));
  await node.pass(20);
  await node.reply();
  expect(notes(node)).toEqual(["history"]);
});

test("its body is kept once for all, and no longer than one of them has it before it", async () => {
  const readers = ["b", "c", "d"].map((name) => reader(name));
  const node = await boot([publisher, ...readers]);
  const before = await node.measure();
  for (const name of ["b", "c", "d"]) await node.tell(name, "relay", { to: "probe", type: "hold" });
  await node.pass(0);
  const body = "x".repeat(3_000);
  await node.perform("a", publish(body));
  const during = await node.measure();
  expect(during.messages - before.messages).toBe(6);
  expect(during.poolBytes - before.poolBytes).toBeLessThan(2 * 4_096);
  for (const _ of readers) await node.reply();
  expect(notes(node)).toEqual([body, body, body]);
  const after = await node.measure();
  expect([after.messages, after.poolBytes]).toEqual([before.messages, before.poolBytes]);
});

test("what a service logs reaches the subscribers of the log, with its name and time", async () => {
  const node = await boot([
    talker("a"),
    talker("b", {
      subscribes: ["log"],
      configuration: { startSteps: [{ verb: "subscribe", to: "log", type: "note" }] },
    }),
  ]);
  await node.perform("a", { verb: "log", type: "all is well" });
  expect(notes(node)).toMatchObject([
    { level: "info", service: "a", text: "all is well", timeMicros: expect.any(Number) },
  ]);
});
