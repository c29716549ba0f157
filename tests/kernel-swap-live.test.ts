// Is a version that takes its time over the state sent back, though it stays within its budget? On wall time, for virtual
// time stands still within a dispatch.

import { expect, test } from "@jest/globals";
import { call, service, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes({ isVirtual: false });

test("a version whose migrate takes longer than a tenth of a second is returned", async () => {
  const node = await boot([
    talker("asker", { calls: to(["counter", "kernel"]) }),
    service("counter", "counter", {
      configuration: { breaks: "dawdle in migrate" },
      budgetSteps: 100_000_000,
    }),
  ]);
  await node.perform("asker", call("kernel", "swap", { service: "counter", module: "tests/services/counter-next" }));
  await node.pass(3_000);
  expect(node.bodies("swapped")).toMatchObject([{ outcome: "returned", reason: expect.stringContaining("it took ") }]);
  node.heard("did");
  await node.tell("asker", "do", [call("counter", "sum")]);
  await node.pass(500);
  expect(node.bodies("did")).toEqual([{ version: 1, total: 0 }]);
});
