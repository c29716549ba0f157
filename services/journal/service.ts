// The service "journal": through it goes whatever changes this node for good (services/api/journal). It writes down that a change
// is begun, and then in one step what the change leaves behind and that it was made: settings in storage, components in the boot
// record, which is the commit point where there are any. The record of a change that is made there already may follow late.

import { type Context, defineService } from "lughos";
import { bootOf } from "services/api/boot-record";
import {
  type CommitChange,
  type JournalStatus,
  journalLimits,
  type Reversal,
  type RunningModule,
  type TryChange,
} from "services/api/journal";
import { readSettings, type Settings } from "services/api/settings";
import type { StorageOperation } from "services/api/storage";
import { openStorage, type StorageClient } from "services/api/storage-client";
import { type BootFlash, openBootFlash } from "services/journal/boot-sectors";
import { Chain } from "services/journal/chain";
import {
  confirmTrial,
  readWritten,
  revertTrial,
  takeOut,
  tryComponents,
  writeComponents,
  writtenModule,
} from "services/journal/components";
import { decode, encode } from "wire/cbor";
import { WireError } from "wire/error";
import { formatHex } from "wire/hex";
import { type Change, decodeJournalRecord, encodeJournalRecord, type JournalRecord, readChange } from "wire/journal";

type Answer = { readonly error?: string };

const recordPrefix = "journal/record/";
const settingsKey = "journal/settings";

const notOpened = "it was not opened yet";

/** Who wants what a fault has decided. */
const settledBy = "the reincarnation server";

/** Storage that was not there is asked again so much later. */
const retryMillis = 5_000;

let storage: StorageClient;
let flash: BootFlash;
let chain: Chain | null;
let settings: Settings;
let trouble: string;
/** What a former life of this service had begun is its successor's to end; what a former life of the node had begun is over. */
let isNodeNew: boolean;
let openedMicros: number;

export default defineService({
  version: "1.0.0",
  stateSchema: 1,
  start(context, state) {
    storage = openStorage(context);
    flash = openBootFlash(context);
    chain = null;
    settings = {};
    trouble = notOpened;
    isNodeNew = state === undefined;
    openedMicros = context.monotonicMicros();
    context.after(0, "open");
  },
  receive: {
    async open(_tick, context: Context) {
      if ((await open(context)) === null) context.after(retryMillis, "open");
    },
    async begin(body: unknown, context: Context): Promise<{ readonly entry: number } | Answer> {
      const of = await open(context);
      if (of === null) return { error: trouble };
      const error = await makeRoom(of, context);
      return error === null ? answer(() => begin(of, readChange(body), context)) : { error };
    },
    commit({ entry, settings: changed, components }: CommitChange, context: Context): Promise<Answer> {
      return end(entry, context, async (of) => {
        const next = { ...settings, ...(changed === undefined ? {} : readSettings(changed)) };
        const error = components === undefined ? null : await writeComponents(flash, components, entry);
        if (error !== null) return { error };
        const record = of.over(entry, "committed", "", utc(context));
        const failure = await write(of, record, [{ key: settingsKey, value: encode({ ...next }) }]);
        if (failure !== null) return components === undefined ? { error: failure } : {};
        settings = next;
        if (changed !== undefined) context.publish("settings", settings, { priority: "MEDIUM" });
        return {};
      });
    },
    async abandon(body: { readonly entry: number; readonly reason: string }, context: Context): Promise<Answer> {
      const { entry, reason } = body;
      const of = await open(context);
      if (of === null) return { error: trouble };
      const change = of.changeOf(entry);
      if (change === null || (of.open?.entry !== entry && change.order.operation !== "swap"))
        return { error: `change ${entry} does not stand open` };
      const error =
        (await takeOut(flash, entry, change, of.lastSwap(entry))) ?? (await endUndone(of, entry, reason, context));
      return error === null ? {} : { error };
    },
    try({ entry, components }: TryChange, context: Context): Promise<Answer> {
      return end(entry, context, async () => {
        const error = await tryComponents(flash, components, entry, journalLimits.trialMillis);
        return error === null ? {} : { error };
      });
    },
    async confirm(_body: unknown, context: Context): Promise<Answer> {
      const error = await confirmTrial(flash);
      if (error !== null) return { error };
      // Where storage does not answer, the record follows.
      const of = await open(context);
      if (of !== null) await makeRoom(of, context);
      return {};
    },
    async revert({ reason }: { readonly reason: string }, context: Context): Promise<Answer> {
      const error = await revert(await open(context), reason, context);
      return error === null ? {} : { error };
    },
    async settle({ service, module }: RunningModule, context: Context): Promise<Answer> {
      const of = await open(context);
      if (of === null) return { error: trouble };
      const written = await writtenModule(flash, service);
      return written === null || written === module ? {} : settle(of, service, written, module, context);
    },
    /** From command: storage was, and this journal is gone with it. */
    formatted() {
      chain = null;
    },
    async records({ after }: { readonly after: number }, context: Context) {
      const of = await open(context);
      const records = of?.after(after, journalLimits.recordsEach) ?? [];
      return { records, isComplete: (records.at(-1)?.number ?? of?.lastNumber ?? 0) === (of?.lastNumber ?? 0) };
    },
    async reverse({ entry }: { readonly entry: number | null }, context: Context): Promise<Reversal | Answer> {
      const of = await open(context);
      return of === null ? { error: trouble } : of.reverse(entry);
    },
    async status(_body, context: Context): Promise<JournalStatus> {
      const of = await open(context);
      const head = formatHex(of?.head ?? new Uint8Array(32));
      return { records: of?.lastNumber ?? 0, head, settings, trouble: of === null ? trouble : "" };
    },
  },
  /** It has read its records, or says why it cannot: a storage that is away is no fault of ours. */
  health: () => chain !== null || trouble !== notOpened,
});

