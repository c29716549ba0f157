// What the kernel answers on its own channel: figures for whoever watches, and the restart that the reincarnation
// server decides on. The contract is services/api/kernel.

import type { Host } from "kernel/host";
import type { Life } from "kernel/life";
import { limits } from "kernel/limits";
import type { KernelState } from "kernel/state";
import type { Swaps } from "kernel/swap";
import type { SystemTable } from "kernel/table";

/** Dispatches in one answer: a body of some 8 KB, which every service that may ask can hold. */
const tracedEach = 64;

/** `asker` is the service that called. */
export type Control = (type: string, body: unknown, asker: number) => unknown;

export function createControl(
  host: Host,
  table: SystemTable,
  state: KernelState,
  life: Life,
  swaps: Swaps,
  scheduler: () => string,
): Control {
  const names = table.services.map((service) => service.name);

  function serviceStatistics(name: string, service: number): unknown {
    return {
      name,
      state: state.alive[service] === 0 ? "dead" : "running",
      generation: state.generation[service],
      restarts: state.restarts[service],
      lastFault: life.lastFault(service),
      queued: state.queued[service],
      ...host.figures(service),
    };
  }

  function field(body: unknown, name: string): unknown {
    return typeof body === "object" && body !== null ? Object.getOwnPropertyDescriptor(body, name)?.value : undefined;
  }

  function restart(body: unknown): unknown {
    const name = field(body, "service");
    const service = typeof name === "string" ? names.indexOf(name) : -1;
    if (service === -1)
      return { error: `Cannot restart service: wanted the name of one, found ${JSON.stringify(name)}` };
    if (state.alive[service] !== 0) return { error: `Cannot restart service "${name}": it is running` };
    if (!life.start(service)) return { error: `Cannot restart service "${name}": it faulted as it started` };
    state.restarts[service]!++;
    return { generation: state.generation[service] };
  }

  function swap(body: unknown, asker: number): unknown {
    const name = field(body, "service");
    const module = field(body, "module");
    const service = typeof name === "string" ? names.indexOf(name) : -1;
    if (service === -1) return { error: `Cannot swap: wanted the name of a service, found ${JSON.stringify(name)}` };
    if (typeof module !== "string" || module.length === 0 || module.length > limits.moduleLength)
      return { error: `Cannot swap ${name}: wanted the name of a module, found ${JSON.stringify(module)}` };
    const error = swaps.request(service, module, asker);
    return error === null ? { begun: true } : { error: `Cannot swap ${name}: ${error}` };
  }

  return (type, body, asker) => {
    if (type === "statistics")
      return {
        uptimeMicros: host.monotonicMicros(),
        scheduler: scheduler(),
        highWaitMicros: host.highWaitMicros(),
        waits: host.waits(),
        services: names.map(serviceStatistics),
      };
    if (type === "restart") return restart(body);
    if (type === "swap") return swap(body, asker);
    if (type === "trace") return host.trace(tracedEach);
    return { error: `Cannot answer "${type}": wanted "statistics", "restart", "swap" or "trace"` };
  };
}
