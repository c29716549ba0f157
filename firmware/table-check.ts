// Looks a system table over before a node comes up with it: what could only fail in the field is refused here, by the name
// of the entry at fault. Unknown names, circles of calls, limits that contradict. Its time is linear in the table.

import type { NodeEntry, NodeTable } from "firmware/table";
import { type ChannelEntry, defaultStackSlots, kernelChannel, limits, priorities, type ServiceEntry } from "kernel/mod";

/** Published by the host for every service that logs. */
const logTopic = "log";

/** Throws an Error that names the entry at fault. `ports` are the device ports that the hosts know. */
export function checkTable(table: NodeTable, ports: readonly string[]): void {
  const services = byName(table.services);
  const reachable = new Set([...services.keys(), ...ports, kernelChannel]);
  const topics = new Set([logTopic, ...ports, ...table.services.flatMap((service) => targetsOf(service.publishes))]);
  if (reachable.size > limits.servicesAndPorts)
    refuse("the table", `at most ${limits.servicesAndPorts} services and ports`, `${reachable.size}`);
  if (topics.size > limits.topics) refuse("the table", `at most ${limits.topics} topics`, `${topics.size}`);
  for (const name of [...ports, kernelChannel])
    if (services.has(name)) refuse(`service "${name}"`, "a name of its own", "another with it");
  for (const service of table.services) checkEntry(service, reachable, topics);
  checkStorage(table);
  for (const role of ["scheduler", "reincarnation"] as const) {
    const name = table[role];
    if (name !== undefined && !services.has(name)) refuse(`the ${role}`, "the name of a service", `"${name}"`);
  }
  const server = services.get(table.reincarnation ?? "");
  if (server !== undefined && server.mailbox < services.size)
    refuse(
      `service "${server.name}"`,
      `a mailbox of ${services.size}, for a fault of every service`,
      `${server.mailbox}`,
    );
  const names = new Set(services.keys());
  for (const { name, policy } of table.services) checkTargets("dependents", name, policy?.dependents ?? [], names);
  refuseCircle(services, "the calls", "its services would wait for each other", calledBy);
  refuseCircle(
    services,
    "the dependents",
    "its services would begin anew for ever",
    ({ policy }) => policy?.dependents ?? [],
  );
}

type Names = ReadonlySet<string>;
type Services = ReadonlyMap<string, NodeEntry>;

function byName(entries: readonly NodeEntry[]): Services {
  const services = new Map<string, NodeEntry>();
  for (const entry of entries) {
    if (services.has(entry.name)) refuse(`service "${entry.name}"`, "a name of its own", "another with it");
    services.set(entry.name, entry);
  }
  return services;
}

function checkEntry(service: ServiceEntry, reachable: Names, topics: Names): void {
  const { name, module, sends = [], calls = [], publishes = [], subscribes = [] } = service;
  checkName("service", name, name);
  if (module.length > limits.moduleLength)
    refuse(`service "${name}"`, `a module of at most ${limits.moduleLength} characters`, `${module.length}`);
  checkLimits(service);
  checkStores(service);
  checkChannels("sends", name, sends, reachable);
  checkChannels("calls", name, calls, reachable);
  checkChannels("publishes", name, publishes);
  if (calls.some(isLatest) || publishes.some(isLatest))
    refuse(`service "${name}"`, "`latest` on channels that it sends to", "it elsewhere");
  checkTargets("subscribes", name, subscribes, topics);
}

function isLatest({ latest }: ChannelEntry): boolean {
  return latest === true;
}

function checkLimits({ name, memoryBytes, budgetSteps, stackSlots = defaultStackSlots, mailbox }: ServiceEntry): void {
  checkRange(name, "memoryBytes", memoryBytes, limits.memoryBytesLeast, limits.memoryBytesMost);
  checkRange(name, "budgetSteps", budgetSteps, 1, limits.budgetStepsMost);
  checkRange(name, "stackSlots", stackSlots, limits.stackSlotsLeast, limits.stackSlotsMost);
  checkRange(name, "mailbox", mailbox, 1, limits.mailboxMost);
}

