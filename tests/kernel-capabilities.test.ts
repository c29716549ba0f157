// Does a service reach exactly what the system table grants it, at no more than the priority granted there?

import { describe, expect, test } from "@jest/globals";
import { call, type Step, send, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const publish = (topic: string, message: unknown, options = {}): Step => ({
  verb: "publish",
  to: topic,
  message,
  options,
});

describe("a service without the channel", () => {
  const ways: readonly (readonly [string, Step, unknown])[] = [
    ["send", send("b", "note", 1), "not-capable"],
    ["call", call("b", "echo", 1), { refused: "not-capable" }],
    ["publish", publish("news", 1), "not-capable"],
    ["subscribe", { verb: "subscribe", to: "news", type: "note" }, "not-capable"],
  ];
  for (const [verb, step, answer] of ways)
    test(`is refused to ${verb}, and the log names the flag that would allow it`, async () => {
      const node = await boot([talker("a"), talker("b", { publishes: to(["news"]) })]);
      expect(await node.perform("a", step)).toEqual([answer]);
      const { to: name } = step;
      const what = name === "news" ? "topic" : "channel";
      expect(node.logs).toEqual([
        `warning: NotCapable: "a" needs ${what} "${name}"; grant it with --allow-${verb}=${name}`,
      ]);
      expect(node.bodies("noted")).toEqual([]);
      expect((await node.measure()).messages).toBe(0);
    });

  test("is refused names that are in no table in the same words", async () => {
    const node = await boot([talker("a")]);
    expect(await node.perform("a", send("updater", "note"))).toEqual(["not-capable"]);
    expect(node.logs).toEqual(['warning: NotCapable: "a" needs channel "updater"; grant it with --allow-send=updater']);
  });
});

describe("a grant", () => {
  test("to send is none to call, and the other way round", async () => {
    const node = await boot([talker("a", { sends: to(["b"]), calls: to(["c"]) }), talker("b"), talker("c")]);
    expect(await node.perform("a", call("b", "echo", 1), send("c", "note", 1))).toEqual([
      { refused: "not-capable" },
      "not-capable",
    ]);
  });

  test("to publish is none to subscribe, and the other way round", async () => {
    const node = await boot([talker("a", { publishes: to(["news"]) }), talker("b", { subscribes: ["news"] })]);
    expect(await node.perform("a", { verb: "subscribe", to: "news", type: "note" })).toEqual(["not-capable"]);
    expect(await node.perform("b", publish("news", 1))).toEqual(["not-capable"]);
  });

  test("bounds the priority: what is more urgent is refused, what is less goes", async () => {
    const node = await boot([
      talker("a", { sends: to(["b"], "MEDIUM"), calls: to(["b"], "LOW"), publishes: to(["news"], "MEDIUM") }),
      talker("b"),
    ]);
    const answers = await node.perform(
      "a",
      send("b", "note", 1, { priority: "HIGH" }),
      send("b", "note", 1, { priority: "MEDIUM" }),
      send("b", "note", 1, { priority: "LOW" }),
      call("b", "echo", 1, { priority: "MEDIUM" }),
      call("b", "echo", 1, { priority: "LOW" }),
      publish("news", 1, { priority: "HIGH" }),
      publish("news", 1, { priority: "LOW" }),
    );
    const not = "not-capable";
    expect(answers).toEqual([not, "sent", "sent", { refused: not }, 1, not, "sent"]);
  });

  test("on the same channel may differ for sending and calling", async () => {
    const node = await boot([talker("a", { sends: to(["b"], "LOW"), calls: to(["b"], "HIGH") }), talker("b")]);
    const options = { priority: "HIGH" } as const;
    expect(await node.perform("a", send("b", "note", 1, options), call("b", "echo", 2, options))).toEqual([
      "not-capable",
      2,
    ]);
  });

  test("of a device port that this host lacks is none", async () => {
    const node = await boot([talker("a", { sends: to(["waveform"]) })]);
    expect(await node.perform("a", send("waveform", "x"))).toEqual(["not-capable"]);
  });
});

test("words that are no priority fault who says them", async () => {
  const node = await boot([talker("a", { sends: to(["b"]) }), talker("b")]);
  await node.tell("a", "do", [{ ...send("b", "note"), options: { priority: "URGENT" } }]);
  await node.pass(0);
  expect(node.logs).toContainEqual(expect.stringContaining("wanted HIGH, MEDIUM or LOW for priority"));
  expect(node.bodies("noted")).toEqual([]);
});

test("the kernel answers what it has no answer for with an error, and a body that does not fit it too", async () => {
  const askers = ["a", "b", "c", "d"];
  const node = await boot(askers.map((name) => talker(name, { calls: to(["kernel"]), sends: to(["kernel"]) })));
  const names = (batch: number): object =>
    Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`odd-${batch}-${index}`, 0]));
  const answers = await node.perform("a", call("kernel", "sing"), call("kernel", "restart", { service: "nobody" }));
  expect(answers).toMatchObject([
    { error: expect.stringContaining('Cannot answer "sing"') },
    { error: expect.stringContaining("nobody") },
  ]);
  // Together more names than one machine takes up; each asker has room for those that pass through it.
  for (let batch = 0; batch < 8; batch++) {
    const asker = askers[batch % 4] ?? "a";
    const [answer] = await node.perform(asker, call("kernel", "restart", names(batch)));
    expect(answer).toMatchObject({ error: expect.stringContaining("Cannot restart service") });
  }
  expect(await node.perform("a", send("kernel", "statistics"))).toEqual(["sent"]);
  expect(node.panics).toEqual([]);
});
