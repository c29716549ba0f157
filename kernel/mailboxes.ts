// Where messages wait, and which services are ready because of it.
// A service is ready when something waits that it may be given now: a reply, or, while it awaits none, any message.
// Ready services hang in one circular list for each priority, first come first served: that is the built-in order.
//
// The host does the same in C within a turn (kernel/turn).

import { type KernelState, notReady, queuesEach, registers, replyQueue, roles } from "kernel/state";

export interface Mailboxes {
  /** Appends to the queue of `priority`. */
  enqueue(service: number, priority: number, handle: number): void;
  openCall(from: number, to: number, call: number): void;
  /** The call has become its reply, which goes to whoever called. */
  endCall(call: number, priority: number): void;
  /** Takes the service's next message, and the service off the ready list; `refresh` puts it back. */
  take(service: number): number;
  /** Takes one message out of the middle; answers whether it was there. */
  unqueue(service: number, handle: number): boolean;
  /** Puts the service into the ready list where it belongs, or takes it off. */
  refresh(service: number): void;
  /** The first ready service in the built-in order, or -1. */
  first(): number;
}

export function createMailboxes(state: KernelState): Mailboxes {
  const { count, alive, pending, priority, replyPriority, queued, head, tail, link, after, before } = state;
  const { role, caller, callee, registers: register } = state;

  function push(service: number, queue: number, handle: number): void {
    link[handle] = 0;
    if (head[queue] === 0) head[queue] = handle;
    else link[tail[queue]!] = handle;
    tail[queue] = handle;
    queued[service]!++;
    refresh(service);
  }

  function wanted(service: number): number {
    if (alive[service] === 0) return notReady;
    const queue = service * queuesEach;
    if (head[queue + replyQueue] !== 0) return replyPriority[service]!;
    if (pending[service] !== 0) return notReady;
    if (head[queue] !== 0) return 0;
    if (head[queue + 1] !== 0) return 1;
    return head[queue + 2] !== 0 ? 2 : notReady;
  }

  function leave(service: number): void {
    const next = after[service]!;
    const previous = before[service]!;
    after[previous] = next;
    before[next] = previous;
    priority[service] = notReady;
    register[registers.ready]!--;
  }

  function refresh(service: number): void {
    const level = wanted(service);
    if (level === priority[service]) return;
    if (priority[service] !== notReady) leave(service);
    if (level === notReady) return;
    const anchor = count + level;
    const last = before[anchor]!;
    after[last] = service;
    before[service] = last;
    after[service] = anchor;
    before[anchor] = service;
    priority[service] = level;
    register[registers.ready]!++;
    if (level === 0) register[registers.urgent] = 1;
  }

  return {
    enqueue: (service, level, handle) => push(service, service * queuesEach + level, handle),
    openCall(from, to, call) {
      role[call] = roles.call;
      caller[call] = from;
      callee[call] = to;
      pending[from]!++;
    },
    endCall(call, level) {
      const service = caller[call]!;
      const queue = service * queuesEach + replyQueue;
      role[call] = roles.message;
      caller[call] = callee[call] = -1;
      if (head[queue] === 0 || level < replyPriority[service]!) replyPriority[service] = level;
      push(service, queue, call);
    },
    take(service) {
      let queue = service * queuesEach + replyQueue;
      if (head[queue] !== 0) pending[service]!--;
      else queue += priority[service]! - replyQueue;
      const handle = head[queue]!;
      head[queue] = link[handle]!;
      queued[service]!--;
      leave(service);
      return handle;
    },
    unqueue(service, handle) {
      for (let queue = service * queuesEach; queue < (service + 1) * queuesEach; queue++) {
        let previous = 0;
        for (let at = head[queue]!; at !== 0; previous = at, at = link[at]!) {
          if (at !== handle) continue;
          if (previous === 0) head[queue] = link[at]!;
          else link[previous] = link[at]!;
          if (tail[queue] === at) tail[queue] = previous;
          queued[service]!--;
          refresh(service);
          return true;
        }
      }
      return false;
    },
    refresh,
    first() {
      for (let anchor = count; anchor < count + notReady; anchor++) if (after[anchor] !== anchor) return after[anchor]!;
      return -1;
    },
  };
}
