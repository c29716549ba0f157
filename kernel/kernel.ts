// The microkernel: takes what services and device ports submit, lets it wait where it belongs, and gives each ready
// service one message at a time. It routes handles and never reads a body that is not addressed to itself.
//
// Its hot path is a turn (kernel/turn), which the host does in C. What is left here is what a turn ends with.

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
import { createState, registers } from "kernel/state";
import { createSwaps } from "kernel/swap";
import type { SystemTable } from "kernel/table";
import { createTimers } from "kernel/timers";
import { createTopics } from "kernel/topics";
import { createFile, createTurn } from "kernel/turn";

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
  const { serving, committed, caller, callee, link, registers: register } = state;
  const mailboxes = createMailboxes(state);
  const { openCall, endCall } = mailboxes;
  const { next, release, deliver } = host;
  const file = createFile(state, mailboxes);
  const timers = createTimers(host, state, mailboxes);
  const topics = createTopics(host, mailboxes);
  const late = answers.indexOf("late");
  const dead = answers.indexOf("dead");
  const schedulerIndex = table.scheduler === undefined ? -1 : names.indexOf(table.scheduler);
  /** Calls to the kernel itself, linked like a mailbox. */
  let firstAsked = 0;
  let lastAsked = 0;

  const parts = { host, table, state, mailboxes, timers, topics, accept };
  const swaps = createSwaps({
    ...parts,
    scheduler: schedulerIndex,
    settle: (service) => life.settle(service),
    fault: (service, kind) => life.fault(service, kind, 0),
  });
  const life = createLife({ ...parts, swaps, answerCall, schedulerLives });
  const control = createControl(host, table, state, life, swaps, policy);
  const turn = isSpecification
    ? createTurn(host, state, mailboxes, createOrder(host, state, mailboxes), file)
    : host.turn;
  host.bind(state);

  function policy(): string {
    return register[registers.scheduler] === -1 ? "built-in" : (swaps.module(schedulerIndex).split("/").pop() ?? "");
  }

  function schedulerLives(service: number, lives: boolean): void {
    if (service !== schedulerIndex) return;
    register[registers.scheduler] = lives ? service : -1;
    register[registers.cursor] = register[registers.planned] = 0;
    register[registers.waiter] = -1;
  }

  /** Files one submission of `from` (-1: of a device port) where it belongs. */
  function route(from: number, packed: number): void {
    if (file(from, packed)) return;
    const handle = packed & handleMask;
    const target = (packed >> targetShift) & targetMask;
    switch ((packed >> kindShift) & kindMask) {
      case kinds.send:
        if (target === kernelPort) release(handle);
        else deliver(target, handle);
        return;
      case kinds.call:
        openCall(from, target, handle);
        if (target === kernelPort) ask(handle);
        else if (target < count) answerCall(handle, dead);
        else deliver(target, handle);
        return;
      case kinds.reply:
        // A device port answered a caller that has died since.
        release(handle);
        return;
      case kinds.publish:
        topics.publish(target, (packed >> priorityShift) & priorityMask, handle);
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

  function expireCalls(): void {
    for (let call = host.expired(); call !== 0; call = host.expired()) {
      const to = callee[call]!;
      if (to < count && !mailboxes.unqueue(to, call) && serving[to] === call) serving[to] = 0;
      answerCall(call, late);
    }
  }

  /** One turn, and what it ends with. */
  function work(): void {
    const isSwapping = swaps.dueMicros() !== Infinity;
    const most = isSwapping ? register[registers.turns]! + limits.dispatchesEachLook : limits.dispatchesEachTurn;
    let packed = turn(most);
    for (; packed === 0 && register[registers.held] !== 0; packed = turn(most))
      timers.delivered(register[registers.held]!);
    const service = register[registers.service]!;
    if (packed < 0) life.fault(service, -packed, register[registers.handle]!);
    else if (packed !== 0) {
      accept(service, packed);
      mailboxes.refresh(service);
      if ((packed & dueFlag) !== 0) register[registers.turns] = limits.dispatchesEachTurn;
    }
  }

  return {
    boot() {
      for (let service = 0; service < count; service++) {
        life.reset(service);
        life.start(service);
      }
    },
    run() {
      for (let packed = host.arrived(); packed !== 0; packed = host.arrived()) route(-1, packed);
      expireCalls();
      timers.fire();
      life.poll();
      swaps.poll();
      register[registers.turns] = 0;
      while (register[registers.ready] !== 0 && register[registers.turns]! < limits.dispatchesEachTurn) {
        work();
        swaps.poll();
      }
      const due = Math.min(timers.dueMicros(), swaps.dueMicros(), life.dueMicros());
      return register[registers.ready] === 0 ? due : -due;
    },
  };
}
