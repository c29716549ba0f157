// Who goes next. With one service ready, it does; with more, the scheduler's plan decides while it is trusted, and the
// built-in order (HIGH before LOW, first come first served) when there is none.
// A plan is worked off and made anew when it is used up or when a HIGH message arrived.
//
// The host does the same in C within a turn (kernel/turn).

import { faultKinds, type Host } from "kernel/host";
import { limits } from "kernel/limits";
import type { Mailboxes } from "kernel/mailboxes";
import { filled, type KernelState, notReady, registers } from "kernel/state";

const nonsense = faultKinds.indexOf("nonsense");
const starved = faultKinds.indexOf("starved");

/** Registers hold small integers: moments are told modulo eighteen minutes, and compared within a second. */
const momentRange = 2 ** 30;

/** The next service to dispatch, of those that are ready; negative: the scheduler broke its contract, by this fault. */
export type Choose = () => number;

export function createOrder(host: Host, state: KernelState, { first }: Mailboxes): Choose {
  const { count, priority, order, registers: register } = state;
  const seen = filled(count, 0);
  let round = 0;

  function moment(): number {
    return host.monotonicMicros() % momentRange;
  }

  /** Every ready service stands in the plan once, and no other: whoever could be left out could be left out for ever. */
  function isOrder(length: number): boolean {
    if (length !== register[registers.ready]) return false;
    round++;
    for (let index = 0; index < length; index++) {
      const service = order[index]!;
      if (!(service >= 0 && service < count) || priority[service] === notReady || seen[service] === round) return false;
      seen[service] = round;
    }
    return true;
  }

  /** 0, or the fault. */
  function plan(): number {
    const oldest = first();
    if (priority[oldest] !== 0) register[registers.waiter] = -1;
    else if (oldest !== register[registers.waiter]) {
      register[registers.waiter] = oldest;
      register[registers.waited] = 0;
      register[registers.lookedAt] = moment();
    }
    register[registers.urgent] = 0;
    register[registers.cursor] = register[registers.planned] = 0;
    const length = host.plan(register[registers.scheduler]!, register[registers.ready]!);
    if (!isOrder(length)) return length < 0 ? -length : nonsense;
    register[registers.planned] = length;
    register[registers.decisions] = (register[registers.decisions]! + 1) % momentRange;
    return 0;
  }

  /**
   * The scheduler may order as it likes, as long as no HIGH message waits too long for its sake: for its sake is what the
   * dispatches take that it put before it, but not what a single one does, nor that the host itself was stopped in one.
   */
  function isStarving(service: number): boolean {
    const waiter = register[registers.waiter]!;
    if (service === waiter) register[registers.waiter] = -1;
    if (waiter === -1 || service === waiter || priority[waiter] !== 0) return false;
    const now = moment();
    const passedMicros = (now - register[registers.lookedAt]! + momentRange) % momentRange;
    register[registers.lookedAt] = now;
    register[registers.waited]! += Math.min(passedMicros, limits.highWaitEachMicros);
    return register[registers.waited]! > limits.highWaitMicros;
  }

  /** Whoever plans next, this plan is not worked off, and this decision is the built-in order's. */
  function distrust(fault: number): number {
    register[registers.cursor] = register[registers.planned] = 0;
    register[registers.owed] = 1;
    return -fault;
  }

  return () => {
    const isOwed = register[registers.owed] === 1;
    register[registers.owed] = 0;
    // With one ready, what is left of the plan was about a moment that is over.
    if (register[registers.ready]! < 2) register[registers.cursor] = register[registers.planned]!;
    else if (register[registers.scheduler] !== -1 && !isOwed) {
      const isPlanned = register[registers.cursor]! < register[registers.planned]!;
      const fault = register[registers.urgent] === 1 || !isPlanned ? plan() : 0;
      if (fault !== 0) return distrust(fault);
      while (register[registers.cursor]! < register[registers.planned]!) {
        const service = order[register[registers.cursor]!++]!;
        if (priority[service] === notReady) continue;
        return isStarving(service) ? distrust(starved) : service;
      }
    }
    register[registers.waiter] = -1;
    return first();
  };
}
