// Says of a report that was encoded when it was news, and leaves later, that it is not the present state of the grid.

import { WireError } from "wire/error";
import { decodeEvent, encodeEvent } from "wire/event";
import { decodeTelemetry, encodeTelemetry } from "wire/telemetry";
import type { NodeName } from "wire/topics";

/** What is no such report stays as it is: it was somebody else's to say. */
export function markHistorical(name: NodeName, kind: "telemetry" | "event", payload: Uint8Array): Uint8Array {
  try {
    return kind === "event"
      ? encodeEvent({ ...decodeEvent(payload), historical: true })
      : encodeTelemetry(name, { ...decodeTelemetry(name, payload), historical: true });
  } catch (error) {
    if (error instanceof WireError) return payload;
    throw error;
  }
}
