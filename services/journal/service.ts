// The service "journal": through it goes whatever changes this node for good (services/api/journal). It writes down that a change
// is begun, and then in one step what the change leaves behind and that it was made: settings in storage, components in the boot
// record, which is the commit point where there are any.

import { type Context, defineService } from "lughos";
import type { BootComponent } from "services/api/boot-record";
import type { FlashBytes, FlashDone, FlashGeometry, FlashRefusal } from "services/api/flash";
import { type CommitChange, type JournalStatus, journalLimits, type Reversal } from "services/api/journal";
import { readSettings, type Settings } from "services/api/settings";
import type { StorageOperation } from "services/api/storage";
import { openStorage, type StorageClient } from "services/api/storage-client";
import { type BootFlash, findBootRecord, writeBootRecord } from "services/journal/boot-sectors";
import { Chain } from "services/journal/chain";
import { decode, encode } from "wire/cbor";
import { WireError } from "wire/error";
import { formatHex } from "wire/hex";
import { decodeJournalRecord, encodeJournalRecord, type JournalRecord, readChange } from "wire/journal";

type Answer = { readonly error?: string };

const recordPrefix = "journal/record/";
const settingsKey = "journal/settings";

/** An erase of each sector, at its worst, and what stands in front of it. */
const flashPatienceMillis = 5_000;

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
    flash = openFlash(context);
    chain = null;
    settings = {};
    trouble = "it was not opened yet";
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
      const { open: standing } = of;
      if (standing !== null && context.monotonicMicros() - openedMicros < journalLimits.openMicros)
        return { error: `change ${standing.entry} is under way; wait for its end` };
      if (standing !== null) await write(of, of.over(standing.entry, "undone", "nobody ended it", utc(context)), []);
      return answer(async () => {
        const record = of.begun(readChange(body), utc(context));
        const error = await write(of, record, []);
        openedMicros = context.monotonicMicros();
        return error === null ? { entry: record.number } : { error };
      });
    },
    commit({ entry, settings: changed, components }: CommitChange, context: Context): Promise<Answer> {
      return end(entry, context, async (of) => {
        const error = components === undefined ? null : await writeComponents(components, entry);
        if (error !== null) return { error };
        const next = { ...settings, ...(changed === undefined ? {} : readSettings(changed)) };
        const record = of.over(entry, "committed", "", utc(context));
        const failure = await write(of, record, [{ key: settingsKey, value: encode({ ...next }) }]);
        if (failure !== null) return { error: failure };
        settings = next;
        if (changed !== undefined) context.publish("settings", settings, { priority: "MEDIUM" });
        return {};
      });
    },
    abandon({ entry, reason }: { readonly entry: number; readonly reason: string }, context: Context): Promise<Answer> {
      return end(entry, context, async (of) => {
        const error = await write(of, of.over(entry, "undone", reason, utc(context)), []);
        return error === null ? {} : { error };
      });
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
  chain = new Chain(found.records, (await findBootRecord(flash))?.record.operation ?? 0);
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

/** The power failed in the midst of it. What changes components is made once the boot record says so. */
async function endWhatStandsOpen(of: Chain, context: Context): Promise<void> {
  const { open: standing } = of;
  if (standing === null) return;
  const found = await findBootRecord(flash);
  const isMade = found?.record.operation === standing.entry;
  const reason = isMade ? "" : "the power failed before it was committed";
  await write(of, of.over(standing.entry, isMade ? "committed" : "undone", reason, utc(context)), []);
  context.log("warning", `change ${standing.entry} stood open and is ${isMade ? "committed" : "undone"}`);
}

// ── Writing ──

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

/** These run from the next boot on, and whatever ran beside them. */
async function writeComponents(components: readonly BootComponent[], operation: number): Promise<string | null> {
  const found = await findBootRecord(flash);
  if (found === null) return "the boot record cannot be read, and is not written over";
  const others = found.record.active.filter(({ service }) => !components.some((each) => each.service === service));
  return writeBootRecord(flash, { ...found.record, active: [...others, ...components], trial: null, operation });
}

function openFlash({ call }: Context): BootFlash {
  const ask = <Reply>(type: string, argument: object): Promise<Reply> =>
    call<Reply>("flash", type, argument, { deadlineMillis: flashPatienceMillis }).catch((error: unknown) => {
      // A flash that does not answer has failed, as one that says so.
      if (error instanceof Error && "answer" in error) return { error: "failed" } as Reply;
      throw error;
    });
  return {
    geometry: () => ask<FlashGeometry>("geometry", {}),
    read: (address, length) => ask<FlashBytes | FlashRefusal>("read", { address, length }),
    program: (address, bytes) => ask<FlashDone | FlashRefusal>("program", { address, bytes }),
    erase: (sector) => ask<FlashDone | FlashRefusal>("erase", { sector }),
    sync: () => ask<FlashDone | FlashRefusal>("sync", {}),
  };
}

function keyOf(number: number): string {
  return recordPrefix + `${number}`.padStart(16, "0");
}

function utc({ wallClock }: Context): number {
  return Math.floor(wallClock().micros);
}
