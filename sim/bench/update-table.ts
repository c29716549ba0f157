// Who takes part in the bench of live updates, the pairs of versions, and the faults: at every step of an update, of every kind
// that the step can have.

import type { NodeTable } from "firmware/table";
import { planSteps, faults as schedulerTold } from "sim/bench/swap-table";
import { entry } from "sim/bench/table";

export const versions = [1, 2, 3, 4, 5, 6, 7, 8] as const;
export type Version = (typeof versions)[number];

export function moduleOf(version: Version): string {
  return `firmware/bench/meter-${version}`;
}

export interface Pair {
  readonly from: Version;
  readonly to: Version;
  /** A second meter and the scheduler go with it, all or none. */
  readonly isTogether: boolean;
}

/** Every version to every other, up and down: 56 of them, 32 in company. */
export const pairs: readonly Pair[] = versions.flatMap((from) =>
  versions.filter((to) => to !== from).map((to) => ({ from, to, isTogether: (from + to) % 2 === 1 })),
);

export const policies = ["services/scheduler/priority", "services/scheduler/round-robin"] as const;

export interface PlannedFault {
  /** What is planted in the meter ("throw in start"); "": the bench does it itself. */
  readonly planted: string;
  /** What the bench does. */
  readonly act: "none" | "name nobody" | "kill old" | "kill new" | "kill server";
  /** What the node says when it has happened. */
  readonly told: string;
  /** The scheduler's candidate. */
  readonly scheduler?: string;
}

const planted = (where: string, told: string): PlannedFault => ({ planted: where, act: "none", told });
const kinds = {
  throw: "planted in",
  spin: "ran past its budget",
  grow: "needs more than its",
  recurse: "called too deep",
} as const;

/** A rule broken in each of its ways, in code of the meter. */
function broken(step: string): PlannedFault[] {
  return Object.entries(kinds).map(([verb, told]) => planted(`${verb} in ${step}`, told));
}

/** Starvation takes HIGH messages that nobody else sends on: `lugh bench swap` has it. */
const schedulerFaults: readonly PlannedFault[] = (["throw", "hang", "nonsense", "memory"] as const).map((kind) => ({
  planted: "",
  act: "none",
  told: schedulerTold[kind],
  scheduler: `firmware/bench/scheduler-${kind}`,
}));

const serviceFaults: readonly PlannedFault[] = [
  { planted: "", act: "name nobody", told: "the image has no such module" },
  { planted: "", act: "kill old", told: "faulted before the exchange" },
  ...broken("suspend"),
  planted("foreign in suspend", "wanted plain data of suspend()"),
  ...broken("migrate"),
  planted("foreign in migrate", "wanted plain data of migrate()"),
  planted("strip in migrate", "start of "),
  ...broken("start"),
  ...broken("message"),
  ...broken("tenth message"),
  planted("reach in message", "NotCapable"),
  ...broken("health"),
  planted("false in health", "its health check says that it does not work"),
  { planted: "", act: "kill new", told: "killed" },
  { planted: "", act: "kill server", told: "the reincarnation server fell meanwhile" },
];

/** Versions 5 and 6 have the same schema: nothing is migrated between them. */
export function faultsOf({ from, to, isTogether }: Pair): readonly PlannedFault[] {
  const all = isTogether ? [...serviceFaults, ...schedulerFaults] : serviceFaults;
  return all.filter(({ planted: where }) => !(where.endsWith("migrate") && from + to === 11));
}

/** What goes wrong in the company of others goes wrong in the second, when the first has moved; only the first is given messages. */
export function plantedIn({ isTogether }: Pair, { planted: where }: PlannedFault): "sink" | "aside" {
  return isTogether && !where.endsWith("message") ? "aside" : "sink";
}

export const streams = ["streamer-0", "streamer-1"] as const;

export function updateTable(first: Version): NodeTable {
  const reach = (...names: readonly string[]) => names.map((to) => ({ to, priority: "HIGH" as const }));
  return {
    scheduler: "scheduler",
    reincarnation: "reincarnation",
    services: [
      {
        ...entry("reincarnation", "", { sends: reach("command"), calls: reach("kernel"), publishes: reach("fault") }),
        module: "services/reincarnation/service",
        stackSlots: 512,
        memoryBytes: 256 * 1024,
      },
      { ...entry("scheduler", ""), module: policies[0], budgetSteps: planSteps },
      entry("command", "updater", {
        sends: reach("probe"),
        calls: reach("reincarnation", "kernel"),
        subscribes: ["fault"],
      }),
      // A restart a fault, and there are several a second: its back-off would be all that is measured.
      ...["sink", "aside"].map((name) =>
        entry(name, "", {
          module: moduleOf(first),
          sends: reach("probe", "ledger"),
          calls: reach("probe"),
          policy: { restarts: 100 },
          budgetSteps: 200_000,
        } as object),
      ),
      entry("ledger", "ledger", { sends: reach("probe"), mailbox: 256, memoryBytes: 1 << 20 }),
      entry("witness", "witness", {
        sends: reach("witness", "probe"),
        calls: reach("sink"),
        configuration: { asks: "sink" },
      }),
      ...streams.map((name) => entry(name, "streamer", { sends: reach("sink", name), configuration: { name } })),
    ],
  };
}
