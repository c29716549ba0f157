// A refused call, told apart from a mistake of ours.

import type { Refusal } from "lughos";

export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && "answer" in error;
}
