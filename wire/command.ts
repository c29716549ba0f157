// What an operator asks of one node (topic kind "command") and its answer ("reply"). The request's id ties the two
// together and lets a node know a repetition. Commands are not signed yet; a node refuses whatever would change it
// unless it was started for experiments (`insecureCommands` in its birth).

import { decode, encode } from "wire/cbor";
import { sentenceLengthMaximum, wordLengthMaximum } from "wire/limits";
import type { PlainValue } from "wire/plain";
import { Fields } from "wire/shape";

export interface Command {
  /** Chosen by the sender, never used twice by it. */
  readonly requestId: string;
  /** Such as "ping", "ps", "resend", "journal"; and "fault", "swap", "configure", "undo", which change the node. */
  readonly operation: string;
  readonly argument?: PlainValue;
}

export type Reply =
  | { readonly requestId: string; readonly ok: true; readonly result: PlainValue }
  /** `code` is for programs, `message` for people. */
  | { readonly requestId: string; readonly ok: false; readonly code: string; readonly message: string };

/** Throws a WireError that names the field which is not as `Command` says. */
export function encodeCommand(command: Command): Uint8Array {
  return encode(readCommand(command));
}

export function decodeCommand(bytes: Uint8Array): Command {
  return readCommand(decode(bytes));
}

export function encodeReply(reply: Reply): Uint8Array {
  return encode(readReply(reply));
}

export function decodeReply(bytes: Uint8Array): Reply {
  return readReply(decode(bytes));
}

function readCommand(value: unknown): Command {
  const fields = new Fields(value, "command");
  return {
    requestId: fields.text("requestId", wordLengthMaximum),
    operation: fields.text("operation", wordLengthMaximum),
    ...(fields.has("argument") ? { argument: fields.plain("argument") } : {}),
  };
}

function readReply(value: unknown): Reply {
  const fields = new Fields(value, "reply");
  const requestId = fields.text("requestId", wordLengthMaximum);
  if (fields.boolean("ok")) {
    if (!fields.has("result")) fields.refuse("result", "a result, null for none", undefined);
    return { requestId, ok: true, result: fields.plain("result") };
  }
  return {
    requestId,
    ok: false,
    code: fields.text("code", wordLengthMaximum),
    message: fields.text("message", sentenceLengthMaximum),
  };
}
