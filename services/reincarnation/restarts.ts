// Starts faulted services again, each when its record says so and from what it says. What is left to whoever owns this: to commit the
// records at every step, and to hear which services came back from an older version.

import { type Context, isRefusal } from "lughos";
import type { RestartPolicy } from "services/api/restart";
import { cleanRecord, type FaultRecord, faulted, restarted, stepOf } from "services/reincarnation/policy";

/** A record for each service that ever faulted. */
export type Records = { [service: string]: FaultRecord };

type RestartReply = { readonly generation: number } | { readonly error: string };

export interface RestartsOptions {
  readonly records: Records;
  policyOf(service: string): RestartPolicy;
  /** They have changed. */
  commit(context: Context): void;
  /** It was started from another version than the one that fell, perhaps. */
  turnedBack(service: string, context: Context): void;
}

/** Type of the message that asks for `startDue`. */
const dueType = "due";

export class Restarts {
  readonly #options: RestartsOptions;
  #timer: number | null = null;

  constructor(options: RestartsOptions) {
    this.#options = options;
  }

  note(service: string, context: Context): void {
    const { records, policyOf, commit } = this.#options;
    records[service] = faulted(records[service] ?? cleanRecord, context.monotonicMicros(), policyOf(service));
    commit(context);
  }

  /** The timer has come. */
  ticked(): void {
    this.#timer = null;
  }

  /** Then sets the timer to what is due next. A restart that the kernel did not get to counts as one that failed. */
  async startDue(context: Context): Promise<void> {
    const { records, policyOf, commit } = this.#options;
    const nowMicros = context.monotonicMicros();
    for (let service = this.#next(); this.#isDue(service, nowMicros); service = this.#next()) {
      const due = records[service] ?? cleanRecord;
      const begun = restarted(due, nowMicros, policyOf(service));
      records[service] = begun;
      try {
        await this.#start(service, due, context);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        records[service] = faulted(begun, nowMicros, policyOf(service));
        context.log("error", `Cannot start ${service} again: the kernel answered ${error.answer}`);
      }
      commit(context);
    }
    this.#setTimer(context, nowMicros);
  }

  /**
   * One that the kernel answers with an error is not repeated: the service runs already, or fell as it started, and then a fault
   * is on its way to us.
   */
  async #start(service: string, record: FaultRecord, context: Context): Promise<void> {
    const policy = this.#options.policyOf(service);
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
    const from = { commit: "", former: ", from the version before", table: ", from what the table gives", reboot: "" };
    context.log("info", `${service} was started again${from[step]}, generation ${reply.generation}`);
    if (step !== "commit") this.#options.turnedBack(service, context);
    // Whoever depends on it begins anew too; one that is dead does so anyway.
    for (const dependent of policy.dependents ?? [])
      await context.call("kernel", "stop", { service: dependent }, { priority: "HIGH" });
  }

  /** The one that is due first; "" when none waits. */
  #next(): string {
    const { records } = this.#options;
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

  #isDue(service: string, nowMicros: number): boolean {
    const dueMicros = this.#options.records[service]?.dueMicros ?? null;
    return dueMicros !== null && dueMicros <= nowMicros;
  }

  #setTimer(context: Context, nowMicros: number): void {
    if (this.#timer !== null) context.cancel(this.#timer);
    const dueMicros = this.#options.records[this.#next()]?.dueMicros ?? null;
    this.#timer = dueMicros === null ? null : context.after(Math.ceil((dueMicros - nowMicros) / 1000), dueType);
  }
}
