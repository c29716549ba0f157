// The waiting of a command that works again and again until Ctrl-C.

import { setTimeout as sleep } from "node:timers/promises";

/** True when the time has passed, false when `interrupted` came before. Rejects as `lost` does. */
export async function pause(millis: number, interrupted: Promise<void>, lost: Promise<never>): Promise<boolean> {
  const patience = new AbortController();
  const passed = sleep(millis, true, { signal: patience.signal });
  passed.catch(() => undefined);
  try {
    return await Promise.race([passed, interrupted.then(() => false), lost]);
  } finally {
    patience.abort();
  }
}
