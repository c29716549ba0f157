// The system table as firmware writes it: the kernel's, with what only the services around the kernel need to know.

import { kernelChannel, type ServiceEntry, type SystemTable } from "kernel/mod";
import type { RestartPolicy, Watched } from "services/api/restart";

export interface NodeEntry extends ServiceEntry {
  /** What the reincarnation server does for it. */
  readonly policy?: RestartPolicy;
  /** Runs in safe mode too: what reaches a node and mends it. */
  readonly isEssential?: boolean;
  /** Replaced by a reboot only: it takes part in every update itself. */
  readonly needsReboot?: boolean;
  /** May look at the flash of storage itself, and format it. */
  readonly mendsStorage?: boolean;
  /** Finds all services of the node with their versions as `configuration.services`, to announce them. */
  readonly announces?: boolean;
}

export interface NodeTable extends SystemTable {
  readonly services: readonly NodeEntry[];
}

/** In safe mode whatever is dead is started again once in this time; nobody is there to think about it. */
const safeRestartMicros = 1_000_000;

/** What is left in safe mode, of which all are told why: the essential services in the built-in order, without the channels to those that do not run. */
export function safeTable({ services }: NodeTable, ports: readonly string[], safeModeReason: string): NodeTable {
  const essential = services.filter(({ isEssential }) => isEssential === true);
  const there = [...essential.map(({ name }) => name), ...ports, kernelChannel];
  const topics = [...ports, "log", ...essential.flatMap(({ publishes = [] }) => publishes.map(({ to }) => to))];
  return {
    restartMicros: safeRestartMicros,
    services: essential.map((entry) => ({
      ...entry,
      sends: (entry.sends ?? []).filter(({ to }) => there.includes(to)),
      calls: (entry.calls ?? []).filter(({ to }) => there.includes(to)),
      subscribes: (entry.subscribes ?? []).filter((topic) => topics.includes(topic)),
      configuration: { ...entry.configuration, isSafeMode: true, safeModeReason },
    })),
  };
}

/** The configuration that a service has because of what stands in the table beside it. */
export function tableConfiguration(table: NodeTable, entry: NodeEntry): { readonly [key: string]: unknown } {
  if (entry.name === table.reincarnation) return { watched: watchedOf(table) };
  if (entry.name === "storage") return { stores: storesOf(table) };
  if (entry.announces !== true) return {};
  return { services: table.services.map(({ name, version }) => ({ name, version: version ?? "unknown" })) };
}

function watchedOf({ services }: NodeTable): { readonly [service: string]: Watched } {
  return Object.fromEntries(
    services.map(({ name, policy = {}, calls = [], needsReboot = false }) => [
      name,
      { policy, calls: calls.map(({ to }) => to), needsReboot },
    ]),
  );
}

/** Who keeps what, and who mends it. */
function storesOf({ services }: NodeTable): readonly object[] {
  return services.flatMap(({ name: service, stores: prefix, storesBytes = null, mendsStorage: mends = false }) =>
    prefix === undefined ? [] : [{ service, prefix, quotaBytes: storesBytes, mends }],
  );
}
