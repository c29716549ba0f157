// What both the life of services and their swaps work on.

import type { Host } from "kernel/host";
import type { Mailboxes } from "kernel/mailboxes";
import type { KernelState } from "kernel/state";
import type { SystemTable } from "kernel/table";
import type { Timers } from "kernel/timers";
import type { Topics } from "kernel/topics";

export interface KernelParts {
  readonly host: Host;
  readonly table: SystemTable;
  readonly state: KernelState;
  readonly mailboxes: Mailboxes;
  readonly timers: Timers;
  readonly topics: Topics;
  /** Routes what a service submitted. */
  accept(service: number, packed: number): void;
}
