// The reincarnation server: hears of every fault, reports it, and starts faulted services again at the moments and from the
// states that the policy says; asks those that promise heartbeats whether they work; and leads live updates.
//
// Its own restart is the kernel's business. Records and reports are committed at every step, so it then goes on where it was;
// faults that nobody could report to it meanwhile show in the kernel's statistics.

import { type Context, defineService, isRefusal, type Tick } from "lughos";
import { bootOf } from "services/api/boot-record";
import { journalLimits } from "services/api/journal";
import type { Fault, KernelStatistics, Swapped } from "services/api/kernel";
import type { RestartPolicy } from "services/api/restart";
import { findAiling } from "services/reincarnation/boot-trial";
import {
  type Debt,
  fell,
  isPaid,
  noDebt,
  pay,
  readEnd,
  tellJournal,
  type Update,
  writeDown,
} from "services/reincarnation/durable";
import { type Beats, beatMillis, due, isStill, type WatchedServices } from "services/reincarnation/heartbeat";
import { ReportBook } from "services/reincarnation/report-book";
import type { Reports } from "services/reincarnation/reports";
import { type Records, Restarts } from "services/reincarnation/restarts";
import { findStubborn, orderMoves } from "services/reincarnation/update";
import { cutSentence } from "wire/sentence";

interface State {
  readonly records: Records;
  readonly reports: Reports;
  readonly update: Update | null;
  readonly debt: Debt;
}

type Begun = { readonly begun: true } | { readonly needsReboot: true } | { readonly error: string };

const byReboot = "it takes part in every update itself; it is replaced by a reboot, from the boot record";

let records: Records;
let restarts: Restarts;
let book: ReportBook;
let watched: WatchedServices;
let beats: Beats;
/** The one that is under way, and for which whoever asked waits. */
let update: Update | null;
/** A former life began it: whoever comes after a fault of ours does not know what was to be made of it. */
let isInherited: boolean;
let debt: Debt;
let debtTimer: number | null;

/** The journal is asked again so much later: as long as storage may take to come back. */
const debtMillis = 5_000;

export default defineService({
  version: "2.1.0",
  stateSchema: 3,
  start(context, committed) {
    const state = committed as State | undefined;
    records = state?.records ?? {};
    restarts = new Restarts({ records, policyOf, commit, turnedBack });
    book = new ReportBook(state?.reports);
    watched = (context.configuration.watched as WatchedServices | undefined) ?? {};
    beats = {};
    update = state?.update ?? null;
    isInherited = update !== null;
    debt = state?.debt ?? noDebt;
    if (committed !== undefined) context.after(0, "survey");
    // A fall of ours begins it anew, and ends it: whoever tries us counts our restarts too.
    if (bootOf(context.configuration).state === "trial") context.after(journalLimits.trialMillis, "judge");
    book.storeSoon(context);
    debtTimer = isPaid(debt) ? null : context.after(debtMillis, "settle");
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
      else if (fault.isReplaced) turnedBack(service, context);
      else restarts.note(service, context);
      await restarts.startDue(context);
      const made = await book.add(fault, context);
      commit(context);
      context.publish("fault", made, { priority: "HIGH" });
      book.storeSoon(context);
    },
    async store(_tick: Tick, context: Context) {
      await book.store(context);
      commit(context);
    },
    /** What has changed without an order is written down; what the journal does not take now is told again. */
    settle(_tick: Tick, context: Context) {
      debtTimer = null;
      return settle(context);
    },
    due(_tick: Tick, context: Context) {
      restarts.ticked();
      return restarts.startDue(context);
    },
    async survey(_tick: Tick, context: Context) {
      const statistics = await context.call<KernelStatistics>("kernel", "statistics");
      for (const { name, state } of statistics.services)
        if (state === "dead" && !isHeld(name)) restarts.note(name, context);
      await restarts.startDue(context);
      // We fell over the message that told its end.
      if (update !== null && !statistics.isSwapping) await finish(readEnd(update, statistics), context);
    },
    async beat(_tick: Tick, context: Context) {
      context.after(beatMillis(watched) ?? 0, "beat");
      await lookAround(context);
    },
    /** What this boot tries stays, or the next boot has what was before. */
    async judge(_tick: Tick, context: Context) {
      const reason = await findAiling(watched, context);
      if (reason !== null) {
        await tellJournal("revert", { reason: cutSentence(reason) }, context);
        await context.call("kernel", "reboot", { reason, isSafe: false }, { priority: "HIGH" });
      } else if ((await tellJournal("confirm", {}, context)) !== null) context.after(debtMillis, "judge");
    },
    /** From command: a service that is held, or waits, is started again, from its last commit. */
    start({ service }: { readonly service: string }, context: Context) {
      return context.call("kernel", "restart", { service }, { priority: "HIGH" });
    },
    /** From command: the last reports, without their traces; or the one of that number, whole. */
    async reports({ sequence }: { readonly sequence: number | null }, context: Context) {
      const all = await book.readAll(context);
      if (sequence !== null) return all.find((each) => each.sequence === sequence) ?? null;
      return all.map((each) => ({ ...each, trace: null }));
    },
    /** From command: replaces services by other versions, all or none. How it ends is told to it as "swapped". */
    async update({ moves, entry = null }: Update, context: Context): Promise<Begun> {
      const refusal = refuseNow();
      if (refusal !== null) return { error: refusal };
      const stubborn = findStubborn(moves, watched);
      if (stubborn !== null)
        return entry === null ? { error: `Cannot swap ${stubborn}: ${byReboot}` } : { needsReboot: true };
      const order = { moves: orderMoves(moves, watched), awaitsWord: true };
      const reply = await context.call<Begun>("kernel", "swap", order, { priority: "HIGH" });
      if ("begun" in reply) begin({ moves, entry }, context);
      return reply;
    },
    /** From the kernel: how an update stands. */
    async swapped(end: Swapped, context: Context) {
      if (end.outcome === "proved") await giveWord(context);
      else await finish(end, context);
    },
  },
});

