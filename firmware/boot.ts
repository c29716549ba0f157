// How a node comes up: the system table is completed with what the boot record says of this node and with what it was started
// with, checked, and given to the kernel.

import { declareTable } from "firmware/declare";
import { system } from "firmware/system";
import { type NodeEntry, type NodeTable, safeTable, tableConfiguration } from "firmware/table";
import { checkTable } from "firmware/table-check";
import { host } from "host/kernel";
import { createKernel, type Kernel } from "kernel/mod";
import { type BootComponent, type BootReport, bootRecordLimits, readBootReport } from "services/api/boot-record";

/** What a host starts a node with. */
export interface NodeConfiguration {
  /** Another table than the firmware's: for tests, benches and `lugh run`. */
  readonly table?: NodeTable;
  /** Device ports that this node has beyond the usual ones: what stands in for services that the table leaves out. */
  readonly ports?: readonly string[];
  /** Comes up in safe mode: with the essential services alone. */
  readonly isSafe?: boolean;
  /** Why it comes up again; whoever looks at a node in safe mode is told. */
  readonly safeReason?: string;
  /** Runs the hot path as the kernel specifies it, not as the host does it in C: for tests. */
  readonly isSpecification?: boolean;
  /** For every service, as `context.configuration`: site, node, … */
  readonly configuration: { readonly [key: string]: unknown };
}

/** Device ports that some host has. */
export const ports: readonly string[] = ["waveform", "socket", "flash", "simulator", "probe"];

/** `found`: the BootReport of a host with flash. Services find it as `configuration.boot`, less the record. */
export default function boot(node: NodeConfiguration, messages: number, found?: unknown): Kernel {
  const whole = node.table ?? system;
  const known = [...ports, ...(node.ports ?? [])];
  checkTable(whole, known);
  const { record, ...told } = readBootReport(found);
  const reason = reasonToBeSafe(node, told);
  const table = reason === null ? whole : safeTable(whole, known, reason);
  const components = (told.state === "reverted" ? record?.trial?.former : record?.active) ?? [];
  const services = table.services.map((entry: NodeEntry) => ({
    ...entry,
    ...runsOf(entry, components),
    ...(entry.net === undefined ? {} : { net: entry.net.flatMap((place) => placesOf(place, node)) }),
    configuration: {
      ...tableConfiguration(table, entry),
      // A service need not ask for what its entry does not grant.
      takesSettings: entry.subscribes?.includes("settings") === true,
      ...entry.configuration,
      ...node.configuration,
      boot: told,
    },
  }));
  const completed = { ...table, services };
  declareTable(host, completed);
  return createKernel(host, completed, messages, node.isSpecification);
}

/** Why nothing may run but what can mend the node; null: all may. */
function reasonToBeSafe(
  { isSafe = false, safeReason = "" }: NodeConfiguration,
  { state, reason, ends }: Omit<BootReport, "record">,
): string | null {
  if (state === "unreadable") return `the boot record cannot be read: ${reason}`;
  if (isSafe) return safeReason;
  return ends < bootRecordLimits.endsToSafeMode
    ? null
    : `its kernel ended ${ends} times in a row, the last time: ${safeReason}`;
}

/** What the firmware itself has stays known as what comes before it. */
function runsOf({ name }: NodeEntry, components: readonly BootComponent[]): Pick<NodeEntry, "runs"> {
  const component = components.find(({ service }) => service === name);
  return component === undefined ? {} : { runs: component.module };
}

/** "broker" stands for the one that this node was started with; a node that was told none reaches none. */
function placesOf(place: string, { configuration }: NodeConfiguration): string[] {
  if (place !== "broker") return [place];
  const { brokerHost, brokerPort } = configuration;
  return brokerHost === undefined ? [] : [`${brokerHost}:${brokerPort}`];
}
