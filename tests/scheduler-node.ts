// A node whose scheduler is under test, on the real kernel and under the real reincarnation server, with a witness that
// hears of faults and of the ends of swaps.

import { expect } from "@jest/globals";
import type { ServiceEntry, SystemTable } from "kernel/mod";
import type { Fault, KernelStatistics, Swapped } from "services/api/kernel";
import { call, reincarnation, type Step, type TestNode, talker, to } from "tests/kernel-node";

/** Beside whose messages the scheduler under test is asked: `round` sends each of them one. */
export const workers = ["b", "c", "d"] as const;

const witness = talker("witness", {
  mailbox: 64,
  // The statistics of a large node are large.
  memoryBytes: 262_144,
  budgetSteps: 1_000_000,
  calls: to(["kernel"]),
  subscribes: ["fault"],
  configuration: { startSteps: [{ verb: "subscribe", to: "fault", type: "note" }] },
});

/** `scheduler` stands behind the others, as in the firmware. */
export function schedulerTable(
  module: string,
  configuration: { readonly [key: string]: unknown },
  services: readonly ServiceEntry[] = workers.map((name) => talker(name)),
): SystemTable {
  const scheduler: ServiceEntry = {
    name: "scheduler",
    module,
    memoryBytes: 262_144,
    budgetSteps: 100_000,
    mailbox: 8,
    // What a bad one tries to use. It is not the lack of a grant that keeps it from sending.
    sends: to(["probe"]),
    configuration,
  };
  return {
    scheduler: "scheduler",
    reincarnation: "reincarnation",
    services: [...services, scheduler, witness, reincarnation({ mailbox: 128 })],
  };
}

/** Of a round: HIGH for c, MEDIUM for d, LOW for b. */
export const builtInOrder = "cdb";

/** Three messages at once; answers who was dispatched, in order. */
export async function round(node: TestNode): Promise<string> {
  const last = (await node.trace()).at(-1)?.sequence ?? -1;
  for (const [index, name] of workers.entries()) await node.tell(name, "note", name, ([2, 0, 1] as const)[index]);
  await node.pass(0);
  const dispatches = (await node.trace()).filter(({ sequence }) => sequence > last);
  const isWork = (service: string): boolean => (workers as readonly string[]).includes(service);
  return dispatches.flatMap(({ service }) => (isWork(service) ? [service] : [])).join("");
}

/** On wall time, for what takes some milliseconds on a desk that is not loaded. */
export const patienceMillis = 10_000;

/** Has the witness take one step, and answers what came of it. */
async function ask(node: TestNode, step: Step): Promise<unknown> {
  node.heard("did");
  await node.tell("witness", "do", [step], 0);
  await node.pass(0);
  for (let millis = 0; millis < patienceMillis; millis += 10) {
    const [answer] = node.bodies("did");
    if (answer !== undefined) return answer;
    await node.pass(10);
  }
  throw new Error("the witness did not answer");
}

export async function statistics(node: TestNode): Promise<KernelStatistics> {
  return (await ask(node, call("kernel", "statistics"))) as KernelStatistics;
}

export async function policyOf(node: TestNode): Promise<string> {
  return (await statistics(node)).scheduler;
}

/** What the reincarnation server published. */
export function faults(node: TestNode): Fault[] {
  const messages = node.bodies("noted").map((body) => (body as { readonly message: unknown }).message);
  return messages.filter((message): message is Fault => typeof message === "object" && message !== null);
}

/** Answers what the kernel said at once; how the swap ended is told later. */
export function beginSwap(node: TestNode, module: string): Promise<unknown> {
  return ask(node, call("kernel", "swap", { service: "scheduler", module }));
}

export function swapped(node: TestNode): Swapped {
  const told = node.bodies("swapped");
  expect(told).toHaveLength(1);
  return told[0] as Swapped;
}
