// The audit trail of `lugh run`: each decision about a permission as one line of JSON, in the order in which they were made.

import { appendFileSync, writeFileSync } from "node:fs";
import type { SessionEvent } from "sim/run/session";

export interface Audit {
  /** Takes what is a decision, and passes over the rest. */
  note(event: SessionEvent): void;
}

export function openAudit(file: string | undefined): Audit {
  if (file === undefined) return { note: () => undefined };
  writeFileSync(file, "");
  return {
    note(event) {
      if (event.event !== "granted" && event.event !== "refused") return;
      const { permission, name } = event;
      const record = { time: new Date().toISOString(), service: event.service, permission, name, ...decision(event) };
      appendFileSync(file, `${JSON.stringify(record)}\n`);
    },
  };
}

function decision(event: SessionEvent & { event: "granted" | "refused" }): object {
  return event.event === "granted" ? { decision: "granted", by: event.by } : { decision: "refused", text: event.text };
}
