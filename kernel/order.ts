// Who goes next. With one service ready, it does; with more, the scheduler's plan decides while it is trusted, and the
// built-in order (HIGH before LOW, first come first served) when there is none.
// A plan is worked off and made anew when it is used up or when a HIGH message arrived.

import type { Host } from "kernel/host";
import type { Mailboxes } from "kernel/mailboxes";
import { filled, type KernelState, notReady } from "kernel/state";

/** Small enough to stay an integer on XS, and with room for the sign. */
const bitsEachWord = 30;

export interface Order {
  /** The next service to dispatch; -1 when none is ready. */
  choose(): number;
  /** From now on this service plans; -1: the built-in order. */
  setScheduler(service: number): void;
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
  host.bind(ready, priority, head, order);

  function fillReady(): void {
    for (let word = 0; word < ready.length; word++) ready[word] = 0;
    for (let service = 0; service < count; service++)
      if (priority[service] !== notReady) ready[Math.floor(service / bitsEachWord)]! |= 1 << (service % bitsEachWord);
  }

  /** Every planned service exists, is ready, and stands in the plan once. */
  function isOrder(length: number): boolean {
    if (!Number.isInteger(length) || length < 1 || length > count) return false;
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
    const length = host.plan(scheduler, readyCount());
    if (isOrder(length)) planned = length;
    else distrust(scheduler, length < 0 ? -length : nonsense);
  }

  return {
    choose() {
      if (scheduler === -1 || readyCount() < 2) return first();
      if (cursor >= planned || urgent()) plan();
      while (cursor < planned) {
        const service = order[cursor++]!;
        if (priority[service] !== notReady) return service;
      }
      return first();
    },
    setScheduler(service) {
      scheduler = service;
      cursor = planned = 0;
    },
  };
}

/** Index of "nonsense" among the fault kinds (kernel/host). */
const nonsense = 8;
