// The channel "journal": every change of a node is begun here, then committed or undone, one at a time, in a chain of hashes.
//
//   begin   Change → { entry } | { error }   the change may be made now; a record of it is durable
//   commit  { entry, settings?, components? } → {} | { error }   it is made: what it leaves behind, and that it was, are durable
//           together. `settings`: those that changed. `components`: what runs from now on, and from the next boot on (boot record).
//   abandon { entry, reason } → {} | { error }    it was taken back, or never came about, even where it was committed: whoever got no
//           answer to that may say this; once or more often
//   try     TryChange → {} | { error }    the next boots try these components; the change stands open until then
//   confirm {} → {} | { error }      what was on trial in this boot is made
//   revert  { reason } → {} | { error }   what was on trial in this boot was no good; the next boot has what was before
//   settle  RunningModule → {} | { error }   the service runs this since a fault: where the boot record says otherwise, a change of that is
//           begun and committed
//   records { after } → { records, isComplete }   those with larger numbers (wire/journal), oldest first, page by page
//   reverse { entry } → Reversal | { error }      how to undo this change, or with null the last that was not undone
//   formatted {}           storage was, and the journal is gone with it: a new one begins
//   status  {} → JournalStatus
//
// Whatever stands open when the power fails is committed if the boot record says so, and else undone.

import type { BootComponent } from "services/api/boot-record";
import type { Settings } from "services/api/settings";
import type { Order } from "wire/journal";

export const journalLimits = Object.freeze({
  /** Records that are kept, two for each change: 15 KB on a flash that has other things to hold. The oldest go first. */
  records: 64,
  /** Of one answer: some 4 KB. */
  recordsEach: 16,
  /** Nobody takes longer over one change; what stands open longer was forgotten. */
  openMicros: 120_000_000,
  /** Of a trial by reboot: heartbeats begin after ten seconds. */
  trialMillis: 15_000,
});

export interface Reversal {
  readonly entry: number;
  readonly order: Order;
  readonly reverse: Order;
}

export interface JournalStatus {
  /** Number of the last record. */
  readonly records: number;
  /** SHA-256 of the last record, in hexadecimal digits. */
  readonly head: string;
  readonly settings: Settings;
  /** Why nothing can be changed now; "" when it can. */
  readonly trouble: string;
}

export interface RunningModule {
  readonly service: string;
  readonly module: string;
}

export interface TryChange {
  readonly entry: number;
  readonly components: readonly BootComponent[];
}

/** What commit takes. */
export interface CommitChange {
  readonly entry: number;
  readonly settings?: Settings;
  readonly components?: readonly BootComponent[];
}
