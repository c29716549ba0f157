// What is done about a storage that cannot be read. Nobody repairs or erases it but an operator, who may keep what lies there: the
// node comes up in safe mode and says why.

import type { Context } from "lughos";
import type { JournalStatus } from "services/api/journal";
import type { StorageStatus } from "services/api/storage";
import { isPassing, openStorage } from "services/api/storage-client";
import { begin } from "services/command/journaled";
import type { Outcome } from "services/command/outcome";
import type { PlainValue } from "wire/plain";
import { cutSentence } from "wire/sentence";
import { Fields } from "wire/shape";

/** With these, what lies there may be evidence, and a node that went on would lose what it should keep. */
const unreadableStates: readonly StorageStatus["state"][] = ["foreign-format", "newer-format", "unreadable"];

/** A flash that failed or is busy is looked at again so much later. */
export const lookAgainMillis = 5_000;

/** Sends the node into safe mode if its storage cannot be read. False: nobody can say yet. */
export async function lookAtStorage(context: Context): Promise<boolean> {
  const status = await openStorage(context).status();
  if (status.error !== undefined) return !isPassing(status);
  if (context.configuration.isSafeMode === true || !unreadableStates.includes(status.state)) return true;
  const reason = `storage is ${status.state}: ${status.reason}`;
  context.log("error", `${reason}; the node goes into safe mode`);
  await context.call("kernel", "reboot", { reason: cutSentence(reason), isSafe: true });
  return true;
}

/** A piece of what lies on the flash of storage, readable or not. */
export async function image(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const address = argument === undefined ? 0 : new Fields(argument, "argument").count("address");
  const found = await openStorage(context).image(address);
  if (found.error !== undefined) return { ok: false, code: "refused", message: found.message };
  return { ok: true, result: { bytes: found.bytes, next: found.next } };
}

/** Erases storage, the journal with it: the new one begins with a record of that. */
export async function format(_argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  if (context.configuration.isSafeMode !== true)
    return refuse("Cannot format: this node is not in safe mode; lugh reboot --safe brings it there");
  const storage = openStorage(context);
  const before = await storage.status();
  const { head } = await context.call<JournalStatus>("journal", "status");
  const { state, reason } = before.error === undefined ? before : { state: before.error, reason: before.message };
  context.log("warning", `storage, which is ${state}, is formatted by an unsigned command`);
  const formatted = await storage.format();
  if (formatted.error !== undefined) return refuse(`Cannot format: ${formatted.message}`);
  await context.call("mqtt", "formatted");
  const error = await writeDown({ state, reason: cutSentence(reason), head }, context);
  return error === null ? { ok: true, result: { was: state } } : refuse(`It is formatted, but: ${error}`);
}

/** There was nowhere to begin it before. */
async function writeDown(
  argument: { readonly state: string; readonly reason: string; readonly head: string },
  context: Context,
): Promise<string | null> {
  await context.call("journal", "formatted");
  const order = { operation: "format", argument };
  const begun = await begin({ order, reverse: null, by: "an unsigned command", undoes: null }, context);
  if ("error" in begun) return begun.error;
  const { entry } = begun;
  const { error = null } = await context.call<{ readonly error?: string }>("journal", "commit", { entry });
  return error;
}

function refuse(message: string): Outcome {
  return { ok: false, code: "refused", message };
}
