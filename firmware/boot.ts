// How a node comes up: the system table is completed with what this node was started with, checked, and given to the kernel.

import { system } from "firmware/system";
import { host } from "host/kernel";
import { checkTable, createKernel, type Kernel, type ServiceEntry, type SystemTable } from "kernel/mod";

/** What a host starts a node with. */
export interface NodeConfiguration {
  /** Another table than the firmware's: for tests and benches. */
  readonly table?: SystemTable;
  /** For every service, as `context.configuration`: site, node, … */
  readonly configuration: { readonly [key: string]: unknown };
}

/** Device ports that some host has. */
export const ports: readonly string[] = ["waveform", "socket", "simulator", "probe"];

export default function boot(node: NodeConfiguration, messages: number): Kernel {
  const table = node.table ?? system;
  checkTable(table, ports);
  const services = table.services.map((entry: ServiceEntry) => ({
    ...entry,
    configuration: { ...entry.configuration, ...node.configuration },
  }));
  return createKernel(host, { ...table, services }, messages);
}
