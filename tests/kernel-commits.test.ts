// Does a service begin again from its last commit, and is a message that faults as if it had never been?

import { describe, expect, test } from "@jest/globals";
import { call, forget, type Step, send, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const commit = (message: unknown): Step => ({ verb: "commit", message });

async function stateOf(node: TestNode, name: string): Promise<unknown> {
  node.heard();
  return (await node.perform("asker", call(name, "committed")))[0];
}

function bootPair(): Promise<TestNode> {
  return boot([
    talker("a", { sends: to(["b"]), calls: to(["b"]), publishes: to(["news"]), subscribes: ["news"] }),
    talker("b", {
      subscribes: ["news"],
      configuration: { startSteps: [{ verb: "subscribe", to: "news", type: "note" }] },
    }),
    talker("asker", { calls: to(["a", "b"]) }),
  ]);
}

describe("a service that begins again", () => {
  test("begins without a state before its first commit", async () => {
    const node = await bootPair();
    await node.fault("a");
    expect(await stateOf(node, "a")).toBeNull();
  });

  test("begins with what it committed last, in this life or an earlier one", async () => {
    const node = await bootPair();
    await node.perform("a", commit(1), commit({ count: 2 }), commit({ count: 3, text: "é" }));
    for (let life = 0; life < 3; life++) {
      await node.fault("a");
      expect(await stateOf(node, "a")).toEqual({ count: 3, text: "é" });
    }
    await node.perform("a", commit([4]));
    await node.fault("a", "spin");
    expect(await stateOf(node, "a")).toEqual([4]);
  });

  test("keeps one committed state in the pool, however often it commits", async () => {
    const node = await bootPair();
    await node.perform("a", commit(1));
    const before = await node.measure();
    await node.perform("a", { ...commit([1, 2, 3]), times: 100 });
    for (let life = 0; life < 5; life++) await node.fault("a");
    const after = await node.measure();
    expect([after.messages, after.poolBytes]).toEqual([before.messages, before.poolBytes]);
  });

  test("after undefined was committed does so because that is its fault", async () => {
    const node = await bootPair();
    await node.perform("a", commit("good"));
    await node.perform("a", { verb: "commit" });
    expect(node.logs).toEqual([expect.stringContaining("Cannot commit: wanted a state, found undefined")]);
    expect(await stateOf(node, "a")).toBe("good");
  });
});

describe("a message that faults", () => {
  test("takes back all that it had submitted: state, messages, calls, publications, subscriptions and timers", async () => {
    const node = await bootPair();
    await node.perform("a", commit("before"));
    const before = await node.measure();
    await node.perform(
      "a",
      commit("torn"),
      send("b", "note", "torn"),
      forget("b", "note", "torn"),
      { verb: "publish", to: "news", message: "torn" },
      { verb: "subscribe", to: "news", type: "note" },
      { verb: "every", millis: 10, type: "tick" },
      { verb: "after", millis: 10, type: "tick" },
      { verb: "log", type: "torn" },
      { verb: "throw" },
    );
    await node.pass(100);
    expect(node.heard("noted")).toEqual([]);
    expect(node.heard("ticked")).toEqual([]);
    expect(node.heard("did")).toEqual([]);
    const after = await node.measure();
    expect([after.messages, after.poolBytes]).toEqual([before.messages, before.poolBytes]);
    expect(await stateOf(node, "a")).toBe("before");
  });

  test("keeps what earlier messages submitted, and what it submitted before it awaited", async () => {
    const node = await bootPair();
    await node.perform("a", send("b", "note", 1));
    await node.tell("a", "do", [
      commit("half way"),
      send("b", "note", 2),
      call("probe", "hold"),
      send("b", "note", 3),
      { verb: "throw" },
    ]);
    await node.pass(0);
    await node.reply();
    expect(node.bodies("noted")).toMatchObject([{ message: 1 }, { message: 2 }]);
    expect(await stateOf(node, "a")).toBe("half way");
  });

  test("that had answered its call already still answers dead: the answer is taken back too", async () => {
    const node = await bootPair();
    const [answer] = await node.perform("asker", call("a", "answerThenFail"));
    expect(answer).toEqual({ refused: "dead" });
    expect(node.logs).toEqual([expect.stringContaining("a faulted: threw: Error: after the answer")]);
  });
});
