// What the kernel answers on its own channel: figures for whoever watches, and what the reincarnation server decides on.
// The contract is services/api/kernel.

import { faultKinds, type Host } from "kernel/host";
import type { Life } from "kernel/life";
import type { KernelState } from "kernel/state";
import type { Swaps } from "kernel/swap";
import type { SystemTable } from "kernel/table";

/** Dispatches in one answer: a body of some 8 KB, which every service that may ask can hold. */
const tracedEach = 64;
/** For who keeps them. */
const tracedShort = 32;

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
      module: swaps.module(service),
      queued: state.queued[service],
      ...host.figures(service),
    };
  }

  function field(body: unknown, name: string): unknown {
    return typeof body === "object" && body !== null ? Object.getOwnPropertyDescriptor(body, name)?.value : undefined;
  }

  function named(body: unknown): number {
    const name = field(body, "service");
    return typeof name === "string" ? names.indexOf(name) : -1;
  }

  const unknownService = (verb: string, body: unknown): unknown => ({
    error: `Cannot ${verb} service: wanted the name of one, found ${JSON.stringify(field(body, "service"))}`,
  });

  /** What is done to one service. */
  function treat(type: string, body: unknown, asker: number): unknown {
    const service = named(body);
    if (service === -1) return unknownService(type, body);
    const isAlive = state.alive[service] !== 0;
    if (type === "examine") return { isHealthy: isAlive && host.health(service, false) > 0 };
    if (isAlive === (type === "restart") || service === asker)
      return { error: `Cannot ${type} service "${names[service]}": it is ${isAlive ? "running" : "dead"}` };
    if (type === "stop") {
      life.fault(service, faultKinds.indexOf(field(body, "isSilent") === true ? "silent" : "stopped"), 0);
      return { stopped: true };
    }
    const from = field(body, "from");
    if (from === "former" || from === "table") swaps.turnBack(service, from === "table");
    if (from === "table") life.reset(service);
    if (!life.start(service)) return { error: `Cannot restart service "${names[service]}": it faulted as it started` };
    state.restarts[service]!++;
    return { generation: state.generation[service] };
  }

  function swap(body: unknown, asker: number): unknown {
    const listed = field(body, "moves");
    const wanted: unknown[] = Array.isArray(listed) && listed.length > 0 ? listed : [body];
    const nobody = wanted.find((each) => named(each) === -1);
    if (nobody !== undefined) return unknownService("swap", nobody);
    const orders = wanted.map((each) => ({
      service: named(each),
      module: String(field(each, "module") ?? ""),
      isAfresh: field(each, "isAfresh") === true,
    }));
    const error = swaps.request(orders, asker, field(body, "awaitsWord") === true);
    return error === null ? { begun: true } : { error: `Cannot swap: ${error}` };
  }

  return (type, body, asker) => {
    if (type === "statistics")
      return {
        uptimeMicros: host.monotonicMicros(),
        scheduler: scheduler(),
        isSwapping: swaps.dueMicros() !== Infinity,
        highWaitMicros: host.highWaitMicros(),
        waits: host.waits(),
        services: names.map(serviceStatistics),
      };
    if (type === "restart" || type === "stop" || type === "examine") return treat(type, body, asker);
    if (type === "swap") return swap(body, asker);
    if (type === "decide")
      return { error: swaps.decide(asker, field(body, "isGood") === true, String(field(body, "reason"))) };
    if (type === "reboot")
      return host.reboot(String(field(body, "reason")), (field(body, "isSafe") ?? null) as boolean | null);
    if (type === "trace") return host.trace(field(body, "isShort") === true ? tracedShort : tracedEach);
    return { error: `Cannot answer "${type}": wanted what services/api/kernel has` };
  };
}
