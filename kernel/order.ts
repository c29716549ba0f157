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
  /** Since when a HIGH message has been ready and was not chosen; -1: none is. */
  let highSince = -1;
  host.bind(ready, priority, head, order);

  /** Answers how many services have a HIGH message. */
  function fillReady(): number {
    let high = 0;
    for (let word = 0; word < ready.length; word++) ready[word] = 0;
    for (let service = 0; service < count; service++) {
      if (priority[service] === notReady) continue;
      if (priority[service] === 0) high++;
      ready[Math.floor(service / bitsEachWord)]! |= 1 << (service % bitsEachWord);
    }
    return high;
  }

  /** Every planned service exists, is ready and stands in the plan once, and none with a HIGH message is left out. */
  function isOrder(length: number, high: number): boolean {
    if (!Number.isInteger(length) || length < 1 || length > count) return false;
    round++;
    let left = high;
    for (let index = 0; index < length; index++) {
      const service = order[index]!;
      if (!Number.isInteger(service) || service < 0 || service >= count) return false;
      if (priority[service] === notReady || seen[service] === round) return false;
      seen[service] = round;
      if (priority[service] === 0) left--;
    }
    return left === 0;
  }

  function plan(): void {
    cursor = 0;
    planned = 0;
    const high = fillReady();
    const length = host.plan(scheduler, readyCount());
    if (high === 0) highSince = -1;
    else if (highSince === -1) highSince = host.monotonicMicros();
    if (isOrder(length, high)) {
      planned = length;
      decisions++;
    } else distrust(scheduler, length < 0 ? -length : nonsense);
  }

  /** The scheduler may order as it likes, as long as no HIGH message waits too long for its sake. */
  function isStarving(service: number): boolean {
    if (priority[service] === 0) highSince = -1;
    return highSince !== -1 && host.monotonicMicros() - highSince > limits.highWaitMicros;
  }

  return {
    choose() {
      if (scheduler === -1) return first();
      if (readyCount() < 2) {
        // What is left of the plan was about a moment that is over.
        cursor = planned;
        return first();
      }
      const isUrgent = urgent();
      if (isUrgent || cursor >= planned) plan();
      while (cursor < planned) {
        const service = order[cursor++]!;
        if (priority[service] === notReady) continue;
        if (!isStarving(service)) return service;
        highSince = -1;
        distrust(scheduler, starved);
      }
      return first();
    },
    setScheduler(service) {
      scheduler = service;
      cursor = planned = 0;
      highSince = -1;
    },
    decisions: () => decisions,
  };
}
