// Who goes next. With one service ready, it does; with more, the scheduler's plan decides while it is trusted, and the
// built-in order (HIGH before LOW, first come first served) when there is none.
// A plan is worked off and made anew when it is used up or when a HIGH message arrived.

import { faultKinds, type Host } from "kernel/host";
import { limits } from "kernel/limits";
import type { Mailboxes } from "kernel/mailboxes";
import { filled, type KernelState, notReady } from "kernel/state";

const nonsense = faultKinds.indexOf("nonsense");
const starved = faultKinds.indexOf("starved");

/** Small enough to stay an integer on XS, and with room for the sign. */
const bitsEachWord = 30;

export interface Order {
  /** The next service to dispatch; -1 when none is ready. */
  choose(): number;
  /** From now on this service plans; -1: the built-in order. */
  setScheduler(service: number): void;
  /** Plans that were made and kept to the contract. */
  decisions(): number;
}

/** `distrust` is told of a scheduler that broke its contract, with the fault's code. */
export function createOrder(
  host: Host,
  state: KernelState,
  mailboxes: Mailboxes,
  distrust: (scheduler: number, fault: number) => void,
): Order {
  const { count, priority, head } = state;
  const { first, readyCount, urgent } = mailboxes;
  const ready = filled(Math.ceil(count / bitsEachWord), 0);
  const order = filled(count, 0);
  const seen = filled(count, 0);
  let round = 0;
  let scheduler = -1;
  let cursor = 0;
  let planned = 0;
  let decisions = 0;
  /** The service that has had a HIGH message ready for longest and was not chosen, and since when; -1: there is none. */
  let waiter = -1;
  let waitingSince = 0;
  host.bind(ready, priority, head, order);

  function fillReady(): void {
    for (let word = 0; word < ready.length; word++) ready[word] = 0;
    for (let service = 0; service < count; service++) {
      if (priority[service] === notReady) continue;
      ready[Math.floor(service / bitsEachWord)]! |= 1 << (service % bitsEachWord);
    }
  }

  /** Every ready service stands in the plan once, and no other: whoever could be left out could be left out for ever. */
  function isOrder(length: number): boolean {
    if (length !== readyCount()) return false;
    round++;
    for (let index = 0; index < length; index++) {
      const service = order[index]!;
      if (!Number.isInteger(service) || service < 0 || service >= count) return false;
      if (priority[service] === notReady || seen[service] === round) return false;
      seen[service] = round;
    }
    return true;
  }

  function plan(): void {
    cursor = 0;
    planned = 0;
    fillReady();
    const oldest = first();
    if (priority[oldest] !== 0) waiter = -1;
    else if (oldest !== waiter) {
      waiter = oldest;
      waitingSince = host.monotonicMicros();
    }
    const length = host.plan(scheduler, readyCount());
    if (isOrder(length)) {
      planned = length;
      decisions++;
    } else distrust(scheduler, length < 0 ? -length : nonsense);
  }

  /** The scheduler may order as it likes, as long as no HIGH message waits too long for its sake. */
  function isStarving(service: number): boolean {
    if (service === waiter) waiter = -1;
    if (waiter === -1 || priority[waiter] !== 0) return false;
    return host.monotonicMicros() - waitingSince > limits.highWaitMicros;
  }

  function builtIn(): number {
    waiter = -1;
    return first();
  }

  return {
    choose() {
      if (scheduler === -1) return first();
      if (readyCount() < 2) {
        // What is left of the plan was about a moment that is over.
        cursor = planned;
        return builtIn();
      }
      const isUrgent = urgent();
      if (isUrgent || cursor >= planned) plan();
      while (cursor < planned) {
        const service = order[cursor++]!;
        if (priority[service] === notReady) continue;
        if (!isStarving(service)) return service;
        // Whoever plans next, this plan is not worked off.
        cursor = planned = 0;
        distrust(scheduler, starved);
      }
      return builtIn();
    },
    setScheduler(service) {
      scheduler = service;
      cursor = planned = 0;
      waiter = -1;
    },
    decisions: () => decisions,
  };
}
