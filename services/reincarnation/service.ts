// The reincarnation server: hears of every fault, reports it, and starts faulted services again at the moments and from the
// states that the policy says; asks those that promise heartbeats whether they work; and leads live updates.
//
// Its own restart is the kernel's business. Records and reports are committed at every step, so it then goes on where it was;
// faults that nobody could report to it meanwhile show in the kernel's statistics.

import { type Context, defineService, type Tick } from "lughos";
import type { Fault, KernelStatistics, Swapped } from "services/api/kernel";
import type { RestartPolicy } from "services/api/restart";
import { type Beats, beatMillis, due, isStill, type WatchedServices } from "services/reincarnation/heartbeat";
import { cleanRecord, type FaultRecord, faulted, restarted, stepOf } from "services/reincarnation/policy";
import { isRefusal } from "services/reincarnation/refusal";
import { keep, noReports, type Reports, report } from "services/reincarnation/reports";
import { type Move, orderMoves, refuseMoves } from "services/reincarnation/update";

/** A record for each service that ever faulted. */
type Records = { [service: string]: FaultRecord };

interface State {
  readonly records: Records;
  readonly reports: Reports;
}

type RestartReply = { readonly generation: number } | { readonly error: string };
type Begun = { readonly begun: true } | { readonly error: string };

let records: Records;
let reports: Reports;
let timer: number | null;
let watched: WatchedServices;
let beats: Beats;
/** An update is under way, and whoever asked for it waits. */
let isUpdating: boolean;

export default defineService({
  version: "2.0.0",
  stateSchema: 2,
  start(context, committed) {
    const state = committed as State | undefined;
    records = state?.records ?? {};
    reports = state?.reports ?? noReports;
    timer = null;
    watched = (context.configuration.watched as WatchedServices | undefined) ?? {};
    beats = {};
    isUpdating = false;
    if (committed !== undefined) context.after(0, "survey");
    const millis = beatMillis(watched);
    // Counted from the start of each node: a fleet should not look at itself all at once.
    if (millis !== null) context.after(millis, "beat");
  },
  receive: {
    async fault(fault: Fault, context: Context) {
      const { service, kind, generation, reason, messageType } = fault;
      const inHand = messageType === "" ? "" : ` at "${messageType}"`;
      context.log("error", `${service} ${kind}${inHand}, generation ${generation}: ${reason}`);
      if (kind !== "stopped" && isHeld(service))
        context.log("error", `${service} is held; lugh restart starts it again`);
      else if (!fault.isReplaced) note(service, context);
      await restartDue(context);
      const made = await report(fault, reports.sequence, context);
      reports = keep(reports, made);
      commit(context);
      context.publish("fault", made, { priority: "HIGH" });
    },
    due(_tick: Tick, context: Context) {
      timer = null;
      return restartDue(context);
    },
    async survey(_tick: Tick, context: Context) {
      const { services } = await context.call<KernelStatistics>("kernel", "statistics");
      for (const { name, state } of services) if (state === "dead" && !isHeld(name)) note(name, context);
      return restartDue(context);
    },
    async beat(_tick: Tick, context: Context) {
      context.after(beatMillis(watched) ?? 0, "beat");
      await lookAround(context);
    },
    /** From command: a service that is held, or waits, is started again, from its last commit. */
    start({ service }: { readonly service: string }, context: Context) {
      return context.call("kernel", "restart", { service }, { priority: "HIGH" });
    },
    /** From command: the last reports, without their traces; or the one of that number, whole. */
    reports({ sequence }: { readonly sequence: number | null }) {
      if (sequence !== null) return reports.kept.find((each) => each.sequence === sequence) ?? null;
      return reports.kept.map((each) => ({ ...each, trace: null }));
    },
    /** From command: replaces services by other versions, all or none. How it ends is told to it as "swapped". */
    async update({ moves }: { readonly moves: readonly Move[] }, context: Context): Promise<Begun> {
      const refusal = isUpdating
        ? "Cannot swap: another service is being swapped; wait for its end"
        : refuseMoves(moves, watched);
      if (refusal !== null) return { error: refusal };
      const order = { moves: orderMoves(moves, watched), awaitsWord: true };
      const reply = await context.call<Begun>("kernel", "swap", order, { priority: "HIGH" });
      isUpdating = "begun" in reply;
      return reply;
    },
    /** From the kernel: how an update stands. */
    async swapped(end: Swapped, context: Context) {
      if (end.outcome === "proved") {
        // Whoever comes after a fault of ours does not know what was to be made of it.
        const word = { isGood: isUpdating, reason: isUpdating ? "" : "the reincarnation server fell meanwhile" };
        await context.call("kernel", "decide", word, { priority: "HIGH" });
      } else {
        isUpdating = false;
        context.send("command", "swapped", end, { priority: "HIGH" });
      }
    },
  },
  /** Schema 1 was the records alone. */
  migrate: (state) => ({ records: state, reports: { sequence: noReports.sequence, kept: [] } }),
});

