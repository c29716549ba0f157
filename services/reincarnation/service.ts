// The reincarnation server: starts faulted services again, at the moments that the policy says.
// Its own restart is the kernel's business. The records are committed at every step, so it then goes on where it was;
// faults that nobody could report to it meanwhile show in the kernel's statistics.

import { type Context, defineService, type Refusal } from "lughos";
import type { Fault, KernelStatistics } from "services/api/kernel";
import { cleanRecord, type FaultRecord, faulted, restarted } from "services/reincarnation/policy";

/** Committed state: a record for each service that ever faulted. */
type Records = { [service: string]: FaultRecord };

type RestartReply = { readonly generation: number } | { readonly error: string };

let records: Records;
let timer: number | null;

export default defineService({
  version: "1.0.0",
  stateSchema: 1,
  start(context, state) {
    records = (state as Records | undefined) ?? {};
    timer = null;
    if (state !== undefined) context.after(0, "survey");
  },
  receive: {
    async fault(fault: Fault, context: Context) {
      context.log(
        "error",
        `${fault.service} ${fault.kind}${inHand(fault)}, generation ${fault.generation}: ${fault.reason}`,
      );
      context.publish("fault", fault, { priority: "HIGH" });
      await schedule([fault.service], context);
    },
    async due(_tick, context: Context) {
      timer = null;
      await restartDue(context);
    },
    async survey(_tick, context: Context) {
      const { services } = await context.call<KernelStatistics>("kernel", "statistics");
      await schedule(
        services.filter(({ state }) => state === "dead").map(({ name }) => name),
        context,
      );
    },
  },
});

function inHand({ messageType }: Fault): string {
  return messageType === "" ? "" : ` at "${messageType}"`;
}

async function schedule(dead: readonly string[], context: Context): Promise<void> {
  for (const service of dead) records[service] = faulted(records[service] ?? cleanRecord, context.monotonicMicros());
  context.commit(records);
  await restartDue(context);
}

/** Starts what is due, then sets the timer to what is due next. */
async function restartDue(context: Context): Promise<void> {
  for (const [service, record] of Object.entries(records))
    if (record.dueMicros !== null && record.dueMicros <= context.monotonicMicros())
      await restart(service, record, context);
  const moments = Object.values(records).flatMap(({ dueMicros }) => dueMicros ?? []);
  if (timer !== null) context.cancel(timer);
  timer =
    moments.length === 0
      ? null
      : context.after(Math.max(0, Math.ceil((Math.min(...moments) - context.monotonicMicros()) / 1000)), "due");
}

/**
 * A restart that the kernel did not get to counts as one that failed. One that it answers with an error is not repeated:
 * the service runs already, or fell as it started, and then a fault is on its way to us.
 */
async function restart(service: string, record: FaultRecord, context: Context): Promise<void> {
  const begun = restarted(record, context.monotonicMicros());
  records[service] = begun;
  try {
    const reply = await context.call<RestartReply>("kernel", "restart", { service }, { priority: "HIGH" });
    if ("error" in reply) context.log("error", reply.error);
    else context.log("info", `${service} was started again, generation ${reply.generation}`);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    records[service] = faulted(begun, context.monotonicMicros());
    context.log("error", `Cannot start ${service} again: the kernel answered ${error.answer}`);
  }
  context.commit(records);
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && "answer" in error;
}