// ── Opening ──

/** null: storage is not there, and `trouble` says why. */
async function open(context: Context): Promise<Chain | null> {
  if (chain !== null) return chain;
  const found = await load();
  if ("error" in found) {
    trouble = found.error;
    return null;
  }
  chain = new Chain(found.records, (await readWritten(flash))?.operation ?? 0);
  settings = found.settings;
  if (isNodeNew) await endWhatStandsOpen(chain, context);
  isNodeNew = false;
  context.commit({});
  context.publish("settings", settings, { priority: "MEDIUM" });
  return chain;
}

async function load(): Promise<
  { readonly records: JournalRecord[]; readonly settings: Settings } | { readonly error: string }
> {
  const kept = await storage.get(settingsKey);
  if (kept.error !== undefined) return { error: `storage answers ${kept.error}: ${kept.message}` };
  const records: JournalRecord[] = [];
  let after: string | undefined;
  for (let isComplete = false; !isComplete; ) {
    const page = await storage.list(recordPrefix, after);
    if (page.error !== undefined) return { error: `storage answers ${page.error}: ${page.message}` };
    for (const { value } of page.entries) records.push(decodeJournalRecord(value));
    after = page.entries.at(-1)?.key;
    isComplete = page.isComplete || after === undefined;
  }
  return { records, settings: kept.value === null ? {} : readSettings(decode(kept.value)) };
}

/** The power failed in the midst of it. What changes components is made if the boot record says so, and only then. */
async function endWhatStandsOpen(of: Chain, context: Context): Promise<void> {
  const written = await readWritten(flash);
  const { open: standing } = of;
  if (written?.isOnTrial === true) {
    // The reincarnation server tells how the trial ends.
    if (bootOf(context.configuration).state === "reverted")
      await revert(of, "it was not confirmed within its boots", context);
    return;
  }
  const { operation = null } = written ?? {};
  const entry = standing?.entry ?? of.lastSwap();
  if (operation === entry && standing !== null) await write(of, of.over(entry, "committed", "", utc(context)), []);
  else if (standing !== null || (operation !== null && operation < entry))
    await endUndone(
      of,
      entry,
      `the power failed ${standing === null ? "as it was taken back" : "before it was committed"}`,
      context,
    );
  else return;
  context.log("warning", `change ${entry} was cut off and is ${of.isUndone(entry) ? "undone" : "committed"}`);
}

