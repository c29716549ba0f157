// Changes that last: each goes through the journal (services/api/journal), which writes it down before and after, and knows how to
// take it back.

import type { Context } from "lughos";
import type { JournalStatus, Reversal } from "services/api/journal";
import type { KernelStatistics } from "services/api/kernel";
import { readSettings, type Settings, settingNames } from "services/api/settings";
import { rebootDelayMillis } from "services/command/changes";
import { notInSafeMode, type Outcome } from "services/command/outcome";
import type { Change } from "wire/journal";
import type { PlainRecord, PlainValue } from "wire/plain";
import { cutSentence } from "wire/sentence";
import { Fields } from "wire/shape";

/** Of names in arguments; what is longer names nothing. */
const nameLengthMaximum = 64;
const moduleLengthMaximum = 95;

/** As many as a node has services at most. */
const movesMaximum = 64;

/** Commands are not signed yet. */
const by = "an unsigned command";

interface Move extends PlainRecord {
  readonly service: string;
  readonly module: string;
}

/** As an operation ends: a swap goes on, and a message will say how it ended. `entry`: the journal's, or null. */
export type Begun = Outcome | { readonly entry: number | null };

/** What an operator has set; null, or nothing, stands for what the node was started with. */
export async function settings(_argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const { settings: now, trouble } = await context.call<JournalStatus>("journal", "status");
  return trouble === "" ? { ok: true, result: { settings: { ...now } } } : refuse(trouble);
}

/** Sets some of it. */
export async function configure(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const wanted = readSettings(argument);
  const { settings: now } = await context.call<JournalStatus>("journal", "status");
  return set(wanted, now, null, context);
}

/** Replaces services by other modules, all or none, with their state, now and from the next boot on. */
export async function swap(argument: PlainValue | undefined, context: Context): Promise<Begun> {
  const moves = new Fields(argument, "argument").list("moves", movesMaximum, readMove);
  return move(moves, null, context);
}

/** Replaces a service by an edition of who writes it on this desk, until the next boot: no image has it, and nobody has signed it. */
export async function develop(argument: PlainValue | undefined, context: Context): Promise<Begun> {
  const moves = new Fields(argument, "argument").list("moves", movesMaximum, readEdition);
  if (context.configuration.isSafeMode === true) return notInSafeMode("develop");
  const list = moves.map(({ service, module }) => `${service} to ${module}`).join(", ");
  context.log("warning", `swap of ${list}, which nobody has signed, until the next boot`);
  const reply = await context.call<PlainRecord>("reincarnation", "update", { moves, entry: null });
  return "error" in reply ? refuse(String(reply.error)) : { entry: null };
}

/** Takes back a change: the one that is named, or the last. It is a change itself, and can be undone. */
export async function undo(argument: PlainValue | undefined, context: Context): Promise<Begun> {
  const entry = argument === undefined ? null : new Fields(argument, "argument").count("entry");
  const reversal = await context.call<Reversal | { readonly error: string }>("journal", "reverse", { entry });
  if ("error" in reversal) return refuse(`Cannot undo: ${reversal.error}`);
  const { order } = reversal;
  if (order.operation === "swap")
    return move(new Fields(order.argument, "order").list("moves", movesMaximum, readMove), reversal.entry, context);
  const { settings: now } = await context.call<JournalStatus>("journal", "status");
  return set(readSettings(order.argument), now, reversal.entry, context);
}

/** The journal's records behind a number, a page at a time. */
export async function journal(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const after = argument === undefined ? 0 : new Fields(argument, "argument").count("after");
  const { head, trouble } = await context.call<JournalStatus>("journal", "status");
  if (trouble !== "") return refuse(trouble);
  const page = await context.call<PlainRecord>("journal", "records", { after });
  return { ok: true, result: { ...page, head } };
}

async function set(wanted: Settings, now: Settings, undoes: number | null, context: Context): Promise<Outcome> {
  const argument: PlainRecord = { ...wanted };
  const former: PlainRecord = {};
  for (const name of settingNames) if (name in wanted) former[name] = now[name] ?? null;
  if (Object.keys(argument).length === 0) return refuse(`Cannot configure: wanted one of ${settingNames.join(", ")}`);
  const begun = await begin(
    { order: { operation: "configure", argument }, reverse: { operation: "configure", argument: former }, by, undoes },
    context,
  );
  if ("error" in begun) return refuse(begun.error);
  const { entry } = begun;
  const { error } = await context.call<{ readonly error?: string }>("journal", "commit", { entry, settings: wanted });
  return error === undefined
    ? { ok: true, result: { entry, settings: { ...now, ...argument }, former } }
    : refuse(error);
}

async function move(moves: readonly Move[], undoes: number | null, context: Context): Promise<Begun> {
  if (context.configuration.isSafeMode === true) return notInSafeMode("swap");
  const { services } = await context.call<KernelStatistics>("kernel", "statistics");
  const stranger = moves.find(({ service }) => !services.some(({ name }) => name === service));
  if (stranger !== undefined) return refuse(`Cannot swap ${stranger.service}: this node has no such service`);
  const former = moves.map(({ service }) => ({
    service,
    module: services.find(({ name }) => name === service)?.module ?? "",
  }));
  const change: Change = {
    order: { operation: "swap", argument: { moves: moves.map((each) => ({ ...each })) } },
    reverse: { operation: "swap", argument: { moves: former } },
    by,
    undoes,
  };
  const begun = await begin(change, context);
  if ("error" in begun) return refuse(begun.error);
  const { entry } = begun;
  context.log(
    "warning",
    `change ${entry}: swap of ${moves.map(({ service, module }) => `${service} to ${module}`).join(", ")}`,
  );
  const reply = await context.call<PlainRecord>("reincarnation", "update", { moves, entry });
  if ("needsReboot" in reply) return tryByReboot(moves, entry, context);
  if (!("error" in reply)) return { entry };
  await context.call("journal", "abandon", { entry, reason: cutSentence(String(reply.error)) });
  return refuse(String(reply.error));
}

/** Tried by the next boot, which comes when this was answered; what becomes of it is in the journal. */
async function tryByReboot(moves: readonly Move[], entry: number, context: Context): Promise<Outcome> {
  const { error } = await context.call<{ readonly error?: string }>("journal", "try", { entry, components: moves });
  if (error !== undefined) {
    await context.call("journal", "abandon", { entry, reason: cutSentence(error) });
    return refuse(error);
  }
  context.after(rebootDelayMillis, "reboot");
  return { ok: true, result: { moves: [...moves], outcome: "trial", reason: "", handled: 0, steps: {}, entry } };
}

export function begin(
  change: Change,
  context: Context,
): Promise<{ readonly entry: number } | { readonly error: string }> {
  return context.call("journal", "begin", change);
}

function readMove(value: unknown, path: string): Move {
  const fields = new Fields(value, path);
  return {
    service: fields.text("service", nameLengthMaximum),
    module: fields.text("module", moduleLengthMaximum),
  };
}

function readEdition(value: unknown, path: string): Move {
  const isAfresh = new Fields(value, path).boolean("isAfresh");
  return { ...readMove(value, path), isAfresh };
}

function refuse(message: string): Outcome {
  return { ok: false, code: "refused", message };
}
