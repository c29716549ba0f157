// Which service lives and does nothing. Pure: takes what the kernel counted, and what each says of itself.

import type { ServiceStatistics } from "services/api/kernel";
import type { Watched } from "services/api/restart";

/** What was counted of a service at its last heartbeat. */
export interface Beat {
  readonly atMicros: number;
  readonly generation: number;
  readonly dispatches: number;
}

export type Beats = { [service: string]: Beat };
export type WatchedServices = { readonly [service: string]: Watched };

/** How long until somebody has to be looked at again; null: nobody is ever. */
export function beatMillis(watched: WatchedServices): number | null {
  let shortest: number | null = null;
  for (const service in watched) {
    const { heartbeatMillis } = watched[service]?.policy ?? {};
    if (heartbeatMillis !== undefined) shortest = Math.min(shortest ?? heartbeatMillis, heartbeatMillis);
  }
  return shortest;
}

/** Those whose heartbeat is due; a dead one has none. */
export function due(
  watched: WatchedServices,
  services: readonly ServiceStatistics[],
  beats: Beats,
  nowMicros: number,
): readonly ServiceStatistics[] {
  return services.filter(({ name, state }) => {
    const { heartbeatMillis } = watched[name]?.policy ?? {};
    if (heartbeatMillis === undefined || state === "dead") return false;
    return nowMicros - (beats[name]?.atMicros ?? -Infinity) >= heartbeatMillis * 1000;
  });
}

/** Given nothing at all since its last heartbeat, in one life: its timer is lost. */
export function isStill({ generation, dispatches }: ServiceStatistics, last: Beat | undefined): boolean {
  return last !== undefined && last.generation === generation && last.dispatches === dispatches;
}
