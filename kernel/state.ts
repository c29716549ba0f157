// The kernel's whole memory: plain arrays of small integers, indexed by service or by message handle, made once.
// Plain arrays, because on XS an element of a typed array costs an accessor call.

/** What a handle is in the kernel's hands, beyond a message that waits. */
export const roles = Object.freeze({ message: 0, call: 1, tick: 2 });

/** `priority[service]` of a service that is not ready. */
export const notReady = 3;

/** A service's queues: one for each priority, and one for the replies that it waits for. */
export const queuesEach = 4;
export const replyQueue = 3;

export interface KernelState {
  readonly count: number;
  // By service.
  readonly alive: number[];
  readonly generation: number[];
  readonly restarts: number[];
  /** Its calls that have no reply yet. While there are some, it is given replies only. */
  readonly pending: number[];
  /** The call that it serves, or 0. */
  readonly serving: number[];
  /** Handle of the last committed state, or 0. */
  readonly committed: number[];
  /** Most urgent waiting message that may be dispatched, or `notReady`. */
  readonly priority: number[];
  readonly queued: number[];
  /** What the chain leaves behind: service and handle of its last dispatch, and how many there were. */
  readonly chained: number[];
  // Mailboxes: queue `service * 4 + priority`, linked through `link`; 0 ends a queue.
  readonly head: number[];
  readonly tail: number[];
  readonly link: number[];
  // By handle.
  readonly role: number[];
  readonly caller: number[];
  readonly callee: number[];
}

export function createState(count: number, messages: number): KernelState {
  return {
    count,
    alive: filled(count, 0),
    generation: filled(count, 0),
    restarts: filled(count, 0),
    pending: filled(count, 0),
    serving: filled(count, 0),
    committed: filled(count, 0),
    priority: filled(count, notReady),
    queued: filled(count, 0),
    chained: filled(3, 0),
    head: filled(count * queuesEach, 0),
    tail: filled(count * queuesEach, 0),
    link: filled(messages + 1, 0),
    role: filled(messages + 1, roles.message),
    caller: filled(messages + 1, -1),
    callee: filled(messages + 1, -1),
  };
}

export function filled(length: number, value: number): number[] {
  const array: number[] = [];
  for (let index = 0; index < length; index++) array.push(value);
  return array;
}
