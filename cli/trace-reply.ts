// The dispatches that a node answers to "trace".

import { Failure } from "cli/failure";
import { WireError } from "wire/error";
import { type TracedDispatch, unpackTrace } from "wire/trace";

/** Oldest first. Without the last one, which is the node's answering and is not over yet. */
export function readDispatches(node: string, result: unknown): readonly TracedDispatch[] {
  try {
    return unpackTrace(result).slice(0, -1);
  } catch (error) {
    if (error instanceof WireError)
      throw new Failure("bad-reply", `Cannot read what ${node} answers: ${error.message}`);
    throw error;
  }
}
