// The law of every host: what the platform below the kernel does for it, and what it may count on.
//
// The kernel runs in a machine of its own, on one thread; the host calls `boot` once and then `run` whenever something is
// due or has arrived, and never from inside one of the calls below. None of them blocks. All times are microseconds. Services have
// indices from 0, in the order of the system table; device ports follow them; `kernelPort` is the kernel itself.
//
// A message is a small integer, its handle: an index into the host's bounded pool. The host keeps its body, type, deadline
// and accounts; the kernel keeps where it waits. Who holds a handle must pass it on: to `dispatch`, `deliver` or `release`.
//
// `dispatch` and `next` answer with one packed integer:
//   bits  0-11 handle     bits 12-21 target (service, port or topic)     bits 22-23 priority (0 HIGH, 1 MEDIUM, 2 LOW)
//   bits 24-27 kind       bit  28    further submissions wait: ask `next`     bit 29 something is due: end the turn soon

import type { KernelState } from "kernel/state";

/** What a submission is. 0: nothing was sent. */
export const kinds = Object.freeze({
  none: 0,
  send: 1,
  /** Its handle stays the entry of the pending call until the reply, which bears the same handle, was dispatched. */
  call: 2,
  reply: 3,
  /** Its target is a topic. */
  publish: 4,
  /** Its target is a topic; the handle keeps the type for `share` and is held until the service dies. */
  subscribe: 5,
  /** A periodic timer: the handle is the message of each of its ticks. */
  every: 6,
  after: 7,
  cancel: 8,
  /** The handle's body is the state from which the next start begins. */
  commit: 9,
});

export const handleMask = 0xfff;
export const targetShift = 12;
export const targetMask = 0x3ff;
export const priorityShift = 22;
export const priorityMask = 3;
export const kindShift = 24;
export const kindMask = 15;
export const moreFlag = 1 << 28;
export const dueFlag = 1 << 29;
export const kernelPort = 1023;

/** What `dispatch` and `create` answer when the service broke a rule, by its negative. Index 0 is no fault. */
export const faultKinds = Object.freeze([
  "none",
  "threw",
  "out-of-budget",
  "out-of-memory",
  "stack-overflow",
  "wrote-root",
  "stalled",
  "killed",
  "nonsense",
  "starved",
  "silent",
  "stopped",
] as const);

/** Codes of the answers that a reply can carry instead of a body. Index 0: it carries a body. */
export const answers = Object.freeze(["", "full", "late", "dead", "not-capable", "too-large", "unavailable"] as const);

export interface ServiceFigures {
  readonly version: string;
  readonly dispatches: number;
  readonly steps: number;
  readonly runMicros: number;
  readonly bytes: number;
  /** What it may have, and take in one dispatch. */
  readonly memoryBytes: number;
  readonly budgetSteps: number;
  readonly refused: number;
  readonly replaced: number;
  readonly late: number;
}

export interface Host {
  // ── Table, at boot only ──

  /**
   * Makes room for a service. `memoryBytes` bounds its machine, `stackSlots` the depth of its calls,
   * `budgetSteps` each dispatch, `mailbox` its waiting messages.
   */
  declare(
    service: number,
    name: string,
    module: string,
    memoryBytes: number,
    stackSlots: number,
    budgetSteps: number,
    mailbox: number,
  ): void;
  /** What the service finds as `context.configuration`; plain data. */
  configure(service: number, configuration: unknown): void;
  /**
   * Lets `service` reach `target` under `channel`, at no more than `priority`: 1 by `send`, 2 by `call`, 3 by both.
   * A `latest` channel keeps the newest unread message only.
   */
  grant(service: number, channel: string, target: number, priority: number, verbs: number, latest: boolean): void;
  /** Lets `service` publish on and / or subscribe to a topic; answers the topic's number. */
  grantTopic(service: number, topic: string, publish: boolean, subscribe: boolean, priority: number): number;
  /**
   * Lets a device port do for `service` what it asks the host about: "net" with "host:port", a place to connect to, and
   * "store" with a prefix of keys.
   */
  permit(service: number, permission: string, name: string): void;
  /** A handle that keeps a state, as `commit` leaves it; schema -1: that of whatever version starts from it. */
  keep(state: unknown, schema: number): number;
  /** Index of a device port, or -1 when this host has none of that name. */
  port(name: string): number;
  /** The arrays that `turn` and `plan` work on, for the life of the kernel. */
  bind(state: KernelState): void;

  // ── Machines ──

