// Does the reincarnation server do for each service what its entry says: hold it, take its dependents along, notice that it does
// nothing, start it from something older, and give up on the node when nothing helps?

import { describe, expect, test } from "@jest/globals";
import type { NodeEntry, NodeTable } from "firmware/table";
import type { KernelStatistics } from "services/api/kernel";
import { call, reincarnation, service, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

function table(...services: readonly NodeEntry[]): NodeTable {
  const names = services.map(({ name }) => name);
  const server = reincarnation({ sends: to(["command"]) });
  const asker = talker("command", { calls: to([...names, "kernel", "reincarnation"]), subscribes: ["fault"] });
  return { reincarnation: "reincarnation", services: [server, ...services, asker] };
}

async function stateOf(node: TestNode, name: string): Promise<KernelStatistics["services"][number] | undefined> {
  node.heard("did");
  const [answer] = await node.perform("command", call("kernel", "statistics"));
  return (answer as KernelStatistics).services.find((each) => each.name === name);
}

describe("a service whose policy is to be held", () => {
  test("stays dead after a fault until somebody starts it", async () => {
    const node = await boot(table(talker("pump", { policy: { restart: "hold" } })));
    await node.fault("pump");
    await node.pass(120_000);
    expect(await stateOf(node, "pump")).toMatchObject({ state: "dead", restarts: 0 });
    const start = call("reincarnation", "start", { service: "pump" });
    expect(await node.perform("command", start)).toEqual([{ generation: 2 }]);
    expect(await stateOf(node, "pump")).toMatchObject({ state: "running" });
  });

  test("stays dead when the server itself begins anew", async () => {
    const node = await boot(table(talker("pump", { policy: { restart: "hold" } })));
    await node.fault("pump");
    await node.fault("reincarnation");
    await node.pass(1_000);
    expect(await stateOf(node, "pump")).toMatchObject({ state: "dead" });
  });
});

describe("dependents", () => {
  const chain = table(
    talker("bus", { policy: { dependents: ["driver"] } }),
    talker("driver", { policy: { dependents: ["meter"] } }),
    talker("meter", { policy: { restart: "hold" } }),
    talker("other"),
  );

  test("begin anew when the service that they depend on does, and theirs after them; others do not", async () => {
    const node = await boot(chain);
    await node.fault("bus");
    await node.pass(10);
    for (const [name, generation] of [
      ["bus", 2],
      ["driver", 2],
      ["meter", 2],
      ["other", 1],
    ] as const)
      expect(await stateOf(node, name)).toMatchObject({ state: "running", generation });
    expect(await stateOf(node, "driver")).toMatchObject({
      lastFault: "stopped: a service that it depends on begins anew",
    });
  });

  test("do not begin anew when they fall themselves, nor whom they depend on", async () => {
    const node = await boot(chain);
    await node.fault("driver");
    await node.pass(10);
    expect(await stateOf(node, "bus")).toMatchObject({ generation: 1 });
    expect(await stateOf(node, "driver")).toMatchObject({ generation: 2 });
  });

  test("may not depend on each other in a circle, nor on whom nobody knows", async () => {
    const circle = table(
      talker("a", { policy: { dependents: ["b"] } }),
      talker("b", { policy: { dependents: ["a"] } }),
    );
    await expect(boot(circle)).rejects.toThrow("the dependents: wanted no circle");
    await expect(boot(table(talker("a", { policy: { dependents: ["z"] } })))).rejects.toThrow('found "z"');
  });
});

describe("heartbeats", () => {
  test("find a service that lives and says that it does nothing", async () => {
    const node = await boot(table(service("idler", "idler", { policy: { heartbeatMillis: 2_000 } })));
    await node.pass(10_000);
    expect(await stateOf(node, "idler")).toMatchObject({ generation: 1 });
    await node.tell("idler", "idle");
    await node.pass(2_100);
    expect(await stateOf(node, "idler")).toMatchObject({
      state: "running",
      generation: 2,
      lastFault: "silent: it lives and does nothing",
    });
  });

  test("find a busy service that is given nothing any more, and leave one alone that may wait", async () => {
    const deaf = { configuration: { isDeaf: true } };
    const node = await boot(
      table(
        service("idler", "lost", { ...deaf, policy: { heartbeatMillis: 2_000, isBusy: true } }),
        service("idler", "patient", { ...deaf, policy: { heartbeatMillis: 2_000 } }),
      ),
    );
    await node.pass(2_100);
    expect(await stateOf(node, "lost")).toMatchObject({ generation: 1 });
    await node.pass(2_000);
    expect(await stateOf(node, "lost")).toMatchObject({ generation: 2 });
    expect(await stateOf(node, "patient")).toMatchObject({ generation: 1 });
  });
});

describe("escalation", () => {
  test("a state that a service cannot begin from gives way to what the table gives", async () => {
    const node = await boot(table(service("poisoned", "a", { state: "clean" })));
    await node.tell("a", "swallow", { what: "poison" });
    await node.pass(0);
    expect(node.bodies("began")).toEqual([{ from: "clean" }]);
    await node.fault("a");
    await node.pass(60_000);
    expect(node.bodies("began")).toEqual([{ from: "clean" }]);
    expect(await stateOf(node, "a")).toMatchObject({ state: "running" });
  });

  test("a version that falls after it was confirmed gives way to the one before, with the state", async () => {
    const node = await boot(table(service("counter", "counter", { configuration: { breaks: "throw in message" } })));
    const moves = [{ service: "counter", module: "tests/services/counter-next" }];
    await node.perform("command", call("reincarnation", "update", { moves }));
    await node.pass(600);
    expect(node.bodies("swapped")).toMatchObject([{ outcome: "confirmed" }]);
    for (let now = 0; now < 60_000; now += 500) {
      await node.tell("counter", "add", { n: 1 }).catch(() => undefined);
      await node.pass(500);
    }
    expect(await node.perform("command", call("counter", "sum"))).toMatchObject([{ version: 1 }]);
  });

  test("without which a node is no use has it begin anew when nothing else helps", async () => {
    const node = await boot(table(service("stillborn", "a", { policy: { lastResort: "reboot" } })));
    await node.pass(120_000);
    expect(node.panics).toEqual([expect.stringContaining("a reboot was asked for: a does not come back")]);
    expect(node.wish).toBeNull();
  });

  test("never takes the node along for a service that may wait", async () => {
    const node = await boot(table(service("stillborn", "a")));
    await node.pass(300_000);
    expect(node.panics).toEqual([]);
  });
});

describe("updates", () => {
  test("of the server itself are refused, with the way to go", async () => {
    const server = table().services[0] as NodeEntry;
    const node = await boot({ ...table(), services: [{ ...server, needsReboot: true }, ...table().services.slice(1)] });
    const moves = [{ service: "reincarnation", module: "services/reincarnation/policy" }];
    expect(await node.perform("command", call("reincarnation", "update", { moves }))).toEqual([
      { error: expect.stringContaining("replaced by a reboot") },
    ]);
  });

  test("of a caller and whom it calls are made in the order that their calls ask for, whatever the order given", async () => {
    const node = await boot(table(talker("relay", { calls: to(["counter"]) }), service("counter", "counter")));
    await node.tell("relay", "relay", { to: "counter", type: "slow" });
    const moves = [
      { service: "counter", module: "tests/services/counter-next" },
      { service: "relay", module: "tests/services/speaker" },
    ];
    expect(await node.perform("command", call("reincarnation", "update", { moves }))).toEqual([{ begun: true }]);
    expect(await node.perform("command", call("reincarnation", "update", { moves }))).toEqual([
      { error: "Cannot swap: another service is being swapped; wait for its end" },
    ]);
    await node.pass(1_000);
    expect(node.bodies("swapped")).toMatchObject([{ reason: "", outcome: "confirmed", moves: [moves[1], moves[0]] }]);
  });

  test("that the server does not outlive are taken back by the kernel", async () => {
    const node = await boot(table(service("counter", "counter")));
    const moves = [{ service: "counter", module: "tests/services/counter-next" }];
    await node.perform("command", call("reincarnation", "update", { moves }));
    await node.pass(100);
    await node.fault("reincarnation");
    await node.pass(6_000);
    expect(node.bodies("swapped")).toMatchObject([{ outcome: "returned", reason: expect.stringContaining("fell") }]);
    expect(await node.perform("command", call("counter", "sum"))).toMatchObject([{ version: 1 }]);
  });
});

describe("reports", () => {
  test("say what fell of what, with its figures and the dispatches before it, and the last eight are kept", async () => {
    const node = await boot(table(talker("a"), talker("b")));
    await node.perform("command", { verb: "subscribe", to: "fault", type: "note" });
    for (let count = 0; count < 5; count++) {
      await node.tell("a", "fail");
      await node.pass(1);
      await node.fault("b", "memory");
    }
    const noted = node.bodies("noted") as { message: { service: string } }[];
    expect(noted).toHaveLength(10);
    expect(noted[0]?.message).toMatchObject({
      sequence: 1,
      service: "a",
      version: "1.0.0",
      kind: "threw",
      messageType: "fail",
      generation: 1,
      memoryBytes: 65_536,
      budgetSteps: 100_000,
    });
    expect(noted[1]?.message).toMatchObject({ kind: "out-of-memory", bytes: expect.any(Number) });
    const [list] = (await node.perform("command", call("reincarnation", "reports", { sequence: null }))) as [object[]];
    expect(list.map((each) => (each as { sequence: number }).sequence)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    const [whole] = await node.perform("command", call("reincarnation", "reports", { sequence: 9 }));
    expect(whole).toMatchObject({ service: "a", steps: expect.any(Number) });
    // What the server keeps does not grow with the faults.
    for (let minute = 0; minute < 60; minute++) {
      await node.fault("a");
      await node.fault("b", "stack");
      await node.pass(61_000);
    }
    expect(await stateOf(node, "reincarnation")).toMatchObject({ restarts: 0, lastFault: null });
  });
});
