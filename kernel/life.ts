// Life and death of services: they are started from their last commit, and whatever breaks a rule is stopped, cleaned up
// after and reported. Who restarts it, and when, is the reincarnation server's policy; the kernel itself restarts only
// that server, and what faults on a node that has none.

import { answers, faultKinds, type Host } from "kernel/host";
import { limits } from "kernel/limits";
import type { Mailboxes } from "kernel/mailboxes";
import { type KernelState, queuesEach, replyQueue, roles } from "kernel/state";
import type { Swaps } from "kernel/swap";
import type { SystemTable } from "kernel/table";
import type { Timers } from "kernel/timers";
import type { Topics } from "kernel/topics";

/** The one priority of what the kernel has to say. */
const high = 0;
const dead = answers.indexOf("dead");
/** Faults that the kernel finds, of which the engine knows nothing. */
const reasons: { readonly [kind: string]: string } = Object.freeze({
  nonsense: "its plan is no order of the ready services",
  starved: "it let a HIGH message wait too long",
});

export interface Life {
  /** Starts a service from its last commit. Answers whether it lives. */
  start(service: number): boolean;
  /** Stops a service that broke a rule, and tells whoever has to know. `handle` was in hand, or 0. */
  fault(service: number, kind: number, handle: number): void;
  lastFault(service: number): string | null;
}

interface Parts {
  readonly host: Host;
  readonly table: SystemTable;
  readonly state: KernelState;
  readonly mailboxes: Mailboxes;
  readonly timers: Timers;
  readonly topics: Topics;
  /** Routes what a service submitted. */
  accept(service: number, packed: number): void;
  /** Answers a pending call with one of `answers`. */
  answerCall(call: number, answer: number): void;
  schedulerLives(service: number, lives: boolean): void;
  /** The version before takes the place of one that faulted, where there is one (kernel/swap). */
  readonly swaps: Pick<Swaps, "giveBack" | "fallBack">;
}

export function createLife(parts: Parts): Life {
  const { host, table, state, mailboxes, timers, topics } = parts;
  const { alive, serving, pending, role, caller, callee, head } = state;
  const names = table.services.map((service) => service.name);
  const server = table.reincarnation === undefined ? -1 : names.indexOf(table.reincarnation);
  const lastFaults: (string | null)[] = names.map(() => null);
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

  /** Nobody waits for it any more, and nothing more comes to it of what it had asked for. */
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
    if (parts.swaps.giveBack(service, lastFaults[service] ?? "")) {
      alive[service] = 1;
      mailboxes.refresh(service);
      return true;
    }
    host.destroy(service);
    parts.schedulerLives(service, false);
    return parts.swaps.fallBack(service);
  }

  function fault(service: number, kind: number, handle: number): void {
    const name = faultKinds[kind] ?? "nonsense";
    const reason = reasons[name] ?? host.reason(service);
    const messageType = handle === 0 ? "" : host.inHand(service);
    const faulted = state.generation[service];
    const wasAlive = alive[service] !== 0;
    alive[service] = 0;
    settle(service);
    lastFaults[service] = `${name}: ${reason}`;
    host.log("error", `${names[service]} faulted: ${name}: ${reason}`);
    const isReplaced = replace(service);
    const body = { service: names[service], kind: name, reason, messageType, generation: faulted, isReplaced };
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

  /** A service that cannot even start stays dead: nobody is there to wait and try again. */
  function restartWithoutServer(service: number, mayRestart: boolean): void {
    if (mayRestart && start(service)) state.restarts[service]!++;
  }

  function restartServer(): void {
    const now = host.monotonicMicros();
    serverFaults = serverFaults.filter((at) => now - at < limits.serverWindowMicros);
    serverFaults.push(now);
    if (serverFaults.length > limits.serverRestarts) host.panic(`${table.reincarnation} cannot be kept alive`);
    if (start(server)) state.restarts[server]!++;
  }

  return { start, fault, lastFault: (service) => lastFaults[service] ?? null };
}
