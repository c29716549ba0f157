// Life and death of services: they are started from their last commit, and whatever breaks a rule is stopped, cleaned up
// after and reported. Who restarts it, and when, is the reincarnation server's policy; the kernel itself restarts only
// that server, and what faults on a node that has none.

import { answers, faultKinds } from "kernel/host";
import { limits } from "kernel/limits";
import type { KernelParts } from "kernel/parts";
import { queuesEach, replyQueue, roles } from "kernel/state";
import type { Swaps } from "kernel/swap";

/** The one priority of what the kernel has to say. */
const high = 0;
const dead = answers.indexOf("dead");
/** Faults that the kernel finds, of which the engine knows nothing. */
const reasons: { readonly [kind: string]: string } = Object.freeze({
  nonsense: "its plan is no order of the ready services",
  starved: "it let a HIGH message wait too long",
  silent: "it lives and does nothing",
  stopped: "a service that it depends on begins anew",
});

export interface Life {
  /** Starts a service from its last commit. Answers whether it lives. */
  start(service: number): boolean;
  /** Its next start is from the state that the table gives, whatever was committed. */
  reset(service: number): void;
  /** Stops a service that broke a rule, and tells whoever has to know. `handle` was in hand, or 0. */
  fault(service: number, kind: number, handle: number): void;
  /** Nobody waits for it any more, and nothing more comes to it of what it had asked for. */
  settle(service: number): void;
  lastFault(service: number): string | null;
  /** On a node without a server whose table has an interval: starts whatever is dead, once in each. */
  poll(): void;
  dueMicros(): number;
}

interface Parts extends KernelParts {
  /** Answers a pending call with one of `answers`. */
  answerCall(call: number, answer: number): void;
  schedulerLives(service: number, lives: boolean): void;
  /** The version before takes the place of one that faulted, where there is one (kernel/swap). */
  readonly swaps: Pick<Swaps, "giveBack" | "turnBack">;
}

export function createLife(parts: Parts): Life {
  const { host, table, state, mailboxes, timers, topics } = parts;
  const { alive, serving, pending, role, caller, callee, head } = state;
  const names = table.services.map((service) => service.name);
  const server = table.reincarnation === undefined ? -1 : names.indexOf(table.reincarnation);
  const lastFaults: (string | null)[] = names.map(() => null);
  let sweepMicros = table.restartMicros === undefined ? Infinity : 0;
  let serverFaults: number[] = [];

  function start(service: number): boolean {
    const packed = host.create(service, state.committed[service]!);
    if (packed < 0) {
      fault(service, -packed, 0);
      return false;
    }
    state.alive[service] = 1;
    state.generation[service]!++;
    parts.accept(service, packed);
    mailboxes.refresh(service);
    parts.schedulerLives(service, true);
    return true;
  }

  function reset(service: number): void {
    const { state: initial, stateSchema = -1 } = table.services[service]!;
    if (state.committed[service] !== 0) host.release(state.committed[service]!);
    state.committed[service] = initial === undefined ? 0 : host.keep(initial, stateSchema);
  }

  /** Calls that the dead service made are served for nobody; replies that waited for it go. */
  function forgetCalls(service: number): void {
    const queue = service * queuesEach + replyQueue;
    for (let handle = head[queue]!; handle !== 0; handle = head[queue]!) {
      mailboxes.unqueue(service, handle);
      host.release(handle);
    }
    for (let handle = 1; handle < role.length; handle++) {
      if (role[handle] !== roles.call || caller[handle] !== service) continue;
      host.orphan(handle);
      if (serving[callee[handle]!] === handle) serving[callee[handle]!] = 0;
      role[handle] = roles.message;
      caller[handle] = callee[handle] = -1;
    }
    pending[service] = 0;
  }

  function settle(service: number): void {
    if (serving[service] !== 0) parts.answerCall(serving[service]!, dead);
    serving[service] = 0;
    forgetCalls(service);
    timers.cancelAll(service);
    topics.unsubscribeAll(service);
    mailboxes.refresh(service);
  }

  /** Whether the version before it has taken its place. */
  function replace(service: number): boolean {
    if (parts.swaps.giveBack(service, lastFaults[service] ?? "")) return true;
    host.destroy(service);
    parts.schedulerLives(service, false);
    return names[service] === table.scheduler && parts.swaps.turnBack(service, false) && start(service);
  }

  function fault(service: number, kind: number, handle: number): void {
    const name = faultKinds[kind] ?? "nonsense";
    const reason = reasons[name] ?? host.reason(service);
    const messageType = handle === 0 ? "" : host.inHand(service);
    const figures = host.figures(service);
    const generation = state.generation[service];
    const wasAlive = alive[service] !== 0;
    alive[service] = 0;
    settle(service);
    lastFaults[service] = `${name}: ${reason}`;
    host.log("error", `${names[service]} faulted: ${name}: ${reason}`);
    const isReplaced = replace(service);
    const body = { service: names[service], kind: name, reason, messageType, generation, isReplaced, ...figures };
    report(service, wasAlive && !isReplaced, body);
  }

  function report(service: number, mayRestart: boolean, body: unknown): void {
    if (service === server) restartServer();
    else if (server === -1) restartWithoutServer(service, mayRestart);
    else {
      const message = host.compose(server, "fault", high, body);
      if (message !== 0) mailboxes.enqueue(server, high, message);
      else host.panic(`no room to report the fault of ${names[service]}`);
    }
  }

  /** Without an interval in the table, a service that cannot even start stays dead. */
  function restartWithoutServer(service: number, mayRestart: boolean): void {
    if (sweepMicros === Infinity && mayRestart && start(service)) state.restarts[service]!++;
  }

  function restartServer(): void {
    const now = host.monotonicMicros();
    serverFaults = serverFaults.filter((at) => now - at < limits.serverWindowMicros);
    serverFaults.push(now);
    if (serverFaults.length > limits.serverRestarts) host.panic(`${table.reincarnation} cannot be kept alive`);
    if (start(server)) state.restarts[server]!++;
  }

  return {
    start,
    reset,
    fault,
    settle,
    lastFault: (service) => lastFaults[service] ?? null,
    poll() {
      if (sweepMicros === Infinity || host.monotonicMicros() < sweepMicros) return;
      sweepMicros = host.monotonicMicros() + table.restartMicros!;
      for (let service = 0; service < alive.length; service++)
        if (alive[service] === 0 && start(service)) state.restarts[service]!++;
    },
    dueMicros: () => sweepMicros,
  };
}
