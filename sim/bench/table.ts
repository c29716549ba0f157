// Entries of the system tables that benches run.

import type { NodeConfiguration } from "firmware/boot";

/** A system table of its own, in place of the firmware's. */
export type Table = NonNullable<NodeConfiguration["table"]>;
export type Entry = Table["services"][number];

const memoryBytes = 64 * 1024;
const budgetSteps = 1_000_000;
const mailbox = 64;

export function entry(name: string, module: string, more: Partial<Entry> = {}): Entry {
  return { name, module: `firmware/bench/${module}`, memoryBytes, budgetSteps, mailbox, ...more };
}

/** A service that calls `to` and tells the probe. */
export function caller(name: string, module: string, ...to: string[]): Entry {
  return entry(name, module, {
    calls: to.map((target) => ({ to: target, priority: "HIGH" })),
    sends: [{ to: "probe", priority: "HIGH" }],
  });
}
