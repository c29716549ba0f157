// Tells the host what the system table says: each service, its memory and budget, and what it may reach. Once, before the
// kernel is made; from then on the host itself refuses what the table does not grant.

import { defaultStackSlots, type Host, kernelChannel, kernelPort, priorities, type SystemTable } from "kernel/mod";

export function declareTable(host: Host, table: SystemTable): void {
  const names = table.services.map((service) => service.name);
  const level = (priority: string): number => (priorities as readonly string[]).indexOf(priority);
  table.services.forEach((entry, service) => {
    const { name, module, memoryBytes, stackSlots = defaultStackSlots, budgetSteps, mailbox } = entry;
    host.declare(service, name, module, memoryBytes, stackSlots, budgetSteps, mailbox);
    host.configure(service, entry.configuration ?? {});
  });
  // Ports have their indices once all services have theirs.
  table.services.forEach((entry, service) => {
    for (const [verb, channels] of [
      [1, entry.sends ?? []],
      [2, entry.calls ?? []],
    ] as const)
      for (const channel of channels) {
        const target = indexOf(host, names, channel.to);
        if (target !== -1)
          host.grant(service, channel.to, target, level(channel.priority), verb, channel.latest ?? false);
      }
    for (const topic of entry.publishes ?? []) host.grantTopic(service, topic.to, true, false, level(topic.priority));
    for (const topic of entry.subscribes ?? []) host.grantTopic(service, topic, false, true, level("LOW"));
    for (const place of entry.net ?? []) host.permit(service, "net", place);
    if (entry.stores !== undefined) host.permit(service, "store", entry.stores);
  });
}

/** Index of a service or device port; -1 for a port that this host lacks, which then nobody is granted. */
function indexOf(host: Host, names: readonly string[], name: string): number {
  const service = names.indexOf(name);
  if (service !== -1) return service;
  return name === kernelChannel ? kernelPort : host.port(name);
}
