// Replacing a running service, with its state: a scheduler by another policy, a service by another version.
//
// The candidate is made and examined beside the one that runs. When the service has no message in hand, its state is
// exported, the candidate starts with it and takes its place, and its trial begins; the former machine stays whole until
// the trial is over. A fault at any step brings the former one back. Messages wait in the mailbox meanwhile, which belongs
// to neither of them, so that each is delivered once and in order.

import { faultKinds, type Host } from "kernel/host";
import { limits } from "kernel/limits";
import type { Mailboxes } from "kernel/mailboxes";
import type { KernelState } from "kernel/state";
import type { SystemTable } from "kernel/table";
import type { ParkedTimers, Timers } from "kernel/timers";
import type { ParkedSubscriptions, Topics } from "kernel/topics";

const high = 0;

export interface Swaps {
  /** Begins a swap for the service `asker`, which hears of its end in a message "swapped". Answers an error, or null. */
  request(service: number, module: string, asker: number): string | null;
  /** The candidate on trial broke a rule: the former one is back. False: this service is on no trial. */
  giveBack(service: number, reason: string): boolean;
  /** A confirmed scheduler broke a rule: the one before it takes its place. False: there is none. */
  fallBack(service: number): boolean;
  /** Goes on with a swap that waits for its service, or for the end of its trial. */
  poll(): void;
  dueMicros(): number;
  /** What the service runs now. */
  module(service: number): string;
}

interface Parts {
  readonly host: Host;
  readonly table: SystemTable;
  readonly state: KernelState;
  readonly mailboxes: Mailboxes;
  readonly timers: Timers;
  readonly topics: Topics;
  readonly scheduler: number;
  accept(service: number, packed: number): void;
  /** Decisions of the scheduler so far. */
  decisions(): number;
  start(service: number): boolean;
}

interface Swap {
  readonly service: number;
  readonly module: string;
  readonly asker: number;
  readonly begunMicros: number;
  /** When waiting, or the trial, ends. */
  untilMicros: number;
  /** When the trial may end at the earliest. */
  leastMicros: number;
  isTrial: boolean;
  /** Of the trial's beginning. */
  work: number;
  readonly steps: { [step: string]: number };
  former: { readonly timers: ParkedTimers; readonly topics: ParkedSubscriptions; readonly committed: number } | null;
}

