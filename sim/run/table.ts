// The table of a node at a desk: one service under the supervision that it has in the field, and stand-ins for the rest.

import { system } from "firmware/system";
import type { Entry, Table } from "sim/bench/table";

/** Memory, stack and budget of a service that the system table does not know yet: those of a middling one. */
const limits = { memoryBytes: 256 * 1024, stackSlots: 512, budgetSteps: 4_000_000, mailbox: 32 };

/** The entry of the system table that runs this module. */
export function systemEntry(module: string): Entry | undefined {
  return system.services.find((entry) => entry.module === module);
}

/** What an entry says beside what it grants. */
export function limitsOf(module: string): typeof limits {
  const { memoryBytes, stackSlots, budgetSteps, mailbox } = systemEntry(module) ?? limits;
  return { memoryBytes, stackSlots: stackSlots ?? limits.stackSlots, budgetSteps, mailbox };
}

/** The reincarnation server as the system table has it; there is no command service that it could tell of an update. */
export function supervisor(): Entry {
  const entry = system.services.find(({ name }) => name === system.reincarnation);
  if (entry === undefined) throw new Error("Cannot make a table: the system table has no reincarnation server");
  return { ...entry, sends: [] };
}

/** Storage as the system table has it, where it keeps things for one service alone. */
export function storageFor({ name: service, stores, storesBytes }: Entry): Entry {
  const entry = system.services.find(({ name }) => name === "storage");
  if (entry === undefined) throw new Error("Cannot make a table: the system table has no storage");
  return {
    ...entry,
    configuration: { stores: [{ service, prefix: stores ?? service, quotaBytes: storesBytes ?? null }] },
  };
}

/** What a node at a desk has by itself; the simulator's other ports are not for services. */
const present = ["socket", "kernel"];

/** Channels of the services that nobody is at the other end of: each needs a stand-in. */
export function missingEnds({ services }: Table): string[] {
  const names = services.map(({ name }) => name);
  // The node has flash for its storage.
  const others = services.filter(({ name }) => name !== "storage");
  const wanted = others.flatMap(({ calls = [], sends = [] }) => [...calls, ...sends].map(({ to }) => to));
  return [...new Set(wanted)].filter((name) => !present.includes(name) && !names.includes(name));
}

/** Topics that nobody of the table publishes: the desk does. */
export function missingTopics({ services }: Table): string[] {
  const published = services.flatMap(({ publishes = [] }) => publishes.map(({ to }) => to));
  return [...new Set(services.flatMap(({ subscribes = [] }) => subscribes))].filter(
    (topic) => topic !== "log" && !published.includes(topic),
  );
}

/** The name under which a service of this file runs: its folder in the clone, or the file's. */
export function serviceName(module: string): string {
  const [, name = module] = /^services\/([^/]+)\/service$/.exec(module) ?? /([^/]+)$/.exec(module) ?? [];
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 31) || "service"
  );
}
