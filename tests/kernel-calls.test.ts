// Does every call come to an end, with the answer that belongs to it?

import { describe, expect, test } from "@jest/globals";
import { call, forget, type Step, send, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const refused = (answer: string): object => ({ refused: answer });
/** The body of a "relay" that goes on through the path, to be echoed at its end. */
function onwards([to, ...further]: readonly string[], message: unknown): unknown {
  return further.length === 0
    ? { to, type: "echo", message }
    : { to, type: "relay", message: onwards(further, message) };
}

/** All messages but those that stay for good, once everything has been handled. */
async function messagesInUse(node: TestNode): Promise<number> {
  return (await node.measure()).messages;
}

describe("call()", () => {
  test("brings what the handler returns", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b")]);
    const bodies = [null, true, -1.5, "é\u{1f600}", [1, [2]], { x: { y: [] } }, new Uint8Array([1, 2])];
    expect(await node.perform("a", ...bodies.map((body) => call("b", "echo", body)))).toEqual(bodies);
    expect(await messagesInUse(node)).toBe(0);
  });

  test("brings what an asynchronous handler comes to, through calls of its own", async () => {
    const node = await boot([
      talker("a", { calls: to(["b"]) }),
      talker("b", { calls: to(["c"]) }),
      talker("c", { calls: to(["d"]) }),
      talker("d"),
    ]);
    expect(await node.perform("a", call("b", "relay", onwards(["c", "d"], "deep")))).toEqual(["deep"]);
    expect(await messagesInUse(node)).toBe(0);
  });

  test("of a handler that returns nothing brings undefined, which is told as null", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b")]);
    expect(await node.perform("a", call("b", "do", []))).toEqual([undefined]);
  });

  test("in flight side by side brings each its own answer", async () => {
    const node = await boot([talker("a", { calls: to(["b", "c"]) }), talker("b"), talker("c")]);
    await node.tell("a", "gather", {
      to: ["b", "c", "b", "c"],
      type: "echo",
      messages: [1, 2, 3, 4],
    });
    await node.pass(0);
    expect(node.bodies("gathered")).toEqual([[1, 2, 3, 4]]);
  });

  test("beyond as many as the caller's own mailbox holds answers full", async () => {
    const node = await boot([talker("a", { mailbox: 3, calls: to(["b"]) }), talker("b", { mailbox: 8 })]);
    await node.tell("a", "gather", { to: ["b", "b", "b", "b"], type: "echo", messages: [1, 2, 3, 4] });
    await node.pass(0);
    expect(node.bodies("gathered")).toEqual([[1, 2, 3, refused("full")]]);
  });

  test("of a type that nobody handles answers not-capable", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b")]);
    expect(await node.perform("a", call("b", "unheard-of"))).toEqual([refused("not-capable")]);
    expect(await messagesInUse(node)).toBe(0);
  });
});

describe("a service that awaits a call", () => {
  test("is given nothing else, and then what waited, in order", async () => {
    const node = await boot([talker("a", { sends: to(["b"]) }), talker("b")]);
    await node.tell("b", "do", [call("probe", "hold", "x"), send("probe", "noted", { message: "answered" })]);
    await node.pass(0);
    await node.perform("a", ...[1, 2, 3].map((message) => send("b", "note", message, { priority: "HIGH" })));
    expect(node.heard("noted")).toEqual([]);
    await node.reply("y");
    expect(node.bodies("did")).toEqual(["y", "sent"]);
    expect(node.bodies("noted")).toMatchObject([
      { message: "answered" },
      { message: 1 },
      { message: 2 },
      { message: 3 },
    ]);
  });

  test("does not hold up its neighbours", async () => {
    const node = await boot([talker("a"), talker("b")]);
    await node.tell("a", "do", [call("probe", "hold")]);
    expect(await node.perform("b", send("probe", "here"))).toEqual(["sent"]);
  });

  test("is given further messages though a call that it forgot is still unanswered only when that has ended", async () => {
    const node = await boot([talker("a")]);
    await node.tell("a", "do", [forget("probe", "hold")]);
    await node.tell("a", "note", 1);
    await node.pass(0);
    expect(node.heard("noted")).toEqual([]);
    await node.reply();
    expect(node.bodies("noted")).toMatchObject([{ message: 1 }]);
  });
});

