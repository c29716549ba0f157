// The channel "kernel": what the kernel itself answers. Granted to the reincarnation server and to command only.
//
// statistics → KernelStatistics
// restart { service, from? } → { generation } or { error }; from "former": the version before its last confirmed swap; from
//   "table": the table's, with the state that the table gives
// stop { service, isSilent? } → { stopped: true } or { error }; the fault "stopped", or "silent", is told as any other
// examine { service } → { isHealthy }: what its `health` says; not when it is dead, or faults at it
// swap { service, module, isAfresh? } or { moves: [{ service, module, isAfresh? }, …] } → { begun: true } or { error }: one, or all
//   or none. Who calls stands before whom it calls; isAfresh: without the state of the one before. How it ended comes as a message "swapped" (Swapped), at HIGH. With `awaitsWord: true`
//   "proved" comes first, and the former versions stay whole until a word is given:
// decide { isGood, reason } → { error }: why it could not, or null
// reboot { reason, isSafe? } → no answer; isSafe says how it comes back, without it whoever counts its ends decides
// trace { isShort? } → Dispatch[]: the last 64, or 32, oldest first; the one that asks is the last and is not over yet
// The kernel sends "fault" (Fault) to the reincarnation server, at HIGH.

import type { Priority } from "kernel/mod";

/**
 * Why a service was stopped. `wrote-root`: it wrote into the shared root. `stalled`: its handler awaits what can never
 * come. `nonsense`: a scheduler answered what is no order of the ready services. `starved`: it let a HIGH message wait.
 * `silent`: it lived and did nothing. `stopped`: no fault of its own; a service that it depends on begins anew.
 */
export type FaultKind =
  | "threw"
  | "out-of-budget"
  | "out-of-memory"
  | "stack-overflow"
  | "wrote-root"
  | "stalled"
  | "killed"
  | "nonsense"
  | "starved"
  | "silent"
  | "stopped";

/** With the figures of `statistics` as they were when it was stopped. */
export interface Fault
  extends Omit<ServiceStatistics, "name" | "state" | "module" | "restarts" | "lastFault" | "queued"> {
  readonly service: string;
  readonly kind: FaultKind;
  /** What the engine said; never a message's body. */
  readonly reason: string;
  /** Type of the message in hand; "" during the start. */
  readonly messageType: string;
  /** The version before has taken its place already: nothing is to be restarted. */
  readonly isReplaced: boolean;
}

/** How a swap stands, told to whoever asked for it. */
export interface Swapped {
  readonly moves: readonly { readonly service: string; readonly module: string }[];
  /** `proved`: it waits for a word. `returned`: the former versions run on, or again; `reason` says why. */
  readonly outcome: "proved" | "confirmed" | "returned";
  readonly reason: string;
  /** Messages that rejected versions had been given on their trial. */
  readonly handled: number;
  /**
   * Microseconds: prepareMicros; suspendMicros and startMicros (nothing else ran meanwhile; of all that were moved); trialMicros;
   * and totalMicros, with the wait for messages in hand.
   */
  readonly steps: { readonly [step: string]: number };
}

export interface ServiceStatistics {
  readonly name: string;
  readonly state: "running" | "dead";
  readonly version: string;
  /** What it runs. */
  readonly module: string;
  readonly generation: number;
  /** Times it was started again after a fault. */
  readonly restarts: number;
  readonly lastFault: string | null;
  readonly dispatches: number;
  /** Steps of the meter. */
  readonly steps: number;
  readonly runMicros: number;
  /** Memory of its machine, and what it may have. */
  readonly bytes: number;
  readonly memoryBytes: number;
  /** Steps that each dispatch may take. */
  readonly budgetSteps: number;
  /** Messages waiting. */
  readonly queued: number;
  /** Messages refused with `full`, or replaced on a `latest` channel. */
  readonly refused: number;
  readonly replaced: number;
  /** Messages that were past their deadline when their turn came. */
  readonly late: number;
}

export interface KernelStatistics {
  readonly uptimeMicros: number;
  /** The policy in force, such as "priority"; "built-in" while no scheduler is trusted. */
  readonly scheduler: string;
  /** A swap is under way, and how it ends will be told. */
  readonly isSwapping: boolean;
  /** Longest wait of a HIGH message, from its submission to its dispatch, in the last half minute to minute. */
  readonly highWaitMicros: number;
  readonly waits: Waits;
  readonly services: readonly ServiceStatistics[];
}

/**
 * How many messages of a priority waited for how long, from their submission to their dispatch, since the node started:
 * element 0 those below 1 µs, element n those from 2^(n-1) to below 2^n µs. Nobody waited longer than the last element says,
 * but for the 26th, which has no end. Ticks of timers are not counted.
 */
export type Waits = { readonly [Level in Priority]: readonly number[] };

/** One message given to a service, or its start. */
export interface Dispatch {
  /** Counts dispatches since the node started, modulo 2^32: a jump is a gap. */
  readonly sequence: number;
  /** Since the node started. */
  readonly timeMicros: number;
  readonly service: string;
  readonly kind: "start" | "send" | "call" | "reply" | "tick";
  /** "" for a start. */
  readonly type: string;
  /** A service or, of a reply, a device port or "kernel"; null when a device port or the kernel sent it. */
  readonly sender: string | null;
  readonly priority: Priority;
  /** Until the next dispatch. */
  readonly micros: number;
  /** Steps of the meter. */
  readonly steps: number;
  /** `late`: it was past its deadline and was not given. */
  readonly outcome: "ok" | "late" | FaultKind;
}
