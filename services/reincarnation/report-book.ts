// The reports of faults: those of this life in memory, committed, and in storage soon after they were made; those of former lives in
// storage alone.

import type { Context } from "lughos";
import type { Fault } from "services/api/kernel";
import { isPassing } from "services/api/storage-client";
import { recallReports, storeReports } from "services/reincarnation/report-store";
import { goOnBehind, keep, merge, noReports, type Reports, report } from "services/reincarnation/reports";
import type { FaultReport } from "wire/fault";

/** Between two writes: a storm of faults must not wear out the flash. */
const storeMillis = 10_000;

/** Type of the message that asks for `store`. */
const storeType = "store";

export class ReportBook {
  #reports: Reports;
  #timer: number | null = null;
  /** When reports were last stored. */
  #storedMicros = -Infinity;
  /** Why they could not be; told once. */
  #trouble = "";

  constructor(reports: Reports = noReports) {
    this.#reports = reports;
  }

  /** To be committed. */
  get state(): Reports {
    return this.#reports;
  }

  async add(fault: Fault, context: Context): Promise<FaultReport> {
    const made = await report(fault, this.#reports.sequence, context);
    this.#reports = keep(this.#reports, made);
    return made;
  }

  /** All that are known, oldest first. */
  async readAll(context: Context): Promise<readonly FaultReport[]> {
    return merge(this.#reports, (await recallReports(context)) ?? []);
  }

  /** At once, but for what follows soon; nothing, where nothing was made. */
  storeSoon(context: Context): void {
    const waitMicros = this.#storedMicros + storeMillis * 1_000 - context.monotonicMicros();
    if (this.#timer !== null || this.#reports.kept.length === 0) return;
    this.#timer = context.after(Math.max(0, Math.ceil(waitMicros / 1_000)), storeType);
  }

  /** What cannot be stored now is tried again. */
  async store(context: Context): Promise<void> {
    this.#timer = null;
    this.#storedMicros = context.monotonicMicros();
    if (!(await this.#storeNow(context))) this.storeSoon(context);
  }

  /** Whether all is stored that can be stored. */
  async #storeNow(context: Context): Promise<boolean> {
    const recalled = this.#reports.earlier === null ? await recallReports(context) : [];
    if (recalled === null) return false;
    this.#reports = goOnBehind(this.#reports, recalled.at(-1)?.sequence ?? 0);
    const { stored, failure } = await storeReports(this.#reports.kept, this.#reports.stored, context);
    this.#reports = { ...this.#reports, stored };
    const trouble = failure === null || failure.error === "not-capable" ? "" : failure.message;
    if (trouble !== "" && trouble !== this.#trouble)
      context.log("warning", `Cannot store reports of faults: ${trouble}`);
    this.#trouble = trouble;
    return failure === null || !isPassing(failure);
  }
}