function policyOf(service: string): RestartPolicy {
  return watched[service]?.policy ?? {};
}

function isHeld(service: string): boolean {
  return policyOf(service).restart === "hold";
}

function commit(context: Context): void {
  context.commit({ records, reports });
}

function note(service: string, context: Context): void {
  records[service] = faulted(records[service] ?? cleanRecord, context.monotonicMicros(), policyOf(service));
  commit(context);
}

/** Starts what is due, then sets the timer to what is due next. A restart that the kernel did not get to counts as one that failed. */
async function restartDue(context: Context): Promise<void> {
  const nowMicros = context.monotonicMicros();
  for (let service = nextService(); isDue(service, nowMicros); service = nextService()) {
    const due = records[service] ?? cleanRecord;
    const begun = restarted(due, nowMicros, policyOf(service));
    records[service] = begun;
    try {
      await startAgain(service, due, context);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      records[service] = faulted(begun, nowMicros, policyOf(service));
      context.log("error", `Cannot start ${service} again: the kernel answered ${error.answer}`);
    }
    commit(context);
  }
  setTimer(context, nowMicros);
}

/**
 * One that the kernel answers with an error is not repeated: the service runs already, or fell as it started, and then a fault is
 * on its way to us.
 */
async function startAgain(service: string, record: FaultRecord, context: Context): Promise<void> {
  const policy = policyOf(service);
  const step = stepOf(record, policy);
  if (step === "reboot") {
    const reason = `${service} does not come back, and the node is no use without it`;
    await context.call("kernel", "reboot", { reason }, { priority: "HIGH" });
  }
  const order = step === "commit" ? { service } : { service, from: step };
  const reply = await context.call<RestartReply>("kernel", "restart", order, { priority: "HIGH" });
  if ("error" in reply) {
    context.log("error", reply.error);
    return;
  }
  const from = { commit: "", former: ", from the version before", table: ", from what the table gives", reboot: "" }[
    step
  ];
  context.log("info", `${service} was started again${from}, generation ${reply.generation}`);
  // Whoever depends on it begins anew too; one that is dead does so anyway.
  for (const dependent of policy.dependents ?? [])
    await context.call("kernel", "stop", { service: dependent }, { priority: "HIGH" });
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

/** A service that does nothing is stopped, which comes back to us as its fault. A kernel without room is asked next time. */
async function lookAround(context: Context): Promise<void> {
  const nowMicros = context.monotonicMicros();
  try {
    const { services } = await context.call<KernelStatistics>("kernel", "statistics");
    for (const statistics of due(watched, services, beats, nowMicros)) {
      const { name, generation, dispatches } = statistics;
      const isLost = policyOf(name).isBusy === true && isStill(statistics, beats[name]);
      beats[name] = { atMicros: nowMicros, generation, dispatches };
      const order = { service: name };
      const { isHealthy } = await context.call<{ readonly isHealthy: boolean }>("kernel", "examine", order);
      if (isLost || !isHealthy) await context.call("kernel", "stop", { ...order, isSilent: true });
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
    context.log("warning", `Cannot look after the services: the kernel answered ${error.answer}`);
  }
}
