// Tells the host what the system table says: each service, its memory and budget, and what it may reach. Once, before the
// kernel is made; from then on the host itself refuses what the table does not grant.

import {
  type ChannelEntry,
  defaultStackSlots,
  type Host,
  kernelChannel,
  kernelPort,
  type Priority,
  priorities,
  type SystemTable,
} from "kernel/mod";

const verbs = Object.freeze({ send: 1, call: 2 });

export function declareTable(host: Host, table: SystemTable): void {
  const indices = new Map<string, number>();
  table.services.forEach((entry, service) => {
    const { name, module, runs = module, memoryBytes, stackSlots = defaultStackSlots, budgetSteps, mailbox } = entry;
    indices.set(name, service);
    host.declare(service, name, runs, memoryBytes, stackSlots, budgetSteps, mailbox);
    host.configure(service, entry.configuration ?? {});
  });
  // Ports have their indices once all services have theirs.
  table.services.forEach((entry, service) => {
    entry.sends?.forEach((channel) => {
      grant(host, indices, service, channel, verbs.send);
    });
    entry.calls?.forEach((channel) => {
      grant(host, indices, service, channel, verbs.call);
    });
    entry.publishes?.forEach(({ to, priority }) => {
      host.grantTopic(service, to, true, false, levelOf(priority));
    });
    entry.subscribes?.forEach((topic) => {
      host.grantTopic(service, topic, false, true, levelOf("LOW"));
    });
    entry.net?.forEach((place) => {
      host.permit(service, "net", place);
    });
    if (entry.stores !== undefined) host.permit(service, "store", entry.stores);
  });
}

function levelOf(priority: Priority): number {
  return priorities.indexOf(priority);
}

function grant(
  host: Host,
  indices: ReadonlyMap<string, number>,
  service: number,
  channel: ChannelEntry,
  verb: number,
): void {
  const { to, priority, latest = false } = channel;
  const target = indices.get(to) ?? portOf(host, to);
  if (target !== -1) host.grant(service, to, target, levelOf(priority), verb, latest);
}

/** Index of a device port; -1 for one that this host lacks, which then nobody is granted. */
function portOf(host: Host, name: string): number {
  return name === kernelChannel ? kernelPort : host.port(name);
}
