// Can what one service says harm the one that hears it, the kernel or the host? Bodies are plain data of bounded size.

import { describe, expect, test } from "@jest/globals";
import { call, type Step, send, service, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const memoryBytes = 1 << 20;
const budgetSteps = 1_000_000;

/** A speaker, its listener, and one who can ask. */
function bootSpeaker(listenerMemoryBytes = memoryBytes): Promise<TestNode> {
  return boot([
    service("speaker", "speaker", {
      memoryBytes,
      budgetSteps,
      sends: to(["listener"]),
      calls: to(["listener"]),
      publishes: to(["news"]),
    }),
    talker("listener", { memoryBytes: listenerMemoryBytes, subscribes: ["log"] }),
    talker("asker", { memoryBytes, calls: to(["speaker", "listener"]) }),
  ]);
}

function say(value: string, how: string): Step {
  return call("speaker", "say", { value, how });
}

async function expectListenerFine(node: TestNode): Promise<void> {
  expect(await node.perform("asker", call("listener", "echo", 1))).toEqual([1]);
  expect(node.panics).toEqual([]);
  expect(node.logs.filter((line) => line.includes("listener faulted"))).toEqual([]);
}

const notPlain: readonly (readonly [string, string])[] = [
  ["function", "$.list[1].act"],
  ["undefined", "$.here"],
  ["cycle", "$.inner.self"],
  ["getter", "$.secret"],
  ["map", "$"],
  ["bigint", "$[0]"],
  ["hole", "$[2]"],
  ["lone surrogate", "$"],
  ["deep", "$[0]"],
];

describe("what is no plain data", () => {
  for (const [value, path] of notPlain)
    test(`a ${value} faults who says it, naming ${path}`, async () => {
      const node = await bootSpeaker();
      const ways = ["send", "call", "publish", "commit", "return"];
      for (const how of ways) expect(await node.perform("asker", say(value, how))).toEqual([{ refused: "dead" }]);
      expect(node.logs.filter((line) => line.includes(`wanted plain data, found ${path}`))).toHaveLength(ways.length);
      expect(node.bodies("noted")).toEqual([]);
      await expectListenerFine(node);
    });

  test("returned by a plain handler faults it too, though nobody may hear", async () => {
    const node = await bootSpeaker();
    expect(await node.perform("asker", call("speaker", "return", { value: "function" }))).toEqual([
      { refused: "dead" },
    ]);
    await expectListenerFine(node);
  });
});

describe("what is too large", () => {
  test("is a body beyond 65,536 bytes, by whatever way", async () => {
    const node = await bootSpeaker();
    for (const how of ["send", "call", "publish", "commit"]) {
      const [answer] = await node.perform("asker", say("65,537 bytes", how));
      expect(answer).toEqual(how === "call" ? { refused: "too-large" } : "too-large");
    }
    expect(await node.perform("asker", say("65,536 bytes", "call"))).toEqual(["x".repeat(65_533)]);
    await expectListenerFine(node);
  });

  test("is a body that would fill half of its receiver's memory", async () => {
    const node = await bootSpeaker(128 * 1024);
    expect(await node.perform("asker", say("wide", "send"), say("wide", "call"))).toEqual([
      "too-large",
      { refused: "too-large" },
    ]);
    expect(node.bodies("noted")).toEqual([]);
    await expectListenerFine(node);
  });

  test("is an answer that would fill half of its caller's memory", async () => {
    const node = await boot([
      service("speaker", "speaker", { memoryBytes, budgetSteps }),
      talker("asker", { calls: to(["speaker"]) }),
    ]);
    expect(await node.perform("asker", say("wide", "return"))).toEqual([{ refused: "too-large" }]);
    expect(node.logs).toEqual([]);
  });

  test("is a state that its own next start could not hold", async () => {
    const node = await boot([
      service("speaker", "speaker", { memoryBytes: 250 * 1024, budgetSteps }),
      talker("asker", { calls: to(["speaker"]) }),
    ]);
    expect(await node.perform("asker", say("wide", "commit"))).toEqual(["too-large"]);
  });
});

describe("texts", () => {
  test("that are no UTF-8, or long, arrive in the log cleaned and cut between characters", async () => {
    const node = await bootSpeaker();
    const texts = ["lone surrogate", "lone surrogate at the end of much", "much", "zero"];
    for (const value of texts) expect(await node.perform("asker", say(value, "log"))).toEqual(["logged"]);
    await node.perform("listener", { verb: "subscribe", to: "log", type: "note" });
    for (const value of texts) await node.perform("asker", say(value, "log"));
    const lines = node.bodies("noted").map((body) => (body as { message: { text: string } }).message.text);
    expect(lines).toEqual(["\ufffd", "é".repeat(511), "é".repeat(511), "a\ufffdb"]);
    await expectListenerFine(node);
  });

  test("of a thrown error that are no UTF-8 are told all the same", async () => {
    const node = await bootSpeaker();
    for (const value of ["lone surrogate", "lone surrogate at the end of much", "much", "zero"])
      expect(await node.perform("asker", say(value, "throw"))).toEqual([{ refused: "dead" }]);
    expect(node.logs.filter((line) => line.startsWith("error: speaker faulted: threw: Error: "))).toHaveLength(4);
    await expectListenerFine(node);
  });

  test("that are no UTF-8 are no message types, and unknown channels", async () => {
    const node = await bootSpeaker();
    expect(await node.perform("asker", say("lone surrogate", "type"))).toEqual([{ refused: "dead" }]);
    expect(await node.perform("asker", say("zero", "type"))).toEqual([{ refused: "dead" }]);
    for (const value of ["lone surrogate", "zero", "much"])
      expect(await node.perform("asker", say(value, "channel"))).toEqual(["not-capable"]);
    await expectListenerFine(node);
  });
});

describe("names", () => {
  test("of properties that a receiver has no room for any more are refused to the sender, and known ones still arrive", async () => {
    const node = await boot([talker("a", { calls: to(["b"]), budgetSteps: 1_000_000, memoryBytes }), talker("b")]);
    const answers: unknown[] = [];
    for (let batch = 0; batch < 6; batch++) {
      const entries = Array.from({ length: 60 }, (_, index) => [`name-${batch}-${index}`, index]);
      await node.tell("b", "echo", Object.fromEntries(entries));
      answers.push(...(await node.perform("a", call("b", "echo", { message: batch }))));
    }
    expect(answers).toEqual([0, 1, 2, 3, 4, 5].map((message) => ({ message })));
    expect(node.logs.filter((line) => line.includes("faulted"))).toEqual([]);
    expect(node.logs).toContainEqual(expect.stringMatching(/^warning: b cannot take "echo": /));
  });

  test("of message types that a service makes up are bounded, and cost its neighbours none", async () => {
    const node = await boot([talker("a", { sends: to(["b"]), mailbox: 64 }), talker("b", { mailbox: 64 })]);
    for (let life = 0; life < 50; life++)
      await node.tell(
        "a",
        "do",
        Array.from({ length: 3 }, (_, index) => send("b", `made-up-${life}-${index}`)),
      );
    await node.pass(0);
    const failures = node.logs.filter((line) => line.includes("at most 32 new ones"));
    expect(failures.length).toBeGreaterThan(30);
    node.heard();
    expect(await node.perform("b", send("probe", "new-to-b"))).toEqual(["sent"]);
  });
});

test("copying bodies is paid for by their sender, so that its budget bounds the time", async () => {
  const node = await bootSpeaker();
  await node.tell("speaker", "repeat", { value: "65,536 bytes", times: 1 });
  await node.pass(0);
  await node.tell("speaker", "repeat", { value: "65,536 bytes", times: 101 });
  await node.pass(0);
  const spoken = (await node.trace()).filter((each) => each.type === "repeat").map(({ steps }) => steps);
  // A step of the meter for each 32 bytes that the receiver will hold.
  expect(((spoken[1] ?? 0) - (spoken[0] ?? 0)) / 100).toBeGreaterThan(2_048);
});
