// The system table: which services a node runs, with what memory and budget, and who may speak to whom.

import type { Priority } from "kernel/message";

/** A channel to another service or to a device port of the same name. */
export interface ChannelEntry {
  readonly to: string;
  /** The most urgent priority that may be used on it. */
  readonly priority: Priority;
  /** Keep the newest unread message only, and count what it replaced. */
  readonly latest?: boolean;
}

export interface ServiceEntry {
  readonly name: string;
  readonly module: string;
  /** What is started in its place; the module is then the version before, and what the table gives. */
  readonly runs?: string;
  /** Of its code, where the table knows it; the node's birth tells it. */
  readonly version?: string;
  /** All that its machine may hold. */
  readonly memoryBytes: number;
  /** How deep it may call, in slots of the stack that all services share; default 1024. A frame takes one a local, and six. */
  readonly stackSlots?: number;
  /** Steps of the meter for one dispatch. */
  readonly budgetSteps: number;
  /** Messages that may wait. */
  readonly mailbox: number;
  readonly sends?: readonly ChannelEntry[];
  readonly calls?: readonly ChannelEntry[];
  /** Topics, with the most urgent priority. */
  readonly publishes?: readonly ChannelEntry[];
  readonly subscribes?: readonly string[];
  /** Where its socket may connect to: "host:port" each, or "broker" for the broker of the node's configuration. */
  readonly net?: readonly string[];
  /** Prefix of the keys under which storage keeps what it stores; without one it may not `store`. */
  readonly stores?: string;
  /** How many bytes of keys and values it may keep there; default: as much as there is room. */
  readonly storesBytes?: number;
  /** From which its first start begins, as if it had committed it. Plain data. */
  readonly state?: unknown;
  /** Of that state; default: that of its code. */
  readonly stateSchema?: number;
  readonly configuration?: { readonly [key: string]: unknown };
}

export interface SystemTable {
  readonly services: readonly ServiceEntry[];
  /** The service that orders the ready ones; the built-in order decides without it. */
  readonly scheduler?: string;
  /** The service that is told of every fault; without it the kernel restarts what faults. */
  readonly reincarnation?: string;
  /** Without that server: so long after its fault a service is started again, every time. Default: at once, while it starts. */
  readonly restartMicros?: number;
}

/** Runs a handler that calls a few functions deep. */
export const defaultStackSlots = 1_024;

/** The port at which the kernel itself answers. */
export const kernelChannel = "kernel";