describe("a deadline", () => {
  test("is a second when the call names none", async () => {
    const node = await boot([talker("a")]);
    await node.tell("a", "do", [call("probe", "hold")]);
    await node.pass(999.9);
    expect(node.bodies("did")).toEqual([]);
    await node.pass(0.1);
    expect(node.bodies("did")).toEqual([refused("late")]);
  });

  test("answers late when the callee awaits what never comes", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b")]);
    await node.tell("a", "do", [call("b", "relay", { to: "probe", type: "hold" }, { deadlineMillis: 20 })]);
    await node.pass(20);
    expect(node.bodies("did")).toEqual([refused("late")]);
    await node.pass(1000);
    expect(await messagesInUse(node)).toBe(0);
  });

  test("answers late when the call waits in the mailbox for too long, and it is never handled", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b")]);
    await node.tell("b", "relay", { to: "probe", type: "hold" });
    await node.pass(0);
    await node.tell("a", "do", [call("b", "note", "too late", { deadlineMillis: 20 })]);
    await node.pass(20);
    expect(node.bodies("did")).toEqual([refused("late")]);
    await node.reply();
    expect(node.bodies("noted")).toEqual([]);
    expect(await messagesInUse(node)).toBe(0);
  });

  test("frees the place in the mailbox of who never got to it", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b", { mailbox: 2 })]);
    await node.tell("b", "do", [call("probe", "hold", null, { deadlineMillis: 5000 })]);
    await node.pass(0);
    for (let round = 0; round < 4; round++) {
      const steps = [forget("b", "echo", 1, { deadlineMillis: 10 }), call("b", "echo", 1, { deadlineMillis: 10 })];
      await node.tell("a", "do", steps);
      await node.pass(10);
      expect(node.bodies("did")).toEqual(["called", refused("late")]);
    }
  });

  test("of a message that is merely sent drops it when it is past, and counts it", async () => {
    const node = await boot([talker("a", { sends: to(["b"]), calls: to(["kernel"]) }), talker("b")]);
    await node.tell("b", "relay", { to: "probe", type: "hold" });
    const sent = [send("b", "note", 1, { deadlineMillis: 10 }), send("b", "note", 2, { deadlineMillis: 30 })];
    await node.perform("a", ...sent);
    await node.pass(20);
    await node.reply();
    expect(node.bodies("noted")).toMatchObject([{ message: 2 }]);
    const [statistics] = await node.perform("a", call("kernel", "statistics"));
    expect(statistics).toMatchObject({ services: [{ late: 0 }, { late: 1 }] });
  });

  test("is refused beyond a minute, and when it is no time at all", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b")]);
    for (const deadlineMillis of [0, -1, 60_001, Number.NaN, "soon"])
      await node.tell("a", "do", [{ ...call("b", "echo"), options: { deadlineMillis } }]);
    await node.pass(0);
    expect(node.bodies("did")).toEqual([]);
    expect(node.logs.filter((line) => line.includes("wanted deadlineMillis above 0, at most 60000"))).toHaveLength(5);
  });
});

describe("what comes after a call was answered late", () => {
  test("from a device port goes nowhere, not even to a call that has the same handle now", async () => {
    const node = await boot([talker("a")], { messages: 24 });
    await node.tell("a", "do", [call("probe", "hold", "old", { deadlineMillis: 10 })]);
    await node.pass(10);
    expect(node.bodies("did")).toEqual([refused("late")]);
    for (let round = 0; round < 60; round++) {
      // Sixty calls in 24 handles: the old one's is among them.
      await node.tell("a", "do", [call("probe", "hold", round, { deadlineMillis: 10 })]);
      await node.pass(5);
      await node.ask({ op: "reply", body: "for the one before" });
      await node.pass(0);
      expect(node.bodies("did")).toEqual([]);
      await node.pass(5);
      expect(node.bodies("did")).toEqual([refused("late")]);
    }
    expect(await messagesInUse(node)).toBe(0);
  });

  test("from a service goes nowhere, and the next call gets its own answer", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b")], { messages: 24 });
    for (let round = 0; round < 40; round++) {
      await node.tell("a", "do", [call("b", "relay", { to: "probe", type: "hold" }, { deadlineMillis: 10 })]);
      await node.pass(10);
      expect(node.bodies("did")).toEqual([refused("late")]);
      await node.tell("a", "do", [call("b", "echo", round)]);
      await node.ask({ op: "reply", body: "late" });
      await node.pass(0);
      expect(node.bodies("did")).toEqual([round]);
    }
    expect(await messagesInUse(node)).toBe(0);
  });

  test("leaves who served it free for the next", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b"), talker("c", { calls: to(["b"]) })]);
    await node.tell("a", "do", [call("b", "relay", { to: "probe", type: "hold" }, { deadlineMillis: 10 })]);
    await node.pass(10);
    await node.tell("c", "do", [call("b", "echo", "mine", { deadlineMillis: 100 })]);
    await node.reply("late");
    expect(node.bodies("did")).toEqual([refused("late"), "mine"]);
  });
});

