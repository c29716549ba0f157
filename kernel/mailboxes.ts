// Where messages wait, and which services are ready because of it.
// A service is ready when something waits that it may be given now: a reply, or, while it awaits none, any message.
// Ready services hang in one circular list for each priority, first come first served: that is the built-in order.

import { filled, type KernelState, notReady, queuesEach, replyQueue } from "kernel/state";

export interface Mailboxes {
  /** Appends to the queue of `priority`. */
  enqueue(service: number, priority: number, handle: number): void;
  enqueueReply(service: number, priority: number, handle: number): void;
  /** Takes the service's next message, and the service off the ready list; `refresh` puts it back. */
  take(service: number): number;
  /** Takes one message out of the middle; answers whether it was there. */
  unqueue(service: number, handle: number): boolean;
  /** Puts the service into the ready list where it belongs, or takes it off. */
  refresh(service: number): void;
  /** The first ready service in the built-in order, or -1. */
  first(): number;
  readyCount(): number;
  /** Whether a HIGH message made a service ready since this was last asked. */
  urgent(): boolean;
}

export function createMailboxes(state: KernelState): Mailboxes {
  const { count, alive, pending, priority, queued, head, tail, link } = state;
  // Circular lists: the nodes from `count` on are the anchors of the three priorities.
  const after = filled(count + notReady, 0);
  const before = filled(count + notReady, 0);
  for (let anchor = count; anchor < count + notReady; anchor++) after[anchor] = before[anchor] = anchor;
  const replyPriority = filled(count, 0);
  let ready = 0;
  let isUrgent = false;

  function push(service: number, queue: number, handle: number): void {
    link[handle] = 0;
    if (head[queue] === 0) head[queue] = handle;
    else link[tail[queue]!] = handle;
    tail[queue] = handle;
    queued[service]!++;
    refresh(service);
  }

  function enqueue(service: number, level: number, handle: number): void {
    push(service, service * queuesEach + level, handle);
  }

  function enqueueReply(service: number, level: number, handle: number): void {
    const queue = service * queuesEach + replyQueue;
    if (head[queue] === 0 || level < replyPriority[service]!) replyPriority[service] = level;
    push(service, service * queuesEach + replyQueue, handle);
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
    ready--;
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
    ready++;
    if (level === 0) isUrgent = true;
  }

  function take(service: number): number {
    let queue = service * queuesEach + replyQueue;
    if (head[queue] !== 0) pending[service]!--;
    else queue += priority[service]! - replyQueue;
    const handle = head[queue]!;
    head[queue] = link[handle]!;
    queued[service]!--;
    leave(service);
    return handle;
  }

  function unqueue(service: number, handle: number): boolean {
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
  }

  return {
    enqueue,
    enqueueReply,
    take,
    unqueue,
    refresh,
    first() {
      for (let anchor = count; anchor < count + notReady; anchor++) if (after[anchor] !== anchor) return after[anchor]!;
      return -1;
    },
    readyCount: () => ready,
    urgent() {
      const was = isUrgent;
      isUrgent = false;
      return was;
    },
  };
}
