// The reincarnation server: starts faulted services again, at the moments that the policy says.
// Its own restart is the kernel's business. The records are committed at every step, so it then goes on where it was;
// faults that nobody could report to it meanwhile show in the kernel's statistics.

import { type Context, defineService, type Refusal, type Tick } from "lughos";
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
    fault(fault: Fault, context: Context) {
      const { service, kind, generation, reason, messageType } = fault;
      const inHand = messageType === "" ? "" : ` at "${messageType}"`;
      context.log("error", `${service} ${kind}${inHand}, generation ${generation}: ${reason}`);
      context.publish("fault", fault, { priority: "HIGH" });
      if (fault.isReplaced) return;
      note(service, context);
      return restartDue(context);
    },
    due(_tick: Tick, context: Context) {
      timer = null;
      return restartDue(context);
    },
    async survey(_tick: Tick, context: Context) {
      const { services } = await context.call<KernelStatistics>("kernel", "statistics");
      for (const { name, state } of services) if (state === "dead") note(name, context);
      return restartDue(context);
    },
  },
});

function note(service: string, context: Context): void {
  records[service] = faulted(records[service] ?? cleanRecord, context.monotonicMicros());
  context.commit(records);
}

/**
 * Starts what is due, then sets the timer to what is due next. A restart that the kernel did not get to counts as one that
 * failed. One that it answers with an error is not repeated: the service runs already, or fell as it started, and then a
 * fault is on its way to us.
 */
async function restartDue(context: Context): Promise<void> {
  const nowMicros = context.monotonicMicros();
  for (let service = nextService(); isDue(service, nowMicros); service = nextService()) {
    const record = restarted(records[service] ?? cleanRecord, nowMicros);
    records[service] = record;
    try {
      const reply = await context.call<RestartReply>("kernel", "restart", { service }, { priority: "HIGH" });
      if ("error" in reply) context.log("error", reply.error);
      else context.log("info", `${service} was started again, generation ${reply.generation}`);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      records[service] = faulted(record, nowMicros);
      context.log("error", `Cannot start ${service} again: the kernel answered ${error.answer}`);
    }
    context.commit(records);
  }
  setTimer(context, nowMicros);
}

/** The one that is due first; "" when none waits. */
function nextService(): string {
  let next = "";
  let nextMicros = Infinity;
  for (const service in records) {
    const dueMicros = records[service]?.dueMicros ?? Infinity;
    if (dueMicros >= nextMicros) continue;
    next = service;
    nextMicros = dueMicros;
  }
  return next;
}

function isDue(service: string, nowMicros: number): boolean {
  const dueMicros = records[service]?.dueMicros ?? null;
  return dueMicros !== null && dueMicros <= nowMicros;
}

function setTimer(context: Context, nowMicros: number): void {
  if (timer !== null) context.cancel(timer);
  const dueMicros = records[nextService()]?.dueMicros ?? null;
  timer = dueMicros === null ? null : context.after(Math.ceil((dueMicros - nowMicros) / 1000), "due");
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && "answer" in error;
}