function policyOf(service: string): RestartPolicy {
  return watched[service]?.policy ?? {};
}

function isHeld(service: string): boolean {
  return policyOf(service).restart === "hold";
}

function commit(context: Context): void {
  context.commit({ records, reports: book.state, update, debt });
}

// ── Updates ──

/** Why nothing can be updated at this moment, or null. */
function refuseNow(): string | null {
  if (update !== null && !isInherited) return "Cannot swap: another service is being swapped; wait for its end";
  return debt.abandoned === null ? null : "Cannot swap: the journal has still to take back the last one";
}

function begin(begun: Update, context: Context): void {
  update = begun;
  isInherited = false;
  commit(context);
}

/** The candidates have proved themselves. The boot record says so before the kernel hears it. */
async function giveWord(context: Context): Promise<void> {
  const reason = update === null || isInherited ? fell : await writeDown(update, context);
  await context.call("kernel", "decide", { isGood: reason === null, reason: reason ?? "" }, { priority: "HIGH" });
}

/** Whoever asked hears of it once the journal has. */
async function finish(end: Swapped, context: Context): Promise<void> {
  const entry = update?.entry ?? null;
  update = null;
  if (end.outcome === "returned" && entry !== null)
    debt = { ...debt, abandoned: { entry, reason: cutSentence(end.reason) } };
  commit(context);
  if (debt.abandoned !== null) await settle(context);
  context.send("command", "swapped", end, { priority: "HIGH" });
}

/** It runs another version than the one that was written down, perhaps: the journal finds out, once there is time. */
function turnedBack(service: string, context: Context): void {
  if (debt.turnedBack.includes(service)) return;
  debt = { ...debt, turnedBack: [...debt.turnedBack, service] };
  commit(context);
  if (debtTimer === null) debtTimer = context.after(0, "settle");
}

/** Not as long as an update may change what it is about. */
async function settle(context: Context): Promise<void> {
  if (update === null) debt = await pay(debt, context);
  commit(context);
  if (debtTimer === null && !isPaid(debt)) debtTimer = context.after(debtMillis, "settle");
}

// ── Heartbeats ──

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
