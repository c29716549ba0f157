// The system table: which services a node runs, with what memory and budget, and who may speak to whom.
// `checkTable` refuses what could only fail in the field: unknown names, circles of calls, limits that contradict.

import { limits } from "kernel/limits";
import type { Priority } from "kernel/message";

/** A channel to another service or to a device port of the same name. */
export interface ChannelEntry {
  readonly to: string;
  /** The most urgent priority that may be used on it. */
  readonly priority: Priority;
  /** Keep the newest unread message only, and count what it replaced. */
  readonly latest?: boolean;
}

export interface ServiceEntry {
  readonly name: string;
  readonly module: string;
  /** Of its code, where the table knows it; the node's birth tells it. */
  readonly version?: string;
  /** All that its machine may hold. */
  readonly memoryBytes: number;
  /** Depth of its JavaScript stack, at 32 bytes a slot (16 on 32 bit); default 256. A frame takes one a local, and six. */
  readonly stackSlots?: number;
  /** Steps of the meter for one dispatch. */
  readonly budgetSteps: number;
  /** Messages that may wait. */
  readonly mailbox: number;
  readonly sends?: readonly ChannelEntry[];
  readonly calls?: readonly ChannelEntry[];
  /** Topics, with the most urgent priority. */
  readonly publishes?: readonly ChannelEntry[];
  readonly subscribes?: readonly string[];
  readonly configuration?: { readonly [key: string]: unknown };
}

export interface SystemTable {
  readonly services: readonly ServiceEntry[];
  /** The service that orders the ready ones; the built-in order decides without it. */
  readonly scheduler?: string;
  /** The service that is told of every fault; without it the kernel restarts what faults. */
  readonly reincarnation?: string;
}

/** Runs a handler that calls a few functions deep. */
export const defaultStackSlots = 256;

/** The port at which the kernel itself answers. */
export const kernelChannel = "kernel";

/** Throws an Error that names the entry at fault. `ports` are the device ports that the hosts know. */
export function checkTable(table: SystemTable, ports: readonly string[]): void {
  const names = table.services.map((service) => service.name);
  const reachable = [...names, ...ports, kernelChannel];
  if (reachable.length > limits.servicesAndPorts)
    refuse("the table", `at most ${limits.servicesAndPorts} services and ports`, `${reachable.length}`);
  for (const service of table.services) checkEntry(service, names, reachable);
  for (const role of ["scheduler", "reincarnation"] as const) {
    const name = table[role];
    if (name !== undefined && !names.includes(name)) refuse(`the ${role}`, "the name of a service", `"${name}"`);
  }
  const circle = findCallCircle(table.services);
  if (circle !== undefined)
    refuse("the calls", "no circle, for its services would wait for each other", circle.join(" → "));
}

function checkEntry(service: ServiceEntry, names: readonly string[], reachable: readonly string[]): void {
  const { name } = service;
  if (names.indexOf(name) !== names.lastIndexOf(name))
    refuse(`service "${name}"`, "a name of its own", "another with it");
  for (const [what, value, least] of [
    ["memoryBytes", service.memoryBytes, 4096],
    ["budgetSteps", service.budgetSteps, 1],
    ["stackSlots", service.stackSlots ?? defaultStackSlots, 64],
    ["mailbox", service.mailbox, 1],
  ] as const)
    if (!Number.isInteger(value) || value < least)
      refuse(`service "${name}"`, `${what} of at least ${least}`, `${value}`);
  for (const channel of [...(service.sends ?? []), ...(service.calls ?? [])])
    if (!reachable.includes(channel.to))
      refuse(`service "${name}"`, "a channel to a service or device port", `"${channel.to}"`);
}

/** The names around a circle of calls, or undefined. */
function findCallCircle(services: readonly ServiceEntry[]): string[] | undefined {
  const done: string[] = [];
  const visit = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.includes(name)) return undefined;
    const service = services.find((entry) => entry.name === name);
    for (const { to } of service?.calls ?? []) {
      const circle = visit(to, [...path, name]);
      if (circle !== undefined) return circle;
    }
    done.push(name);
    return undefined;
  };
  for (const { name } of services) {
    const circle = visit(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

function refuse(subject: string, wanted: string, found: string): never {
  throw new Error(`Cannot use system table: ${subject}: wanted ${wanted}, found ${found}`);
}