describe("a service that dies", () => {
  test("answers the call that it serves dead, and those that wait for it go to its next life", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b"), talker("c", { calls: to(["b"]) })]);
    await node.tell("a", "do", [call("b", "fail")]);
    await node.tell("c", "do", [call("b", "echo", 7)]);
    await node.pass(0);
    expect(node.bodies("did")).toEqual(expect.arrayContaining([refused("dead"), 7]));
    expect(await messagesInUse(node)).toBe(0);
  });

  test("in the middle of a call answers dead too", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b")]);
    await node.tell("a", "do", [call("b", "do", [call("probe", "hold"), { verb: "throw" }])]);
    await node.pass(0);
    await node.reply();
    expect(node.bodies("did")).toContainEqual(refused("dead"));
    expect(await messagesInUse(node)).toBe(0);
  });

  test("and stays dead answers new calls dead at once", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b", { module: "tests/services/stillborn" })]);
    expect(await node.perform("a", call("b", "echo"))).toEqual([refused("dead")]);
    expect(await messagesInUse(node)).toBe(0);
  });

  test("while its call is served leaves the callee unharmed, whose reply goes nowhere", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b"), talker("c", { calls: to(["b"]) })]);
    await node.tell("a", "do", [
      forget("b", "relay", { to: "probe", type: "hold" }),
      forget("probe", "hold"),
      { verb: "hang" },
    ]);
    await node.pass(0);
    await node.fault("a");
    await node.ask({ op: "reply", body: 1 });
    await node.ask({ op: "reply", body: 2 });
    await node.tell("c", "do", [call("b", "echo", "fine")]);
    await node.pass(0);
    expect(node.bodies("did")).toEqual(["called", "called", "fine"]);
    expect(node.logs.filter((line) => line.includes("b faulted"))).toEqual([]);
    await node.pass(1000);
    expect(await messagesInUse(node)).toBe(0);
  });

  test("with replies on their way to it releases them", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b")]);
    await node.tell("a", "do", [
      forget("b", "echo", 1),
      forget("b", "echo", 2),
      forget("probe", "hold", 3),
      { verb: "hang" },
    ]);
    await node.pass(0);
    await node.fault("a");
    await node.pass(1000);
    expect(await messagesInUse(node)).toBe(0);
  });
});

describe("a refusal", () => {
  test("that a handler lets pass answers its own caller, and is no fault", async () => {
    const node = await boot([talker("a", { calls: to(["b"]) }), talker("b")]);
    await node.tell("a", "do", [call("b", "relay", { to: "nobody", type: "x" })]);
    await node.pass(0);
    expect(node.bodies("did")).toContainEqual(refused("not-capable"));
    expect(node.logs.filter((line) => line.includes("faulted"))).toEqual([]);
    expect(node.logs).toContain('warning: b: "relay" ended: a call was answered not-capable');
  });

  test("that a handler of a mere send lets pass is no fault either", async () => {
    const node = await boot([talker("a")]);
    await node.tell("a", "relay", { to: "nobody", type: "x" });
    await node.tell("a", "note", 1);
    await node.pass(0);
    expect(node.logs.filter((line) => line.includes("faulted"))).toEqual([]);
    expect(node.bodies("noted")).toMatchObject([{ message: 1 }]);
  });

  test("that nobody hears is a fault, like every rejection that nobody hears", async () => {
    const node = await boot([talker("a")]);
    await node.tell("a", "ignore", { to: "nobody", type: "x" });
    await node.pass(0);
    expect(node.logs).toContainEqual(
      expect.stringMatching(/^error: a faulted: threw: Error: call of "x" to "nobody" was answered not-capable/),
    );
  });
});

test("a service that calls itself, or runs in a circle of calls, is refused before anything starts", async () => {
  await expect(boot([talker("a", { calls: to(["a"]) })])).rejects.toThrow("no circle");
});

test("submissions of one service are not mixed with what a device port answers meanwhile", async () => {
  const node = await boot([talker("a"), talker("b", { sends: to(["c"]) }), talker("c")]);
  const work: Step[] = [
    { verb: "commit", message: 5 },
    send("c", "note", 7),
    { verb: "every", millis: 10, type: "tick" },
  ];
  await node.tell("a", "do", [call("probe", "echo", 1)]);
  await node.tell("b", "do", [...work, { ...call("probe", "echo", 2) }]);
  await node.pass(0);
  await node.fault("b");
  await node.tell("b", "committed");
  await node.pass(0);
  expect(node.panics).toEqual([]);
  expect(node.bodies("noted")).toMatchObject([{ message: 7 }]);
});