  /** Makes the service's machine and runs its `start` with the body of `committed` (0: none). Answers as `dispatch`. */
  create(service: number, committed: number): number;
  /**
   * Makes a second machine for a swap, with `module` in it, beside the one that runs, and looks whether it is a service,
   * or a scheduler. 0, or a fault: then there is no new machine. One that does not run, runs that module or has two is refused so.
   */
  prepare(service: number, module: string, isScheduler: boolean): number;
  /**
   * The state for a successor: of `suspend`, else of the message `committed`; as a message, 0 for none, or a fault.
   * `isForced`: a `suspend` that breaks a rule is as good as none.
   */
  suspend(service: number, committed: number, isForced: boolean): number;
  /** The two machines change places. */
  exchange(service: number): void;
  /** Runs `start` in a machine that was prepared, with the body of `state` (0: none), migrated. Answers as `create`. */
  begin(service: number, state: number): number;
  /** Ends the second machine; no error when there is none. */
  discard(service: number): void;
  /** From its next `create` on, the service, which has no machine now, runs this module. */
  use(service: number, module: string): void;
  /** Ends the machine. Its submissions that were not asked for yet are discarded. */
  destroy(service: number): void;
  /**
   * Runs one message to completion, promise jobs included. Negative: a fault, and all that this dispatch had submitted is
   * discarded. Else the first submission, packed. The host releases the handle, unless it is a `call` (until its reply)
   * or an `every`. A message past its deadline is not run: a call is answered `late`.
   */
  dispatch(service: number, handle: number): number;
  /** What kernel/turn specifies, done by the host. */
  turn(most: number): number;
  /** The next submission of the service that was dispatched or created last, packed; 0 when there is none. */
  next(): number;
  /** The next submission of a device port, packed; 0 when there is none. */
  arrived(): number;
  /** Why the last fault of this service came, in the engine's words. */
  reason(service: number): string;
  /**
   * Asks the service whether it works: 1 (also when it declares no `health`); 0 or a fault, with a `reason`, when it does not.
   * On trial also 0 when its machine has reached for what it is not granted.
   */
  health(service: number, isTrial: boolean): number;
  /** Type of the message that the service was last given. */
  inHand(service: number): string;
  /** Asks the scheduler `service` to put the `count` ready services into `state.order`. Answers how many, or a fault. */
  plan(service: number, count: number): number;

  // ── Messages ──

  /** Gives a message to a device port. */
  deliver(port: number, handle: number): void;
  release(handle: number): void;
  /** A message for `subscriber` with the body of a `publish` and the type of a `subscribe`; 0 when its mailbox is full. */
  share(publication: number, subscriber: number, subscription: number): number;
  /**
   * Turns a `call` into its reply that carries an answer (`answers`) instead of a body; whoever served it is relieved of it.
   * Answers its priority.
   */
  refuse(call: number, answer: number): number;
  /**
   * Turns a `call` whose caller died into a `send`: it is served, and its reply goes nowhere. One that a device port has
   * answered already still arrives.
   */
  orphan(call: number): void;
  /** A pending call that is past its deadline, each one once; 0 when there is none. */
  expired(): number;
  /** Interval of an `every`, delay of an `after`. */
  interval(timer: number): number;
  /** How many ticks the next message of this timer stands for beyond one. */
  missed(timer: number, count: number): void;

  // ── The kernel's own words; never on the hot path ──

  type(handle: number): string;
  /** The body of a message to the kernel; undefined when there is none, or none that fits the kernel. */
  open(handle: number): unknown;
  /** Turns a `call` to the kernel into its reply. Answers its priority. */
  answer(call: number, body: unknown): number;
  /** A new message of the kernel; 0 when the pool or the mailbox is full. */
  compose(target: number, type: string, priority: number, body: unknown): number;
  figures(service: number): ServiceFigures;
  /** Longest wait of a HIGH message, from its submission to its dispatch, in the last half minute to minute. */
  highWaitMicros(): number;
  /** How long messages waited, by priority: services/api/kernel, Waits. */
  waits(): unknown;
  /** The last dispatches, oldest first, at most `count`: services/api/kernel, Dispatch. */
  trace(count: number): unknown;
  log(level: string, text: string): void;
  /** Since the node started. */
  monotonicMicros(): number;
  /** UTC minus monotonic; NaN while the clock is not trusted. */
  utcOffsetMicros(): number;
  /** The kernel cannot go on: the host writes the reason down and restarts the node. Does not return. */
  panic(reason: string): never;
  /** As `panic`, because it was decided. `isSafe`: how the node is to come back; null: whoever counts its ends decides. */
  reboot(reason: string, isSafe: boolean | null): never;
}