// ── Writing ──

/** One change at a time. What was made is closed, what nobody came back to is undone. Answers who is in the way, or null. */
async function makeRoom(of: Chain, context: Context): Promise<string | null> {
  const { open: standing } = of;
  if (standing === null) return null;
  const { entry, change } = standing;
  const written = await readWritten(flash);
  if (written?.operation === entry && written.isOnTrial) return `change ${entry} is on trial; wait for its end`;
  if (written?.operation === entry) return write(of, of.over(entry, "committed", "", utc(context)), []);
  // What this service does in one go stands open only where it fell in the midst of it.
  if (change?.by !== settledBy && context.monotonicMicros() - openedMicros < journalLimits.openMicros)
    return `change ${entry} is under way; wait for its end`;
  return endUndone(of, entry, "nobody ended it", context);
}

async function begin(of: Chain, change: Change, context: Context): Promise<{ readonly entry: number } | Answer> {
  const record = of.begun(change, utc(context));
  const error = await write(of, record, []);
  openedMicros = context.monotonicMicros();
  return error === null ? { entry: record.number } : { error };
}

/** A change that nobody ordered: another version of a service works than the one that was written down. */
async function settle(of: Chain, service: string, from: string, to: string, context: Context): Promise<Answer> {
  const swapTo = (module: string) => ({ operation: "swap", argument: { moves: [{ service, module }] } });
  const error = await makeRoom(of, context);
  if (error !== null) return { error };
  const begun = await begin(of, { order: swapTo(to), reverse: swapTo(from), by: settledBy, undoes: null }, context);
  if (!("entry" in begun)) return begun;
  const { entry } = begun;
  const failure = await writeComponents(flash, [{ service, module: to }], entry);
  if (failure === null) await write(of, of.over(entry, "committed", "", utc(context)), []);
  else await endUndone(of, entry, failure, context);
  return failure === null ? {} : { error: failure };
}

/** The versions before a trial count again; without the chain its record follows at the next boot. */
async function revert(of: Chain | null, reason: string, context: Context): Promise<string | null> {
  const { operation = 0, isOnTrial = false } = (await readWritten(flash)) ?? {};
  if (!isOnTrial) return null;
  const error = await revertTrial(flash, of?.lastSwap(operation) ?? 0);
  return error ?? (of === null ? null : endUndone(of, operation, reason, context));
}

/** Once is enough, however often it is said. */
async function endUndone(of: Chain, entry: number, reason: string, context: Context): Promise<string | null> {
  return of.isUndone(entry) ? null : write(of, of.over(entry, "undone", reason, utc(context)), []);
}

async function end(entry: number, context: Context, act: (of: Chain) => Promise<Answer>): Promise<Answer> {
  const of = await open(context);
  if (of === null) return { error: trouble };
  if (of.open?.entry !== entry) return { error: `change ${entry} does not stand open` };
  return answer(() => act(of));
}

/** What is no change or no setting came from outside. */
async function answer<Result extends object>(act: () => Promise<Result>): Promise<Result | Answer> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof WireError) return { error: error.message };
    throw error;
  }
}

/** Answers why it is not durable, or null. */
async function write(of: Chain, record: JournalRecord, more: readonly StorageOperation[]): Promise<string | null> {
  const { oldest } = of;
  const dropped = of.length >= journalLimits.records && oldest !== undefined ? [oldest] : [];
  const reply = await storage.apply([
    ...dropped.map(({ number }) => ({ key: keyOf(number), value: null })),
    { key: keyOf(record.number), value: encodeJournalRecord(record) },
    ...more,
  ]);
  if (reply.error !== undefined) return `storage answers ${reply.error}: ${reply.message}`;
  of.append(record, dropped.length);
  return null;
}

function keyOf(number: number): string {
  return recordPrefix + `${number}`.padStart(16, "0");
}

function utc({ wallClock }: Context): number {
  return Math.floor(wallClock().micros);
}
