// The system table: which services a node runs, with what memory and budget, and who may speak to whom.
// `checkTable` refuses what could only fail in the field: unknown names, circles of calls, limits that contradict.

import { limits } from "kernel/limits";
import { type Priority, priorities } from "kernel/message";

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
  /** Where its socket may connect to: "host:port" each, or "broker" for the broker of the node's configuration. */
  readonly net?: readonly string[];
  /** Prefix of the keys under which storage keeps what it stores; without one it may not `store`. */
  readonly stores?: string;
  /** From which its first start begins, as if it had committed it. Plain data. */
  readonly state?: unknown;
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

/** Published by the host for every service that logs. */
const logTopic = "log";

/** Throws an Error that names the entry at fault. `ports` are the device ports that the hosts know. */
export function checkTable(table: SystemTable, ports: readonly string[]): void {
  const names = table.services.map((service) => service.name);
  const reachable = [...names, ...ports, kernelChannel];
  const topics = [logTopic, ...ports, ...table.services.flatMap((service) => targetsOf(service.publishes))];
  if (reachable.length > limits.servicesAndPorts)
    refuse("the table", `at most ${limits.servicesAndPorts} services and ports`, `${reachable.length}`);
  if (new Set(topics).size > limits.topics) refuse("the table", `at most ${limits.topics} topics`, `${topics.length}`);
  for (const service of table.services) checkEntry(service, reachable, topics);
  for (const role of ["scheduler", "reincarnation"] as const) {
    const name = table[role];
    if (name !== undefined && !names.includes(name)) refuse(`the ${role}`, "the name of a service", `"${name}"`);
  }
  const server = table.services.find((service) => service.name === table.reincarnation);
  if (server !== undefined && server.mailbox < names.length)
    refuse(
      `service "${server.name}"`,
      `a mailbox of ${names.length}, for a fault of every service`,
      `${server.mailbox}`,
    );
  const circle = findCallCircle(table.services);
  if (circle !== undefined)
    refuse("the calls", "no circle, for its services would wait for each other", circle.join(" → "));
}

function checkEntry(service: ServiceEntry, reachable: readonly string[], topics: readonly string[]): void {
  const { name } = service;
  const subject = `service "${name}"`;
  checkName(subject, name);
  if (reachable.indexOf(name) !== reachable.lastIndexOf(name)) refuse(subject, "a name of its own", "another with it");
  if (service.module.length > limits.moduleLength)
    refuse(subject, `a module of at most ${limits.moduleLength} characters`, `${service.module.length}`);
  checkLimits(subject, service);
  checkChannels(`sends of ${subject}`, service.sends ?? [], reachable);
  checkChannels(`calls of ${subject}`, service.calls ?? [], reachable);
  checkChannels(`publishes of ${subject}`, service.publishes ?? []);
  if ([...(service.calls ?? []), ...(service.publishes ?? [])].some(({ latest }) => latest === true))
    refuse(subject, "`latest` on channels that it sends to", "it elsewhere");
  checkTargets(`subscribes of ${subject}`, service.subscribes ?? [], topics);
}

function checkLimits(subject: string, service: ServiceEntry): void {
  for (const [what, value, least, most] of [
    ["memoryBytes", service.memoryBytes, limits.memoryBytesLeast, limits.memoryBytesMost],
    ["budgetSteps", service.budgetSteps, 1, limits.budgetStepsMost],
    ["stackSlots", service.stackSlots ?? defaultStackSlots, limits.stackSlotsLeast, limits.stackSlotsMost],
    ["mailbox", service.mailbox, 1, limits.mailboxMost],
  ] as const)
    if (!Number.isInteger(value) || value < least || value > most)
      refuse(subject, `${what} from ${least} to ${most}`, `${value}`);
}

function checkChannels(subject: string, channels: readonly ChannelEntry[], known?: readonly string[]): void {
  checkTargets(subject, targetsOf(channels), known);
  for (const { to, priority } of channels)
    if (!priorities.includes(priority)) refuse(subject, `a priority for "${to}"`, `"${priority}"`);
}

function checkTargets(subject: string, targets: readonly string[], known?: readonly string[]): void {
  for (const target of targets) {
    checkName(subject, target);
    if (known !== undefined && !known.includes(target)) refuse(subject, "what the table has", `"${target}"`);
    if (targets.indexOf(target) !== targets.lastIndexOf(target)) refuse(subject, "each name once", `"${target}" twice`);
  }
}

function checkName(subject: string, name: string): void {
  if (name.length === 0 || name.length > limits.nameLength)
    refuse(subject, `names of 1 to ${limits.nameLength} characters`, `"${name}"`);
}

function targetsOf(channels: readonly ChannelEntry[] = []): string[] {
  return channels.map(({ to }) => to);
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