export function createSwaps(parts: Parts): Swaps {
  const { host, table, state, mailboxes, timers, topics, scheduler } = parts;
  const { alive, pending, serving, committed, generation } = state;
  const names = table.services.map((service) => service.name);
  const modules = table.services.map((service) => service.module);
  let swap: Swap | null = null;
  /** What a scheduler ran before its last confirmed swap. */
  let lastGood: string | null = null;

  function fault(service: number, packed: number): string {
    return `${faultKinds[-packed] ?? "fault"}: ${host.reason(service)}`;
  }

  function request(service: number, module: string, asker: number): string | null {
    if (swap !== null) return `${names[swap.service]} is being swapped; wait for its end`;
    if (alive[service] === 0) return `${names[service]} is not running`;
    if (modules[service] === module) return `${names[service]} runs ${module} already`;
    const begunMicros = host.monotonicMicros();
    const prepared = host.prepare(service, module, service === scheduler);
    if (prepared < 0) return `${module} is refused: ${fault(service, prepared)}`;
    const preparedMicros = host.monotonicMicros();
    swap = {
      service,
      module,
      asker,
      begunMicros,
      untilMicros: preparedMicros + limits.quiesceMicros,
      leastMicros: 0,
      isTrial: false,
      work: 0,
      steps: { prepareMicros: preparedMicros - begunMicros },
      former: null,
    };
    // As if it waited for a reply: it gets those, and nothing else, until it has no message in hand.
    pending[service]!++;
    mailboxes.refresh(service);
    return null;
  }

  function release(service: number): void {
    pending[service]!--;
    mailboxes.refresh(service);
  }

  function isQuiet(service: number): boolean {
    return pending[service] === 1 && serving[service] === 0;
  }

  /** State out, state in, and the machines change places. */
  function redirect(of: Swap): void {
    const { service, steps } = of;
    const suspendedMicros = host.monotonicMicros();
    // A scheduler that cannot even be suspended is the one that has to go: it must not be able to stay by that.
    const exported = host.suspend(service, committed[service]!, service === scheduler);
    if (exported < 0) {
      abandon(of, `suspend of the running version: ${fault(service, exported)}`);
      return;
    }
    const exportedMicros = host.monotonicMicros();
    steps.suspendMicros = exportedMicros - suspendedMicros;
    host.exchange(service);
    const packed = host.begin(service, exported);
    if (packed < 0) {
      const reason = fault(service, packed);
      host.exchange(service);
      if (exported !== 0) host.release(exported);
      abandon(of, `start of ${of.module}: ${reason}`);
      return;
    }
    of.former = { timers: timers.park(service), topics: topics.park(service), committed: committed[service]! };
    committed[service] = exported;
    generation[service]!++;
    parts.accept(service, packed);
    release(service);
    const now = host.monotonicMicros();
    steps.startMicros = now - exportedMicros;
    of.isTrial = true;
    of.work = work(service);
    of.untilMicros = now + limits.trialMicros;
    of.leastMicros = now + limits.highWaitMicros;
  }

  function work(service: number): number {
    return service === scheduler ? parts.decisions() : host.figures(service).dispatches;
  }

  function abandon(of: Swap, reason: string): void {
    host.discard(of.service);
    release(of.service);
    tell(of, "returned", reason);
  }

  /** The former version's timers count as its own when they go, so it is in its place for that moment. */
  function confirm(of: Swap): void {
    const { service } = of;
    if (of.former !== null) {
      host.exchange(service);
      timers.release(of.former.timers);
      topics.release(of.former.topics);
      host.exchange(service);
      if (of.former.committed !== 0) host.release(of.former.committed);
    }
    host.discard(service);
    if (service === scheduler) lastGood = modules[service]!;
    modules[service] = of.module;
    tell(of, "confirmed", "");
  }

  function tell(of: Swap, outcome: "confirmed" | "returned", reason: string): void {
    const { service, module, asker, begunMicros, steps } = of;
    swap = null;
    const totalMicros = host.monotonicMicros() - begunMicros;
    host.log(outcome === "confirmed" ? "info" : "error", `${names[service]}: swap to ${module} ${outcome} ${reason}`);
    const body = { service: names[service], module, outcome, reason, steps: { ...steps, totalMicros } };
    const message = alive[asker] === 0 ? 0 : host.compose(asker, "swapped", high, body);
    if (message !== 0) mailboxes.enqueue(asker, high, message);
  }

  return {
    request,
    giveBack(service, reason) {
      const of = swap;
      if (of === null || of.service !== service) return false;
      if (!of.isTrial || of.former === null) {
        // The running version faulted while the candidate waited: nothing was changed yet.
        host.discard(service);
        tell(of, "returned", "the running version faulted before the exchange");
        return false;
      }
      host.exchange(service);
      host.discard(service);
      timers.unpark(of.former.timers);
      topics.unpark(of.former.topics);
      if (committed[service] !== 0) host.release(committed[service]!);
      committed[service] = of.former.committed;
      generation[service]!++;
      tell(of, "returned", reason);
      return true;
    },
    fallBack(service) {
      if (service !== scheduler || lastGood === null) return false;
      const module = lastGood;
      lastGood = null;
      host.use(service, module);
      modules[service] = module;
      return parts.start(service);
    },
    poll() {
      if (swap === null) return;
      const of = swap;
      const now = host.monotonicMicros();
      if (!of.isTrial) {
        if (isQuiet(of.service)) redirect(of);
        else if (now >= of.untilMicros) abandon(of, `it had a message in hand for ${limits.quiesceMicros} µs`);
        return;
      }
      const hasWorked = now >= of.leastMicros && work(of.service) - of.work >= limits.trialWork;
      if (hasWorked || now >= of.untilMicros) {
        of.steps.trialMicros = now - of.untilMicros + limits.trialMicros;
        confirm(of);
      }
    },
    dueMicros: () => swap?.untilMicros ?? Infinity,
    module: (service) => modules[service]!,
  };
}
