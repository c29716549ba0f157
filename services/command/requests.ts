// From the bytes of a command to the bytes of its reply. What comes from the broker is untrusted: whatever is wrong with
// it becomes an outcome with a code, and is answered wherever the id of the request can be read.

import { type Context, isRefusal } from "lughos";
import type { Begun } from "services/command/journaled";
import { type CommandFigures, operations } from "services/command/operations";
import type { Outcome } from "services/command/outcome";
import { decode } from "wire/cbor";
import { type Command, decodeCommand, encodeReply } from "wire/command";
import { WireError } from "wire/error";
import { wordLengthMaximum } from "wire/limits";
import { cutSentence } from "wire/sentence";
import { Fields } from "wire/shape";

/** A command, or what is wrong with it; without a `requestId` nobody can be answered. */
export type Request = { readonly command: Command } | { readonly requestId: string | null; readonly outcome: Outcome };

export function readRequest(payload: Uint8Array): Request {
  try {
    return { command: decodeCommand(payload) };
  } catch (error) {
    return { requestId: readRequestId(payload), outcome: refuseInput("bad-command", error) };
  }
}

function readRequestId(payload: Uint8Array): string | null {
  try {
    return new Fields(decode(payload), "command").text("requestId", wordLengthMaximum);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** Does what the command says. Every expected failure is an outcome. */
export async function perform(command: Command, context: Context, figures: CommandFigures): Promise<Begun> {
  const operation = Object.hasOwn(operations, command.operation) ? operations[command.operation] : undefined;
  if (operation === undefined) {
    const message = `Cannot do "${command.operation}": wanted one of ${Object.keys(operations).join(", ")}`;
    return { ok: false, code: "unknown-operation", message };
  }
  const { changesNode, reveals = false } = operation;
  if ((changesNode || reveals) && context.configuration.insecureCommands !== true)
    return notPermitted(command.operation);
  try {
    return await operation.perform(command.argument, context, figures);
  } catch (error) {
    if (isRefusal(error))
      return { ok: false, code: error.answer, message: `Cannot do "${command.operation}": ${error.message}` };
    return refuseInput("bad-argument", error);
  }
}

export function composeReply(requestId: string, outcome: Outcome): Uint8Array {
  return encodeReply(
    outcome.ok ? { requestId, ...outcome } : { requestId, ...outcome, message: cutSentence(outcome.message) },
  );
}

function notPermitted(operation: string): Outcome {
  const message =
    `Cannot do "${operation}": this node takes no command that changes it or shows all that it keeps, since commands are not signed yet; ` +
    "a simulator takes them when it was started with --insecure-commands";
  return { ok: false, code: "not-permitted", message };
}

function refuseInput(code: string, error: unknown): Outcome {
  if (!(error instanceof WireError)) throw error;
  return { ok: false, code, message: error.message };
}
