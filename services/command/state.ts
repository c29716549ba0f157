// What a node tells about itself every ten seconds: the kernel's figures and what waits on the way out, cut to what the
// wire takes.

import { type Context, isRefusal } from "lughos";
import { bootOf } from "services/api/boot-record";
import type { JournalStatus } from "services/api/journal";
import type { KernelStatistics, ServiceStatistics } from "services/api/kernel";
import { openStorage } from "services/api/storage-client";
import { lifetimeYears } from "services/command/lifetime";
import { cutSentence } from "wire/sentence";
import type { BootStateReport, JournalState, NodeState, OutboxState, ServiceState, StorageState } from "wire/state";

/** The present state; null while there is no session that it could belong to, or nobody to ask: the next is due soon. */
export async function gatherState(context: Context): Promise<NodeState | null> {
  try {
    return await gather(context);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

type OutboxReply = OutboxState & { readonly session: number | null; readonly poweredSeconds: number };

async function gather(context: Context): Promise<NodeState | null> {
  const { session, poweredSeconds, ...outbox } = await context.call<OutboxReply>("mqtt", "outbox");
  if (session === null) return null;
  const { uptimeMicros, scheduler, services } = await context.call<KernelStatistics>("kernel", "statistics");
  return {
    session,
    timeMicros: context.wallClock().micros,
    uptimeMicros,
    scheduler,
    services: services.map(describeService),
    outbox,
    storage: await describeStorage(poweredSeconds, context),
    journal: await describeJournal(context),
    boot: readBoot(context),
  };
}

/** null also where nobody keeps one. */
async function describeJournal(context: Context): Promise<JournalState | null> {
  try {
    const { records, head, trouble } = await context.call<JournalStatus>("journal", "status");
    return trouble === "" ? { records, head } : null;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

async function describeStorage(poweredSeconds: number, context: Context): Promise<StorageState | null> {
  const status = await openStorage(context).status();
  if (status.error === "failed")
    return { state: "failed", reason: cutSentence(status.message), flashLifetimeYears: null };
  if (status.error !== undefined) return null;
  const { state, reason } = status;
  return { state, reason: cutSentence(reason), flashLifetimeYears: lifetimeYears(status, poweredSeconds) };
}

function readBoot({ configuration }: Context): BootStateReport {
  const { state, reason } = bootOf(configuration);
  return { state, reason: cutSentence(reason) };
}

function describeService(statistics: ServiceStatistics): ServiceState {
  const { name, version, state, restarts, generation, lastFault } = statistics;
  const { dispatches, runMicros, bytes, queued, refused, replaced } = statistics;
  const fault = lastFault === null ? null : cutSentence(lastFault);
  return {
    name,
    version,
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
