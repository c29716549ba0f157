// Does a node in safe mode run what reaches it and mends it, and nothing else, with nobody's help but the kernel's?

import { expect, test } from "@jest/globals";
import { system } from "firmware/system";
import type { NodeTable } from "firmware/table";
import { safeTable } from "firmware/table";
import { checkTable } from "firmware/table-check";
import type { KernelStatistics } from "services/api/kernel";
import { call, reincarnation, service, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

/** As hosts have them; firmware/boot, which tells, needs one. */
const ports = ["waveform", "socket", "flash", "simulator", "probe"];

const table: NodeTable = {
  scheduler: "scheduler",
  reincarnation: "reincarnation",
  services: [
    reincarnation(),
    { ...talker("scheduler"), module: "services/scheduler/priority" },
    talker("asker", {
      isEssential: true,
      calls: to(["a", "b", "c", "kernel", "reincarnation"]),
      subscribes: ["fault"],
    }),
    talker("a", { isEssential: true }),
    talker("b"),
    service("stillborn", "c", { isEssential: true }),
  ],
};

test("only the essential services run, in the built-in order, and they know it", async () => {
  const node = await boot(table, { isSafe: true });
  const [answer] = await node.perform("asker", call("kernel", "statistics"));
  const { scheduler, services } = answer as KernelStatistics;
  expect(scheduler).toBe("built-in");
  expect(services.map(({ name, state }) => [name, state])).toEqual([
    ["asker", "running"],
    ["a", "running"],
    ["c", "dead"],
  ]);
  expect(await node.perform("asker", call("b", "echo"), call("reincarnation", "echo"))).toEqual([
    { refused: "not-capable" },
    { refused: "not-capable" },
  ]);
});

test("what falls is started again by the kernel, once a second, from its last commit, for ever", async () => {
  const node = await boot(table, { isSafe: true });
  await node.perform("a", { verb: "commit", message: 7 });
  await node.fault("a");
  expect(await node.perform("asker", call("a", "committed"))).toEqual([{ refused: "dead" }]);
  await node.pass(1_000);
  expect(await node.perform("asker", call("a", "committed"))).toEqual([7]);
  await node.pass(60_000);
  const tries = node.logs.filter((line) => line.startsWith("error: c faulted"));
  expect(tries.length).toBeGreaterThanOrEqual(60);
  expect(tries.length).toBeLessThanOrEqual(63);
  expect(node.panics).toEqual([]);
});

test("the firmware's own table has a safe mode, in which a node is reached and mended", () => {
  const safe = safeTable(system, ports, "an operator's command");
  expect(safe.services.map(({ name }) => name)).toEqual(expect.arrayContaining(["mqtt", "command"]));
  expect(safe.services.map(({ name }) => name)).not.toContain("sensor");
  expect(() => checkTable(safe, ports)).not.toThrow();
  for (const { configuration } of safe.services)
    expect(configuration).toMatchObject({ isSafeMode: true, safeModeReason: "an operator's command" });
});

test("what a node was told is what its host hears: come back in safe mode, or not", async () => {
  for (const isSafe of [true, false]) {
    const node = await boot(table);
    await node.perform("asker", { ...call("kernel", "reboot", { reason: "a test", isSafe }), verb: "forget" });
    expect(node.panics).toEqual([expect.stringContaining("a reboot was asked for: a test")]);
    expect(node.wish).toBe(isSafe);
  }
});
