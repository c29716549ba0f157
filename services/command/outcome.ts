// How what was asked of a node ended.

import type { PlainValue } from "wire/plain";

export type Outcome =
  | { readonly ok: true; readonly result: PlainValue }
  /** `code` is for programs, `message` for people. */
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Who would answer does not run in safe mode. */
export function notInSafeMode(operation: string): Outcome {
  const message =
    `Cannot do "${operation}": this node is in safe mode, in which only what reaches it and mends it runs; ` +
    "lugh reboot brings it back to normal operation";
  return { ok: false, code: "safe-mode", message };
}
