// Does a service that falls again and again leave the others what is theirs? On wall time, for shares of a processor.

import { expect, test } from "@jest/globals";
import type { KernelStatistics } from "services/api/kernel";
import { limits } from "services/reincarnation/policy";
import { call, reincarnation, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes({ isVirtual: false });
const stormMillis = 3_000;

test("a storm of faults is five restarts and then patience, and the others keep 95 % of the time that services have", async () => {
  const node = await boot({
    reincarnation: "reincarnation",
    services: [
      reincarnation(),
      talker("victim"),
      talker("worker", { sends: to(["worker"]), budgetSteps: 1_000_000 }),
      talker("asker", { calls: to(["kernel"]) }),
    ],
  });
  await node.tell("worker", "labour", { self: "worker", loops: 1_000 });
  for (const end = Date.now() + stormMillis; Date.now() < end; await node.pass(1))
    await node.ask({ op: "fault", service: "victim", kind: "spin" }).catch(() => undefined);
  await node.tell("asker", "do", [call("kernel", "statistics")]);
  await node.pass(300);
  const { services } = (node.bodies("did") as [KernelStatistics])[0];
  const of = (name: string) => services.find((each) => each.name === name) as KernelStatistics["services"][number];
  expect(of("victim")).toMatchObject({ restarts: limits.restarts, state: "dead" });
  const total = services.reduce((sum, { runMicros }) => sum + runMicros, 0);
  expect(of("worker").runMicros / total).toBeGreaterThan(0.95);
  expect(node.panics).toEqual([]);
}, 30_000);
