// Does every message arrive in its order, or is its sender told why not?

import { describe, expect, test } from "@jest/globals";
import { send, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

/** What "note" and "first" were told, in the order in which they were handled. */
function notes(bodies: readonly unknown[]): unknown[] {
  return bodies.map((body) => (body as { readonly message: unknown }).message);
}

const levels = ["HIGH", "MEDIUM", "LOW"] as const;

describe("a mailbox", () => {
  test("that is full answers so, and what was sent before arrives in order", async () => {
    const node = await boot([talker("a", { sends: to(["b"]) }), talker("b", { mailbox: 2 })]);
    const answers = await node.perform("a", send("b", "note", 1), send("b", "note", 2), send("b", "note", 3));
    expect(answers).toEqual(["sent", "sent", "full"]);
    expect(notes(node.bodies("noted"))).toEqual([1, 2]);
  });

  test("that is full of LOW has four places left for HIGH", async () => {
    const node = await boot([talker("a", { sends: to(["b"]) }), talker("b", { mailbox: 2 })]);
    const low = Array.from({ length: 3 }, (_, index) => send("b", "note", `low ${index}`, { priority: "LOW" }));
    const high = Array.from({ length: 5 }, (_, index) => send("b", "note", `high ${index}`, { priority: "HIGH" }));
    const answers = await node.perform("a", ...low, ...high);
    expect(answers).toEqual(["sent", "sent", "full", "sent", "sent", "sent", "sent", "full"]);
    expect(notes(node.bodies("noted"))).toEqual(["high 0", "high 1", "high 2", "high 3", "low 0", "low 1"]);
  });

  test("takes as many again once they were handled", async () => {
    const node = await boot([talker("a", { sends: to(["b"]) }), talker("b", { mailbox: 2 })]);
    for (let round = 0; round < 5; round++) {
      const answers = await node.perform("a", ...[1, 2, 3].map((message) => send("b", "note", message)));
      expect(answers).toEqual(["sent", "sent", "full"]);
    }
    expect(notes(node.bodies("noted"))).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
    expect((await node.measure()).refused).toBe(5);
  });

  test("hands out HIGH before MEDIUM before LOW, and each in the order in which it was sent", async () => {
    const node = await boot([talker("a", { sends: to(["b"]) }), talker("b", { mailbox: 16 })]);
    const sent = [..."abcdefghi"].map((message, index) =>
      send("b", "note", message, { priority: levels[(index * 2) % 3] ?? "LOW" }),
    );
    await node.perform("a", ...sent);
    expect(notes(node.bodies("noted")).join("")).toBe("adg" + "cfi" + "beh");
  });

  test("keeps the order of each of two senders", async () => {
    const sends = to(["c"]);
    const node = await boot([talker("a", { sends }), talker("b", { sends }), talker("c", { mailbox: 16 })]);
    await node.tell(
      "a",
      "do",
      [1, 2, 3, 4].map((message) => send("c", "note", message)),
    );
    await node.tell(
      "b",
      "do",
      [11, 12, 13, 14].map((message) => send("c", "note", message)),
    );
    await node.pass(0);
    const noted = notes(node.bodies("noted")) as number[];
    expect(noted.filter((each) => each < 10)).toEqual([1, 2, 3, 4]);
    expect(noted.filter((each) => each > 10)).toEqual([11, 12, 13, 14]);
  });

  test("of a service that a fault has stopped keeps what waits, for its next life", async () => {
    const node = await boot([talker("a", { sends: to(["b"]) }), talker("b")]);
    await node.perform("a", send("b", "fail"), send("b", "note", 1), send("b", "note", 2));
    expect(notes(node.bodies("noted"))).toEqual([1, 2]);
    expect(node.logs.filter((line) => line.startsWith("error: b faulted: threw"))).toHaveLength(1);
  });

  test("of a message type that its owner does not handle drops it, says so and counts it", async () => {
    const node = await boot([talker("a", { sends: to(["b"]) }), talker("b")]);
    expect(await node.perform("a", send("b", "unheard-of", 1))).toEqual(["sent"]);
    expect(node.logs).toEqual(['warning: b cannot take "unheard-of": it has no such handler']);
    expect((await node.measure()).refused).toBe(1);
  });

  test("takes names of what every object inherits for unknown types, not for handlers", async () => {
    const node = await boot([talker("a", { sends: to(["b"]) }), talker("b")]);
    for (const type of ["hasOwnProperty", "constructor", "__proto__", "toString", "valueOf"])
      expect(await node.perform("a", send("b", type, { x: 1 }))).toEqual(["sent"]);
    expect(node.logs.filter((line) => line.includes("it has no such handler"))).toHaveLength(5);
    expect(node.logs.filter((line) => line.includes("faulted"))).toEqual([]);
  });
});

describe("between services", () => {
  test("HIGH goes before MEDIUM before LOW, whoever sent first", async () => {
    const names = ["low", "medium", "high"];
    const node = await boot([talker("a", { sends: to(names) }), ...names.map((name) => talker(name))]);
    const steps = names.map((name, index) => send(name, "note", name, { priority: levels[2 - index] ?? "LOW" }));
    await node.perform("a", ...steps);
    expect(notes(node.bodies("noted"))).toEqual(["high", "medium", "low"]);
  });

  test("those of one priority take turns, one message each", async () => {
    const node = await boot([talker("a", { sends: to(["b", "c"]) }), talker("b"), talker("c")]);
    const steps = [1, 2, 3].map((n) => send("b", "note", `b${n}`));
    await node.perform("a", ...steps, ...[1, 2, 3].map((n) => send("c", "note", `c${n}`)));
    expect(notes(node.bodies("noted"))).toEqual(["b1", "c1", "b2", "c2", "b3", "c3"]);
  });

  test("a message goes on at the priority of the one in hand, or at what its channel grants when that is less", async () => {
    const node = await boot([
      talker("a", { sends: [...to(["b"]), ...to(["c"], "LOW")] }),
      talker("b", { sends: to(["d"]) }),
      talker("c", { sends: to(["d"]) }),
      talker("d"),
    ]);
    const onward = (message: string) => [send("d", "note", message)];
    await node.tell("a", "do", [send("c", "do", onward("by c")), send("b", "do", onward("by b"))], 0);
    await node.pass(0);
    expect(notes(node.bodies("noted"))).toEqual(["by b", "by c"]);
  });
});

describe("a channel that keeps the latest", () => {
  const latest = [{ to: "b", priority: "HIGH", latest: true }] as const;

  test("replaces what was not read, and counts it", async () => {
    const node = await boot([talker("a", { sends: latest, calls: to(["kernel"]) }), talker("b", { mailbox: 1 })]);
    const answers = await node.perform("a", ...[1, 2, 3].map((message) => send("b", "note", message)));
    expect(answers).toEqual(["sent", "sent", "sent"]);
    expect(notes(node.bodies("noted"))).toEqual([3]);
    expect(await statistics(node, "a")).toMatchObject({ replaced: 2, refused: 0 });
  });

  test("gives the new message its own type and deadline", async () => {
    const node = await boot([talker("a", { sends: latest }), talker("b")]);
    await node.tell("b", "relay", { to: "probe", type: "hold" });
    await node.perform("a", send("b", "note", 1, { deadlineMillis: 10 }), send("b", "tick", { x: 2 }));
    await node.pass(50);
    await node.reply();
    expect(node.bodies("noted")).toEqual([]);
    expect(node.bodies("ticked")).toMatchObject([{ x: 2 }]);
  });

  test("still does when its owner may also call on it", async () => {
    const node = await boot([talker("a", { sends: latest, calls: to(["b"]) }), talker("b", { mailbox: 1 })]);
    expect(await node.perform("a", send("b", "note", 1), send("b", "note", 2))).toEqual(["sent", "sent"]);
    expect(notes(node.bodies("noted"))).toEqual([2]);
  });

  test("keeps doing so across a fault of its sender", async () => {
    const node = await boot([talker("a", { sends: latest }), talker("b", { mailbox: 4 })]);
    await node.tell("b", "relay", { to: "probe", type: "hold" });
    await node.perform("a", send("b", "note", 1));
    await node.tell("a", "fail");
    await node.perform("a", send("b", "note", 2), send("b", "note", 3));
    await node.reply();
    expect(notes(node.bodies("noted"))).toEqual([3]);
  });

  test("gives back what a faulting message had replaced", async () => {
    const node = await boot([talker("a", { sends: latest }), talker("b")]);
    await node.tell("b", "relay", { to: "probe", type: "hold" });
    await node.perform("a", send("b", "note", "whole"));
    await node.perform("a", send("b", "tick", { x: 1 }), send("b", "note", "torn"), { verb: "throw" });
    const { messages } = await node.measure();
    await node.reply();
    expect(notes(node.bodies("noted"))).toEqual(["whole"]);
    expect(node.bodies("ticked")).toEqual([]);
    expect(messages - (await node.measure()).messages).toBe(2);
  });
});

async function statistics(node: Awaited<ReturnType<typeof boot>>, name: string): Promise<unknown> {
  const [answer] = await node.perform(name, { verb: "call", to: "kernel", type: "statistics" });
  return (answer as { readonly services: readonly { readonly name: string }[] }).services.find(
    (each) => each.name === name,
  );
}