function checkRange(service: string, what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    refuse(`service "${service}"`, `${what} from ${least} to ${most}`, `${value}`);
}

function checkStores({ name, stores, storesBytes = 1 }: ServiceEntry): void {
  if (stores !== undefined && !/^[!-~]{0,31}$/.test(stores))
    refuse(`stores of service "${name}"`, "a prefix of at most 31 characters from ! to ~", `"${stores}"`);
  if (!Number.isSafeInteger(storesBytes) || storesBytes < 1)
    refuse(`storesBytes of service "${name}"`, "bytes", `${storesBytes}`);
}

/** A start may wait for what was stored, and who is not there yet is dead. Only the start of the reincarnation server never does. */
function checkStorage({ services, reincarnation }: NodeTable): void {
  const storage = services.findIndex(({ name }) => name === "storage");
  const before = services.slice(0, Math.max(0, storage)).filter(({ name }) => name !== reincarnation);
  const early = before.find(({ stores }) => stores !== undefined);
  if (early !== undefined)
    refuse(`stores of service "${early.name}"`, '"storage" before it in the table', "it behind it");
}

/** `list`: of the entry of `service`. `known`: whom it may name. */
function checkChannels(list: string, service: string, channels: readonly ChannelEntry[], known?: Names): void {
  if (channels.length === 0) return;
  checkTargets(list, service, targetsOf(channels), known);
  for (const { to, priority } of channels)
    if (!priorities.includes(priority))
      refuse(`${list} of service "${service}"`, `a priority for "${to}"`, `"${priority}"`);
}

function checkTargets(list: string, service: string, targets: readonly string[], known?: Names): void {
  if (targets.length === 0) return;
  const seen = new Set<string>();
  for (const target of targets) {
    checkName(list, service, target);
    if (known?.has(target) === false) refuse(`${list} of service "${service}"`, "what the table has", `"${target}"`);
    if (seen.has(target)) refuse(`${list} of service "${service}"`, "each name once", `"${target}" twice`);
    seen.add(target);
  }
}

function checkName(list: string, service: string, name: string): void {
  if (name.length > 0 && name.length <= limits.nameLength) return;
  const subject = list === "service" ? `service "${service}"` : `${list} of service "${service}"`;
  refuse(subject, `names of 1 to ${limits.nameLength} characters`, `"${name}"`);
}

/** Whoever stores calls storage. */
function calledBy({ calls, stores }: NodeEntry): readonly string[] {
  return stores === undefined ? targetsOf(calls) : [...targetsOf(calls), "storage"];
}

function targetsOf(channels: readonly ChannelEntry[] = []): string[] {
  return channels.map(({ to }) => to);
}

type Next = (entry: NodeEntry) => readonly string[];

function refuseCircle(services: Services, subject: string, reason: string, next: Next): void {
  const circle = findCircle(services, next);
  if (circle !== undefined) refuse(subject, `no circle, for ${reason}`, circle.join(" → "));
}

/** The names around a circle, or undefined. */
function findCircle(services: Services, next: Next): string[] | undefined {
  const done = new Set<string>();
  /** From where the search began to where it is. */
  const path = new Set<string>();
  const visit = (name: string): string[] | undefined => {
    if (path.has(name)) return [...[...path].slice([...path].indexOf(name)), name];
    if (done.has(name)) return undefined;
    path.add(name);
    const entry = services.get(name);
    for (const to of entry === undefined ? [] : next(entry)) {
      const circle = visit(to);
      if (circle !== undefined) return circle;
    }
    path.delete(name);
    done.add(name);
    return undefined;
  };
  for (const name of services.keys()) {
    const circle = visit(name);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

function refuse(subject: string, wanted: string, found: string): never {
  throw new Error(`Cannot use system table: ${subject}: wanted ${wanted}, found ${found}`);
}
