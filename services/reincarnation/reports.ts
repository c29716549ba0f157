// Makes reports of faults and keeps the last ones, for whoever comes to look when it is over.

import { type Context, isRefusal } from "lughos";
import type { Dispatch, Fault } from "services/api/kernel";
import type { FaultReport } from "wire/fault";
import { packTrace } from "wire/trace";

/** A bad night has its causes in the first of them; so many take 10 KB of the committed state. */
export const reportsKept = 8;
/** Dispatches in one report: enough to see who sent what to whom before, and small enough to be sent at once. */
const tracedEach = 24;

/** Committed. */
export interface Reports {
  /** Of the next report. */
  readonly sequence: number;
  /** Oldest first. */
  readonly kept: readonly FaultReport[];
  /** Number of the last one in storage. */
  readonly stored: number;
  /** Of the last one before this life of the node; null: storage has not said yet. */
  readonly earlier: number | null;
}

export const noReports: Reports = Object.freeze({ sequence: 1, kept: Object.freeze([]), stored: 0, earlier: null });

/** Asked for once the service is started again: what came after the fault is left out of the trace. */
export async function report(fault: Fault, sequence: number, context: Context): Promise<FaultReport> {
  const dispatches = upToFault(fault.service, await askTrace(context));
  const clock = context.wallClock();
  return {
    sequence,
    timeMicros: clock.micros,
    timeQualityMicros: clock.qualityMicros,
    service: fault.service,
    version: fault.version,
    generation: fault.generation,
    kind: fault.kind,
    reason: fault.reason,
    messageType: fault.messageType,
    bytes: fault.bytes,
    memoryBytes: fault.memoryBytes,
    steps: dispatches.at(-1)?.steps ?? null,
    budgetSteps: fault.budgetSteps,
    isReplaced: fault.isReplaced,
    isEarlier: false,
    trace: dispatches.length === 0 ? null : packTrace(dispatches),
  };
}

export function keep(reports: Reports, made: FaultReport): Reports {
  return { ...reports, sequence: made.sequence + 1, kept: reports.kept.concat(made).slice(-reportsKept) };
}

/** Goes on counting behind the reports of former lives, also with those that were made before storage answered. */
export function goOnBehind(reports: Reports, earlier: number): Reports {
  if (reports.earlier !== null) return reports;
  const kept = reports.kept.map((each) => ({ ...each, sequence: each.sequence + earlier }));
  return { sequence: reports.sequence + earlier, kept, stored: earlier, earlier };
}

/** What is in storage, and what is not there yet; oldest first. */
export function merge({ kept, earlier }: Reports, stored: readonly FaultReport[]): readonly FaultReport[] {
  const others = stored.filter(({ sequence }) => !kept.some((each) => each.sequence === sequence));
  return others
    .map((each) => ({ ...each, isEarlier: each.sequence <= (earlier ?? Infinity) }))
    .concat(kept)
    .sort((one, other) => one.sequence - other.sequence);
}

/** The dispatches that ended in the service's last fault; none when that is not among them. */
function upToFault(service: string, dispatches: readonly Dispatch[]): readonly Dispatch[] {
  let end = dispatches.length;
  while (end > 0 && !isFault(service, dispatches[end - 1] as Dispatch)) end--;
  return dispatches.slice(Math.max(0, end - tracedEach), end);
}

function isFault(service: string, { service: of, outcome }: Dispatch): boolean {
  return of === service && outcome !== "ok" && outcome !== "late";
}

/** None when the kernel has no room to answer: a report without a trace is better than no report. */
async function askTrace(context: Context): Promise<readonly Dispatch[]> {
  try {
    return await context.call<readonly Dispatch[]>("kernel", "trace", { isShort: true }, { priority: "HIGH" });
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}
