// Timers: each is one message that comes back. A tick that is due while the last one still waits is counted, not queued.
// From one second on they align to UTC while the clock is trusted, so that the readings of a fleet share their seconds.

import type { Host } from "kernel/host";
import { limits } from "kernel/limits";
import type { Mailboxes } from "kernel/mailboxes";
import { type KernelState, roles } from "kernel/state";

/** Ticks wait behind what was sent at HIGH, before what is merely LOW. */
const tickPriority = 1;

interface Timer {
  readonly handle: number;
  readonly service: number;
  readonly isPeriodic: boolean;
  readonly intervalMicros: number;
  dueMicros: number;
  missed: number;
  isQueued: boolean;
  /** Of a former version on whose place another one is on trial. */
  isParked: boolean;
}

export interface Timers {
  add(service: number, handle: number, isPeriodic: boolean): void;
  cancel(handle: number): void;
  /** Cancels the parked ones of a service, or the others. */
  cancelAll(service: number, isParked?: boolean): void;
  /** Parked timers stand still. */
  park(service: number, isParked: boolean): void;
  /** A tick leaves its mailbox to be dispatched. */
  delivered(handle: number): void;
  /** Queues what is due. */
  fire(): void;
  /** Monotonic time of the next tick, Infinity when there is none. */
  dueMicros(): number;
}

export function createTimers(host: Host, state: KernelState, mailboxes: Mailboxes): Timers {
  let timers: Timer[] = [];
  let nextDue = Infinity;

  /** The first moment after `now`: on the UTC grid, or whole intervals after `base`. */
  function nextTick(base: number, now: number, interval: number): number {
    const offset = host.utcOffsetMicros();
    const origin = interval < limits.alignedIntervalMicros || Number.isNaN(offset) ? base : -offset;
    return origin + (Math.floor((now - origin) / interval) + 1) * interval;
  }

  function find(handle: number): Timer | undefined {
    return timers.find((timer) => timer.handle === handle);
  }

  function end(timer: Timer): void {
    timers = timers.filter((other) => other !== timer);
    if (timer.isQueued) mailboxes.unqueue(timer.service, timer.handle);
    state.role[timer.handle] = roles.message;
    host.release(timer.handle);
  }

  function tick(timer: Timer, now: number): void {
    const late = timer.isPeriodic ? Math.floor((now - timer.dueMicros) / timer.intervalMicros) : 0;
    timer.missed += late + (timer.isQueued ? 1 : 0);
    timer.dueMicros = timer.isPeriodic ? nextTick(timer.dueMicros, now, timer.intervalMicros) : Infinity;
    if (timer.isQueued) return;
    timer.isQueued = true;
    mailboxes.enqueue(timer.service, tickPriority, timer.handle);
  }

  return {
    add(service, handle, isPeriodic) {
      const intervalMicros = host.interval(handle);
      const now = host.monotonicMicros();
      const dueMicros = isPeriodic ? nextTick(now, now, intervalMicros) : now + intervalMicros;
      state.role[handle] = roles.tick;
      timers.push({
        handle,
        service,
        isPeriodic,
        intervalMicros,
        dueMicros,
        missed: 0,
        isQueued: false,
        isParked: false,
      });
      nextDue = Math.min(nextDue, dueMicros);
    },
    cancel(handle) {
      const timer = find(handle);
      if (timer !== undefined) end(timer);
    },
    cancelAll(service, isParked = false) {
      for (const timer of timers) if (timer.service === service && timer.isParked === isParked) end(timer);
    },
    park(service, isParked) {
      for (const timer of timers) {
        if (timer.service !== service) continue;
        timer.isParked = isParked;
        nextDue = Math.min(nextDue, timer.dueMicros);
      }
    },
    delivered(handle) {
      const timer = find(handle);
      if (timer === undefined) return;
      host.missed(handle, timer.missed);
      timer.missed = 0;
      timer.isQueued = false;
      if (timer.isPeriodic) return;
      timers = timers.filter((other) => other !== timer);
      state.role[handle] = roles.message;
    },
    fire() {
      const now = host.monotonicMicros();
      if (now < nextDue) return;
      nextDue = Infinity;
      for (const timer of timers) {
        if (timer.isParked) continue;
        if (timer.dueMicros <= now) tick(timer, now);
        nextDue = Math.min(nextDue, timer.dueMicros);
      }
    },
    dueMicros: () => nextDue,
  };
}
