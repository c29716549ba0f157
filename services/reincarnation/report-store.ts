// Keeps reports of faults in storage: the last ones, in a ring of keys, so that they are there when the power comes back and never
// take more room. A store that is full or gone costs the reports, and nothing else.

import type { Context } from "lughos";
import { isPassing, openStorage, type StorageClient, type StorageFailure } from "services/api/storage-client";
import { WireError } from "wire/error";
import { decodeFault, encodeFault, type FaultReport } from "wire/fault";

/** A week of trouble, and with `valueBytes` each 32 KB at most. */
export const reportsStored = 32;
const valueBytes = 1_024;
/** Of what the engine said; the whole of it stays in memory as long as the node does. */
const reasonLength = 240;
/** A store that hangs must not hold up the restart of what falls meanwhile. */
const patienceMillis = 1_000;
const prefix = "reincarnation/fault/";

/** All that is stored, in the order of their numbers; null: storage does not answer now. */
export async function recallReports(context: Context): Promise<readonly FaultReport[] | null> {
  const storage = openStorage(context, patienceMillis);
  const found: FaultReport[] = [];
  let after: string | undefined;
  for (let isComplete = false; !isComplete; ) {
    const page = await storage.list(prefix, after);
    if (page.error !== undefined) return isPassing(page) ? null : [];
    for (const { value } of page.entries) found.push(...readReport(value));
    after = page.entries.at(-1)?.key;
    isComplete = page.isComplete || after === undefined;
  }
  return found.sort((one, other) => one.sequence - other.sequence);
}

export interface StoredReports {
  /** Number of the last one. */
  readonly stored: number;
  /** Why there are others still; null: there are none. */
  readonly failure: StorageFailure | null;
}

/** Stores those behind a number, oldest first. */
export async function storeReports(
  reports: readonly FaultReport[],
  behind: number,
  context: Context,
): Promise<StoredReports> {
  const storage = openStorage(context, patienceMillis);
  let stored = behind;
  for (const report of reports) {
    if (report.sequence <= behind) continue;
    const failure = await put(report, storage);
    if (failure !== null) return { stored, failure };
    stored = report.sequence;
  }
  return { stored, failure: null };
}

async function put(report: FaultReport, storage: StorageClient): Promise<StorageFailure | null> {
  const key = prefix + `${report.sequence % reportsStored}`.padStart(2, "0");
  const short = { ...report, reason: cut(report.reason) };
  const whole = encodeFault(short);
  const value = whole.length <= valueBytes ? whole : encodeFault({ ...short, trace: null });
  const reply = await storage.apply([{ key, value }]);
  return reply.error === undefined ? null : reply;
}

/** None for what this firmware cannot read: an older one, or a newer, had other reports. */
function readReport(value: Uint8Array): readonly FaultReport[] {
  try {
    return [decodeFault(value)];
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}

/** Never a character in two. */
function cut(reason: string): string {
  return Array.from(reason).slice(0, reasonLength).join("");
}
