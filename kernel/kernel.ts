// The microkernel: takes what services and device ports submit, lets it wait where it belongs, and gives each ready
// service one message at a time. It routes handles and never reads a body that is not addressed to itself.
//
// The loop in `run` is shaped for XS: plain arrays, small integers, closures, no allocation. Its hottest part is
// kernel/chain, which the host does in C.

import { createChain } from "kernel/chain";
import { createControl } from "kernel/control";
import {
  answers,
  dueFlag,
  type Host,
  handleMask,
  kernelPort,
  kindMask,
  kindShift,
  kinds,
  moreFlag,
  priorityMask,
  priorityShift,
  targetMask,
  targetShift,
} from "kernel/host";
import { createLife } from "kernel/life";
import { limits } from "kernel/limits";
import { createMailboxes } from "kernel/mailboxes";
import { createOrder } from "kernel/order";
import { createState, roles } from "kernel/state";
import { createSwaps } from "kernel/swap";
import type { SystemTable } from "kernel/table";
import { createTimers } from "kernel/timers";
import { createTopics } from "kernel/topics";

export interface Kernel {
  /** Starts every service of the table, in its order. */
  boot(): void;
  /**
   * Works until nothing is ready or the turn is over. Answers when the next timer is due, in monotonic µs (Infinity: never);
   * negated when work is left, so that it wants to be called again at once.
   */
  run(): number;
}

