// What the sensor tells the reporter: one reading a second, and events as they begin and end. Both are what goes out on
// the wire, less what reporting adds; the fields are told there.

import type { EventReport } from "wire/event";
import type { Telemetry } from "wire/telemetry";

/** Centred on a whole second of UTC. Its `sequence` is the sensor's own. */
export type Reading = Omit<Telemetry, "historical" | "worldTime">;

export type GridEvent = Omit<EventReport, "sequence" | "historical">;
