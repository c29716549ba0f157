// When a faulted service is started again, and from what. Pure: takes the moment, returns the next moment and a new record.
//
// A single fault is most often one bad message, so the service returns at once. One that falls again and again would
// turn the node into a heater that starts services: beyond a few restarts in a short time it waits, each time twice as
// long, and what it starts from becomes older and safer: its last commit, then the version before the last update, then
// what the table gives. A service that then works for a while has earned a clean record.

import type { RestartPolicy } from "services/api/restart";

/** Every limit of the policy. `quietMicros` exceeds `windowMicros`, so a clean record never hides a crowded window. */
export const limits = Object.freeze({
  /** Restarts in one window. Two would punish a burst of bad input; ten cost a chip a tenth of its time at 100 ms a start. */
  restarts: 5,
  windowMicros: 10_000_000,
  /** The first back-off; as long as it takes a person to see that something is wrong. */
  firstWaitMicros: 1_000_000,
  /** The longest: a service whose cause was cured (a cable, a broker) should be back before somebody drives there. */
  longestWaitMicros: 60_000_000,
  /** Without a fault for so long after its last restart, a service starts with a clean record. */
  quietMicros: 60_000_000,
  /** Back-offs after which the version before is started, then what the table gives, then the last resort is taken. */
  waitsToFormer: 2,
  waitsToTable: 3,
  waitsToLastResort: 5,
});

/** What is remembered of one service that faulted. Plain data, committed with the state. All moments are monotonic. */
export interface FaultRecord {
  /** Restarts of the last window, oldest first; at most as many as its policy allows in one. */
  readonly restartsMicros: readonly number[];
  /** Back-offs since the record was clean. */
  readonly waits: number;
  /** When it is to be started again; null while it runs. */
  readonly dueMicros: number | null;
}

export const cleanRecord: FaultRecord = Object.freeze({ restartsMicros: Object.freeze([]), waits: 0, dueMicros: null });

/** The service faulted: decides when it starts again. A second report before that restart changes nothing. */
export function faulted(
  record: FaultRecord,
  nowMicros: number,
  { restarts = limits.restarts }: RestartPolicy = {},
): FaultRecord {
  if (record.dueMicros !== null) return record;
  const lastMicros = record.restartsMicros.at(-1);
  if (lastMicros !== undefined && nowMicros - lastMicros >= limits.quietMicros)
    return { ...cleanRecord, dueMicros: nowMicros };
  const restartsMicros = record.restartsMicros.filter((moment) => nowMicros - moment < limits.windowMicros);
  const oldestMicros = restartsMicros.length < restarts ? undefined : restartsMicros.at(-restarts);
  if (oldestMicros === undefined && record.waits === 0) return { restartsMicros, waits: 0, dueMicros: nowMicros };
  const waitMicros = Math.min(limits.firstWaitMicros * 2 ** record.waits, limits.longestWaitMicros);
  const roomMicros = oldestMicros === undefined ? nowMicros : oldestMicros + limits.windowMicros;
  return { restartsMicros, waits: record.waits + 1, dueMicros: Math.max(nowMicros + waitMicros, roomMicros) };
}

/** The service was started again. */
export function restarted(
  record: FaultRecord,
  nowMicros: number,
  { restarts = limits.restarts }: RestartPolicy = {},
): FaultRecord {
  return {
    restartsMicros: record.restartsMicros.concat(nowMicros).slice(-restarts),
    waits: record.waits,
    dueMicros: null,
  };
}

/** From what a service is started: its last commit, the version before its last update, or what the table gives. */
export type Step = "commit" | "former" | "table" | "reboot";

/** What the next start of a service with this record tries. The last commit again once all else was tried, and a reboot last. */
export function stepOf({ waits }: FaultRecord, { lastResort = "wait" }: RestartPolicy = {}): Step {
  if (waits === limits.waitsToFormer) return "former";
  if (waits === limits.waitsToTable) return "table";
  return waits >= limits.waitsToLastResort && lastResort === "reboot" ? "reboot" : "commit";
}
