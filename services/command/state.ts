// What a node tells about itself every ten seconds: the kernel's figures and what waits on the way out, cut to what the
// wire takes.

import type { Context } from "lughos";
import type { KernelStatistics, ServiceStatistics } from "services/api/kernel";
import { isRefusal } from "services/command/refusal";
import { cutSentence } from "services/command/sentence";
import type { NodeState, OutboxState, ServiceState } from "wire/state";

/** The present state; null while there is no session that it could belong to, or nobody to ask: the next is due soon. */
export async function gatherState(context: Context): Promise<NodeState | null> {
  try {
    return await gather(context);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

async function gather(context: Context): Promise<NodeState | null> {
  const { session, ...outbox } = await context.call<OutboxState & { session: number | null }>("mqtt", "outbox");
  if (session === null) return null;
  const { uptimeMicros, scheduler, services } = await context.call<KernelStatistics>("kernel", "statistics");
  return {
    session,
    timeMicros: context.wallClock().micros,
    uptimeMicros,
    scheduler,
    services: services.map(describeService),
    outbox,
  };
}

function describeService(statistics: ServiceStatistics): ServiceState {
  const { name, state, restarts, generation, lastFault, dispatches, runMicros, bytes, queued, refused, replaced } =
    statistics;
  const fault = lastFault === null ? null : cutSentence(lastFault);
  return {
    name,
    state,
    restarts,
    generation,
    lastFault: fault,
    dispatches,
    runMicros,
    bytes,
    queued,
    refused,
    replaced,
  };
}