/** The host knows the table already (firmware/declare). `messages` is how many handles the host has, from 1 on. `isSpecification`: the hot path is ours, not the host's. */
export function createKernel(host: Host, table: SystemTable, messages: number, isSpecification = false): Kernel {
  if (messages > limits.messages)
    throw new RangeError(`Cannot make kernel: wanted at most ${limits.messages} messages`);
  const names = table.services.map((service) => service.name);
  const count = names.length;
  const state = createState(count, messages);
  const { alive, pending, serving, committed, role, caller, callee, chained, link } = state;
  const mailboxes = createMailboxes(state);
  const { enqueue, enqueueReply, take, refresh, readyCount } = mailboxes;
  const { next, release, deliver } = host;
  const chain = isSpecification ? createChain(host, state) : host.chain;
  const timers = createTimers(host, state, mailboxes);
  const topics = createTopics(host, mailboxes);
  const late = answers.indexOf("late");
  const dead = answers.indexOf("dead");
  const schedulerIndex = table.scheduler === undefined ? -1 : names.indexOf(table.scheduler);
  let isPlanned = false;
  /** Calls to the kernel itself, linked like a mailbox. */
  let firstAsked = 0;
  let lastAsked = 0;

  const parts = { host, table, state, mailboxes, timers, topics, accept };
  const swaps = createSwaps({
    ...parts,
    scheduler: schedulerIndex,
    decisions: () => order.decisions(),
    settle: (service) => life.settle(service),
  });
  const life = createLife({ ...parts, swaps, answerCall, schedulerLives });
  const order = createOrder(host, state, mailboxes, (scheduler, fault) => life.fault(scheduler, fault, 0));
  const control = createControl(host, table, state, life, swaps, policy);
  const { choose } = order;
  host.bindChain(alive, pending, serving, state.queued, role, caller, callee, chained);

  function policy(): string {
    return isPlanned ? (swaps.module(schedulerIndex).split("/").pop() ?? "") : "built-in";
  }

  function schedulerLives(service: number, lives: boolean): void {
    if (service !== schedulerIndex) return;
    isPlanned = lives;
    order.setScheduler(lives ? service : -1);
  }

  function openCall(from: number, target: number, handle: number): void {
    role[handle] = roles.call;
    caller[handle] = from;
    callee[handle] = target;
    pending[from]!++;
  }

  function closeCall(handle: number): void {
    role[handle] = roles.message;
    caller[handle] = callee[handle] = -1;
  }

  /** Files one submission of `from` (-1: of a device port) where it belongs. */
  function route(from: number, packed: number): void {
    const handle = packed & handleMask;
    const target = (packed >> targetShift) & targetMask;
    const level = (packed >> priorityShift) & priorityMask;
    switch ((packed >> kindShift) & kindMask) {
      case kinds.send:
        pass(target, level, handle);
        return;
      case kinds.call:
        openCall(from, target, handle);
        if (target === kernelPort) ask(handle);
        else if (target < count && alive[target] === 0) answerCall(handle, dead);
        else pass(target, level, handle);
        return;
      case kinds.reply:
        if (role[handle] !== roles.call) {
          // A device port answered a caller that has died since.
          release(handle);
          return;
        }
        if (from !== -1) serving[from] = 0;
        closeCall(handle);
        enqueueReply(target, level, handle);
        return;
      case kinds.publish:
        topics.publish(target, level, handle);
        return;
      case kinds.subscribe:
        topics.subscribe(target, from, handle);
        return;
      case kinds.every:
        timers.add(from, handle, true);
        return;
      case kinds.after:
        timers.add(from, handle, false);
        return;
      case kinds.cancel:
        timers.cancel(handle);
        return;
      case kinds.commit:
        if (committed[from] !== 0) release(committed[from]!);
        committed[from] = handle;
        return;
      default:
        host.panic(`submission of unknown kind ${packed >> kindShift}`);
    }
  }

  function pass(target: number, level: number, handle: number): void {
    if (target < count) enqueue(target, level, handle);
    else if (target === kernelPort) release(handle);
    else deliver(target, handle);
  }

  function ask(call: number): void {
    link[call] = 0;
    if (firstAsked === 0) firstAsked = call;
    else link[lastAsked] = call;
    lastAsked = call;
  }

  /** Not before all of a dispatch is filed: an answer may start a service, and what that submits must not be mixed in. */
  function answerAsked(): void {
    while (firstAsked !== 0) {
      const call = firstAsked;
      firstAsked = link[call]!;
      const level = host.answer(call, control(host.type(call), host.open(call), caller[call]!));
      endCall(call, level);
    }
  }

  /** Files the first submission of `from` and all that follow it. */
  function accept(from: number, first: number): void {
    if (((first >> kindShift) & kindMask) !== kinds.none) route(from, first);
    if ((first & moreFlag) !== 0) for (let packed = next(); packed !== 0; packed = next()) route(from, packed);
    if (firstAsked !== 0) answerAsked();
  }

  function answerCall(call: number, answer: number): void {
    endCall(call, host.refuse(call, answer));
  }

  /** The call has become its reply. */
  function endCall(call: number, level: number): void {
    const to = caller[call]!;
    closeCall(call);
    enqueueReply(to, level, call);
  }

  function expireCalls(): void {
    for (let call = host.expired(); call !== 0; call = host.expired()) {
      const to = callee[call]!;
      if (to < count && !mailboxes.unqueue(to, call) && serving[to] === call) serving[to] = 0;
      answerCall(call, late);
    }
  }

  /** Dispatches `handle` to `service` and on, while nobody else is ready. Answers turns used. */
  function runFrom(first: number, firstHandle: number): number {
    const packed = chain(first, firstHandle, readyCount() === 0 ? limits.dispatchesEachTurn : 1);
    const service = chained[0]!;
    const turns = chained[2]!;
    if (packed < 0) {
      life.fault(service, -packed, chained[1]!);
      return turns;
    }
    accept(service, packed);
    refresh(service);
    return (packed & dueFlag) !== 0 ? limits.dispatchesEachTurn : turns;
  }

  return {
    boot() {
      for (let service = 0; service < count; service++) {
        life.turnBack(service, true);
        life.start(service);
      }
    },
    run() {
      for (let packed = host.arrived(); packed !== 0; packed = host.arrived()) route(-1, packed);
      expireCalls();
      timers.fire();
      life.poll();
      swaps.poll();
      let turns = 0;
      while (readyCount() !== 0 && turns < limits.dispatchesEachTurn) {
        const service = choose();
        const handle = take(service);
        if (role[handle] === roles.call) serving[service] = handle;
        else if (role[handle] === roles.tick) timers.delivered(handle);
        turns += runFrom(service, handle);
        swaps.poll();
      }
      const due = Math.min(timers.dueMicros(), swaps.dueMicros(), life.dueMicros());
      return readyCount() === 0 ? due : -due;
    },
  };
}
