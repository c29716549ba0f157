// The hot path: while nobody else is ready and each dispatch submits one message, its receiver is dispatched at once,
// without a mailbox in between. Round trips and rings of services run in here.
//
// This is the specification. hosts/xs/node_chain.c does the same on the same arrays, three times as fast, and takes its
// place unless a node is booted with `specification`; tests/kernel-chain.test.ts runs both against each other.

import {
  dueFlag,
  type Host,
  handleMask,
  kindMask,
  kindShift,
  kinds,
  moreFlag,
  targetMask,
  targetShift,
} from "kernel/host";
import { type KernelState, roles } from "kernel/state";

/**
 * Dispatches `handle` to `service`, and on from receiver to receiver, at most `most` times. Answers what the last dispatch
 * did, and leaves its service, its handle and the number of dispatches in `state.chained`.
 */
export type Chain = (service: number, handle: number, most: number) => number;

export function createChain(host: Host, state: KernelState): Chain {
  const { count, alive, pending, serving, queued, role, caller, callee, chained } = state;
  const { dispatch } = host;

  /** Whether the only submission may go straight to its receiver. */
  function canFollow(packed: number): boolean {
    if (packed <= 0 || (packed & (moreFlag | dueFlag)) !== 0) return false;
    const kind = (packed >> kindShift) & kindMask;
    if (kind === kinds.reply) return role[packed & handleMask] === roles.call;
    if (kind !== kinds.call && kind !== kinds.send) return false;
    const target = (packed >> targetShift) & targetMask;
    return target < count && alive[target] !== 0 && pending[target] === 0;
  }

  return (first, firstHandle, most) => {
    let service = first;
    let handle = firstHandle;
    for (let turns = 1; ; turns++) {
      const packed = dispatch(service, handle);
      // A service that has more to do takes its place among the ready.
      if (turns >= most || queued[service] !== 0 || !canFollow(packed)) {
        chained[0] = service;
        chained[1] = handle;
        chained[2] = turns;
        return packed;
      }
      const from = service;
      const kind = (packed >> kindShift) & kindMask;
      handle = packed & handleMask;
      service = (packed >> targetShift) & targetMask;
      if (kind === kinds.call) {
        role[handle] = roles.call;
        caller[handle] = from;
        callee[handle] = service;
        pending[from]!++;
        serving[service] = handle;
      } else if (kind === kinds.reply) {
        role[handle] = roles.message;
        caller[handle] = callee[handle] = -1;
        serving[from] = 0;
        pending[service]!--;
      }
    }
  };
}
