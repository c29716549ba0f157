// Whether what a boot tries works: every service, since a new storage or a new server can break any of them.

import type { Context } from "lughos";
import type { KernelStatistics } from "services/api/kernel";
import type { WatchedServices } from "services/reincarnation/heartbeat";

/** Who has fallen since the boot, is dead, or says that it does not work; null: nobody. Who has a heartbeat is asked by that. */
export async function findAiling(watched: WatchedServices, context: Context): Promise<string | null> {
  const { services } = await context.call<KernelStatistics>("kernel", "statistics");
  for (const { name, state, restarts, lastFault } of services) {
    if (state === "dead" || restarts > 0)
      return `${name} fell on the trial of this boot: ${lastFault ?? "it did not start"}`;
    if (watched[name]?.policy.heartbeatMillis !== undefined) continue;
    const order = { service: name };
    const { isHealthy } = await context.call<{ readonly isHealthy: boolean }>("kernel", "examine", order);
    if (!isHealthy) return `${name} says on the trial of this boot that it does not work`;
  }
  return null;
}
