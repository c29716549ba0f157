// Looks a system table over before a node comes up with it: what could only fail in the field is refused here, by the name
// of the entry at fault. Unknown names, circles of calls, limits that contradict.

import {
  type ChannelEntry,
  defaultStackSlots,
  kernelChannel,
  limits,
  priorities,
  type ServiceEntry,
  type SystemTable,
} from "kernel/mod";

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
  checkStores(subject, service);
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

function checkStores(subject: string, { stores, storesBytes = 1 }: ServiceEntry): void {
  if (stores !== undefined && !/^[!-~]{0,31}$/.test(stores))
    refuse(`stores of ${subject}`, "a prefix of at most 31 characters from ! to ~", `"${stores}"`);
  if (!Number.isSafeInteger(storesBytes) || storesBytes < 1)
    refuse(`storesBytes of ${subject}`, "bytes", `${storesBytes}`);
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
