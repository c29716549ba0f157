// The kernel's memory for messages and services: plain arrays of small integers, indexed by service or by message handle, made
// once. Plain arrays, because on XS an element of a typed array costs an accessor call; and small integers only, because the
// host reads and writes the same arrays (`host.bind`, `host.turn`).

/** What a handle is in the kernel's hands, beyond a message that waits. */
export const roles = Object.freeze({ message: 0, call: 1, tick: 2 });

/** `priority[service]` of a service that is not ready. */
export const notReady = 3;

/** A service's queues: one for each priority, and one for the replies that it waits for. */
export const queuesEach = 4;
export const replyQueue = 3;

/** Elements of `registers`. */
export const registers = Object.freeze({
  /** Of the last dispatch; handle 0: of the scheduler's plan. */
  service: 0,
  handle: 1,
  /** A tick that its service is to be given next, or 0. */
  held: 2,
  /** Dispatches of this turn. */
  turns: 3,
  /** Services that are ready. */
  ready: 4,
  /** 1: a HIGH message made a service ready since the last plan. */
  urgent: 5,
  /** The service that plans; -1: the built-in order decides. */
  scheduler: 6,
  /** Where in `order` the plan is worked off, and where it ends. */
  cursor: 7,
  planned: 8,
  /** Plans that were made and kept to the contract, modulo 2^30. */
  decisions: 9,
  /** 1: the scheduler was found out in a decision, which is then the built-in order's. */
  owed: 10,
  /** The service that has had a HIGH message ready for longest and was not chosen; -1: there is none. */
  waiter: 11,
  /** For how long, as far as it counts, and when that was last looked at. */
  waited: 12,
  lookedAt: 13,
});

export type KernelState = Readonly<ReturnType<typeof createState>>;

export function createState(count: number, messages: number) {
  const anchors = Array.from({ length: count + notReady }, (_, node) => node);
  return {
    count,
    registers: Object.keys(registers).map((name): number => (name === "scheduler" || name === "waiter" ? -1 : 0)),
    // By service.
    alive: filled(count, 0),
    generation: filled(count, 0),
    restarts: filled(count, 0),
    /** Its calls that have no reply yet. While there are some, it is given replies only. */
    pending: filled(count, 0),
    /** The call that it serves, or 0. */
    serving: filled(count, 0),
    /** Handle of the last committed state, or 0. */
    committed: filled(count, 0),
    /** Most urgent waiting message that may be dispatched, or `notReady`. */
    priority: filled(count, notReady),
    /** Most urgent waiting reply. */
    replyPriority: filled(count, 0),
    queued: filled(count, 0),
    /** The scheduler's plan. */
    order: filled(count, 0),
    // Ready services, in one circular list for each priority; the nodes from `count` on are the lists' anchors.
    after: anchors,
    before: [...anchors],
    // Mailboxes: queue `service * 4 + priority`, linked through `link`; 0 ends a queue.
    head: filled(count * queuesEach, 0),
    tail: filled(count * queuesEach, 0),
    link: filled(messages + 1, 0),
    // By handle.
    role: filled(messages + 1, roles.message),
    caller: filled(messages + 1, -1),
    callee: filled(messages + 1, -1),
  };
}

export function filled(length: number, value: number): number[] {
  return new Array<number>(length).fill(value);
}
