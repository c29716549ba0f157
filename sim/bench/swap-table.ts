// Who takes part in the bench of swaps: the load, those who watch it, and the schedulers that come and go.

import { type Entry, entry } from "sim/bench/table";

export const good = ["services/scheduler/round-robin", "services/scheduler/priority", "services/scheduler/deadline"];

/** What a bad scheduler does, and the fault that it has to be put out for. */
export const faults = Object.freeze({
  hang: "out-of-budget",
  starvation: "starved",
  nonsense: "nonsense",
  memory: "out-of-memory",
  throw: "threw",
});

export type Kind = keyof typeof faults;

export const kinds = Object.keys(faults) as readonly Kind[];

export const streams = ["streamer-0", "streamer-1", "streamer-2", "streamer-3"] as const;

/** Twice what the costliest plan of so few services takes: a hang is found out in it. */
export const planSteps = 20_000;

export function entries(): readonly Entry[] {
  const reach = (...names: readonly string[]) => names.map((to) => ({ to, priority: "HIGH" as const }));
  const others = [
    entry("witness", "witness", { sends: reach("witness", "probe"), calls: reach("echo") }),
    entry("echo", "echo"),
    entry("swapper", "swapper", { sends: reach("probe"), calls: reach("kernel") }),
    entry("sink", "sink", { sends: reach("probe") }),
    entry("urgent", "urgent", { sends: reach("urgent", "bystander") }),
    entry("bystander", "bystander", { sends: reach("urgent", "probe") }),
    ...streams.map((name) => entry(name, "streamer", { sends: reach("sink", "probe", name), configuration: { name } })),
  ];
  const indexOf = (name: string): number => others.findIndex((other) => other.name === name);
  const configuration = { favourite: indexOf("urgent"), victim: indexOf("bystander") };
  return [...others, entry("scheduler", "", { module: good[0] as string, budgetSteps: planSteps, configuration })];
}
