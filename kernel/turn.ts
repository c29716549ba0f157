// A turn of work: one dispatch after the other, and what each submits goes straight into the mailbox that it is meant for,
// as long as that is all there is to do. What else there is, the kernel does between two turns.
//
// This is the specification, with kernel/mailboxes and kernel/order. hosts/xs/node_turn.c, node_mailbox.c and node_order.c do
// the same on the same arrays, and take its place unless a node is booted with `specification`; tests/kernel-turn.test.ts
// runs both against each other.

import {
  dueFlag,
  type Host,
  handleMask,
  kindMask,
  kindShift,
  kinds,
  moreFlag,
  priorityMask,
  priorityShift,
  targetMask,
  targetShift,
} from "kernel/host";
import type { Mailboxes } from "kernel/mailboxes";
import type { Choose } from "kernel/order";
import { type KernelState, registers, roles } from "kernel/state";

/**
 * Dispatches what is ready until `registers.turns` has come to `most`. It ends before that with
 *   0: nothing is ready, or `registers.held` is a tick in hand, which is dispatched when the next turn begins;
 *   more: a submission of `registers.service` that is the kernel's to file, and all that follow it; or the flag that something
 *     is due, alone;
 *   less: a fault of `registers.service`, with `registers.handle` in hand, or 0: it planned.
 */
export type Turn = (most: number) => number;

/** Files a submission of service `from`, -1: of a device port; false when it is more than a message between two services. */
export type File = (from: number, packed: number) => boolean;

export function createFile(state: KernelState, { enqueue, openCall, endCall }: Mailboxes): File {
  const { count, alive, serving, role } = state;
  return (from, packed) => {
    const handle = packed & handleMask;
    const target = (packed >> targetShift) & targetMask;
    const level = (packed >> priorityShift) & priorityMask;
    const kind = (packed >> kindShift) & kindMask;
    if (kind === kinds.reply) {
      if (role[handle] !== roles.call) return false;
      if (from !== -1) serving[from] = 0;
      endCall(handle, level);
      return true;
    }
    if (target >= count || (kind !== kinds.send && kind !== kinds.call)) return false;
    if (kind === kinds.call) {
      if (alive[target] === 0) return false;
      openCall(from, target, handle);
    }
    enqueue(target, level, handle);
    return true;
  };
}

export function createTurn(host: Host, state: KernelState, mailboxes: Mailboxes, choose: Choose, file: File): Turn {
  const { serving, role, registers: register } = state;
  const { dispatch, next } = host;
  const { take, refresh } = mailboxes;

  /** What is left of the submissions for the kernel, with the flags of the first; else the flag alone that something is due. */
  function fileAll(from: number, first: number): number {
    const flags = first & (moreFlag | dueFlag);
    for (let packed = first - flags; packed !== 0; packed = (flags & moreFlag) === 0 ? 0 : next())
      if (!file(from, packed)) return packed | flags;
    return flags & dueFlag;
  }

  /** Takes the next message in hand; false: it is a tick, about which the kernel has to know. */
  function hold(service: number): boolean {
    const handle = take(service);
    register[registers.service] = service;
    register[registers.handle] = handle;
    if (role[handle] !== roles.tick) return true;
    register[registers.held] = handle;
    return false;
  }

  return (most) => {
    for (;;) {
      if (register[registers.held] !== 0) register[registers.held] = 0;
      else {
        if (register[registers.ready] === 0 || register[registers.turns]! >= most) return 0;
        const chosen = choose();
        if (chosen < 0) {
          register[registers.service] = register[registers.scheduler]!;
          register[registers.handle] = 0;
          return chosen;
        }
        if (!hold(chosen)) return 0;
      }
      const service = register[registers.service]!;
      const handle = register[registers.handle]!;
      register[registers.turns]!++;
      if (role[handle] === roles.call) serving[service] = handle;
      const packed = dispatch(service, handle);
      if (packed < 0) return packed;
      const rest = fileAll(service, packed);
      if ((rest & ~dueFlag) === 0) refresh(service);
      if (rest !== 0) return rest;
    }
  };
}
