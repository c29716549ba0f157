// The whole of what a service sees: how it is declared, and the context that its handlers get.
// A definition is shared, frozen, by every machine that runs the service; what changes lives in module-level `let`
// variables, of which each machine has its own copy.

import type { Priority } from "kernel/mod";
import type { SchedulerView } from "services/api/scheduler";
import type { StorageError } from "services/api/storage";
import type { PlainRecord, PlainValue } from "wire/plain";

/**
 * Why a message was not handled. `full`: the mailbox or the pool of bodies has no room. `late`: past its deadline.
 * `dead`: the receiver faulted or has not been started. `not-capable`: the system table grants no such channel.
 * `too-large`: the body exceeds 65,536 bytes. `unavailable`: the node has no such facility (yet).
 */
export type Answer = "full" | "late" | "dead" | "not-capable" | "too-large" | "unavailable";

/** What `call` rejects with when the message was not handled. A handler that lets it pass answers its own caller with it. */
export interface Refusal extends Error {
  readonly answer: Answer;
}

export interface SendOptions {
  /** At most what the channel was granted. Default: the priority of the message in hand. */
  readonly priority?: Priority;
  /** From now; past it the message is answered `late`. Default for `call`: 1,000. `send` and `publish` have none. */
  readonly deadlineMillis?: number;
}

/** `qualityMicros` bounds the error of `micros` (microseconds of UTC); null: the clock was never set. */
export interface WallClock {
  readonly micros: number;
  readonly qualityMicros: number | null;
}

export type LogLevel = "error" | "warning" | "info";

/** The body of a timer's message: how many ticks were due and not delivered since the last one. */
export interface Tick {
  readonly missed: number;
}

export interface Context {
  /** The entry `configuration` of the system table, with what the node was started with (`site`, `node`, …). */
  readonly configuration: PlainRecord;
  /** Copies `message` to the channel's mailbox. Answers "sent", or why not; never throws for the receiver's sake. */
  send(channel: string, type: string, message?: unknown, options?: SendOptions): "sent" | Answer;
  /** As `send`, and waits for the handler's return value. Rejects with a `Refusal`. Until then this service gets replies only. */
  call<Reply = PlainValue>(channel: string, type: string, message?: unknown, options?: SendOptions): Promise<Reply>;
  /** Copies `message` to every subscriber of `topic`; one that is full misses it, which is counted. */
  publish(topic: string, message: unknown, options?: SendOptions): "sent" | Answer;
  /** From now on what is published on `topic` arrives as messages of `type`. */
  subscribe(topic: string, type: string): "sent" | Answer;
  /** A message of `type` with a `Tick` every so often; from one second on aligned to UTC while the clock is trusted. */
  every(intervalMillis: number, type: string): number;
  /** One message of `type`, once, so much later. */
  after(delayMillis: number, type: string): number;
  /** Stops a timer of `every` or `after`. */
  cancel(timer: number): void;
  /** Hands a copy of the state to the kernel; the next start of this service, after a fault too, begins from it. */
  commit(state: unknown): "sent" | Answer;
  /**
   * Commits, and has storage keep it: once it is "stored", a start after a power cut begins from it, or from a later one. Else
   * why it is not durable. Until then this service gets replies only. For definitions with `storesState`; at most 2,040 bytes.
   */
  store(state: unknown): Promise<"stored" | StorageError | Answer>;
  log(level: LogLevel, text: string): void;
  /** Microseconds since the node started. Constant while one message is handled. */
  monotonicMicros(): number;
  /** Constant while one message is handled. */
  wallClock(): WallClock;
  /** Name of the service whose call is being served, which the kernel vouches for; null: nobody of this node waits for a reply. */
  caller(): string | null;
}

/** Its return value (or what its promise brings) is the reply to a `call`. A throw is a fault of the service. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a reply returns nothing.
export type Handler = (message: never, context: Context) => unknown | Promise<unknown> | void;

export interface ServiceDefinition {
  /** Of the code; reported in births and faults. */
  readonly version: string;
  /** Of the committed state; `migrate` is asked when it differs. */
  readonly stateSchema?: number;
  /** It may `store`, and its first start of a node waits for what was stored. */
  readonly storesState?: boolean;
  /** Runs once in a new machine, before any message. `state` is the last commit, else what was stored, or undefined. */
  start?(context: Context, state: unknown): void;
  readonly receive: { readonly [type: string]: Handler };
  /** Exports the state for a successor, as plain data. Default: the last commit. */
  suspend?(): PlainValue;
  /** Turns a state of an older or newer schema into one of ours. Throws when it cannot. */
  migrate?(state: PlainValue, fromSchema: number): PlainValue;
  /**
   * Says after a live update, and at each heartbeat, whether this version works; nobody else asks, so it may count from one time to the
   * next. What cannot be reached is no fault of the service. Default: it works when it handles messages without a fault.
   */
  health?(): boolean;
  /** Schedulers only (`services/api/scheduler`): orders the ready services, returns how many it ordered. */
  plan?(view: SchedulerView, count: number): number;
}

/** Declares a service. Refuses what could only fail later, in the field. */
export function defineService(definition: ServiceDefinition): ServiceDefinition {
  if (typeof definition.version !== "string" || definition.version.length === 0)
    throw new TypeError('Cannot define service: wanted a version such as "1.0.0", found none');
  for (const type of Object.keys(definition.receive))
    if (typeof definition.receive[type] !== "function")
      throw new TypeError(
        `Cannot define service: wanted a function for receive.${type}, found ${typeof definition.receive[type]}`,
      );
  return Object.freeze({ ...definition, receive: Object.freeze({ ...definition.receive }) });
}

/** A call that was refused, told apart from a mistake of one's own. */
export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && "answer" in error;
}
