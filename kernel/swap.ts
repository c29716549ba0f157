// Replacing running services, with their state: a scheduler by another policy, services by other versions, several of them
// together, all or none.
//
// The candidates are made and examined beside those that run. One service after the other, in the order of the request, is
// held until it has no message in hand: who calls stands before whom it calls, so that nobody waits for one that is held.
// Then each state is exported, its candidate starts with it and takes the place, and the trial of all begins; the former
// machines stay whole until it is over and, where the asker wants it, until the asker has written its word down. A fault at any
// step brings all former ones back. Messages wait in the mailbox meanwhile, which belongs to no version, so that each is
// delivered once and in order.

import { faultKinds } from "kernel/host";
import { limits } from "kernel/limits";
import type { KernelParts } from "kernel/parts";
import { registers } from "kernel/state";

const high = 0;

export interface Swaps {
  /** Begins a swap for the service `asker`, which hears of it in messages "swapped". Answers an error, or null. */
  request(orders: readonly Order[], asker: number, awaitsWord: boolean): string | null;
  /** What the asker decides about candidates that have passed their trial. Answers an error, or null. */
  decide(asker: number, isGood: boolean, reason: string): string | null;
  /** The candidate on trial broke a rule: the former one is back. False: this service is on no trial. */
  giveBack(service: number, reason: string): boolean;
  /**
   * The next start of a dead service is of the version before its last confirmed swap, or of the table's. Answers whether
   * that is another one.
   */
  turnBack(service: number, isToTable: boolean): boolean;
  /** Goes on with a swap that waits for its services, for the end of their trial, or for a word. */
  poll(): void;
  dueMicros(): number;
  /** What the service runs now. */
  module(service: number): string;
}

interface Parts extends KernelParts {
  readonly scheduler: number;
  /** Nobody waits for the service any more, and nothing more comes to it of what it had asked for. */
  settle(service: number): void;
  fault(service: number, kind: number): void;
}

export type Order = Pick<Move, "service" | "module" | "isAfresh">;

interface Move {
  readonly service: number;
  readonly module: string;
  /** Without the state of the one before it. */
  readonly isAfresh: boolean;
  isHeld: boolean;
  /** Of the trial's beginning. */
  work: number;
  /** The handle of what the former version had committed; null: its candidate is not in its place yet. */
  former: number | null;
}

interface Swap {
  readonly moves: readonly Move[];
  readonly asker: number;
  readonly awaitsWord: boolean;
  readonly begunMicros: number;
  readonly steps: { readonly prepareMicros: number; suspendMicros: number; startMicros: number; trialMicros: number };
  phase: "quiesce" | "trial" | "word";
  /** When the phase ends at the latest. */
  untilMicros: number;
}

export function createSwaps(parts: Parts): Swaps {
  const { host, table, state, mailboxes, timers, topics, scheduler } = parts;
  const { alive, pending, serving, committed, generation, registers: register } = state;
  const names = table.services.map((service) => service.name);
  const modules = table.services.map((service) => service.runs ?? service.module);
  /** What each ran before its last confirmed swap. */
  const formers = table.services.map((service) => service.module);
  let swap: Swap | null = null;

  function fault(service: number, packed: number): string {
    return `${faultKinds[-packed] ?? "fault"}: ${host.reason(service)}`;
  }

  function request(orders: readonly Order[], asker: number, awaitsWord: boolean): string | null {
    if (swap !== null) return `${names[swap.moves[0]!.service]} is being swapped; wait for its end`;
    const begunMicros = host.monotonicMicros();
    const moves: Move[] = [];
    for (const order of orders) {
      if (host.prepare(order.service, order.module, order.service === scheduler) < 0) {
        for (const { service } of moves) host.discard(service);
        return `${order.module} is refused: ${host.reason(order.service)}`;
      }
      moves.push({ ...order, isHeld: false, work: 0, former: null });
    }
    const now = host.monotonicMicros();
    const untilMicros = now + limits.quiesceMicros;
    const steps = { prepareMicros: now - begunMicros, suspendMicros: 0, startMicros: 0, trialMicros: 0 };
    swap = { moves, asker, awaitsWord, begunMicros, untilMicros, phase: "quiesce", steps };
    return null;
  }

  /** One more call than it makes: held as if it waited for a reply, it gets those, and nothing else. */
  function hold(service: number, more: 1 | -1): void {
    pending[service]! += more;
    mailboxes.refresh(service);
  }

  /** Holds one after the other; once all are quiet, they are redirected. */
  function quiesce(of: Swap, now: number): void {
    for (const move of of.moves) {
      if (!move.isHeld) hold(move.service, 1);
      move.isHeld = true;
      if (pending[move.service] === 1 && serving[move.service] === 0) continue;
      if (now >= of.untilMicros)
        giveUp(of, `${names[move.service]} had a message in hand for ${limits.quiesceMicros} µs`);
      return;
    }
    let error: string | null = null;
    for (const move of of.moves) error ??= redirect(of, move);
    if (error !== null) {
      giveUp(of, error);
      // A suspend may have ended the machine of the version that runs: then it begins anew before it is given a message.
      for (const { service } of of.moves) {
        const health = host.health(service, false);
        if (health < -1) parts.fault(service, -health);
      }
      return;
    }
    for (const { service } of of.moves) hold(service, -1);
    of.phase = "trial";
    of.untilMicros = host.monotonicMicros() + limits.trialMicros;
  }

  /** State out, state in, and the machines change places. Answers an error, or null. */
  function redirect({ steps }: Swap, move: Move): string | null {
    const { service, module } = move;
    const begunMicros = host.monotonicMicros();
    // A scheduler that cannot even be suspended is the one that has to go: it must not be able to stay by that.
    const exported = move.isAfresh ? 0 : host.suspend(service, committed[service]!, service === scheduler);
    const exportedMicros = host.monotonicMicros();
    steps.suspendMicros += exportedMicros - begunMicros;
    if (exported < 0) return `suspend of the running version: ${fault(service, exported)}`;
    host.exchange(service);
    const packed = host.begin(service, exported);
    if (packed < 0) {
      const reason = fault(service, packed);
      host.exchange(service);
      if (exported !== 0) host.release(exported);
      return `start of ${module}: ${reason}`;
    }
    timers.park(service, true);
    topics.park(service, true);
    move.former = committed[service]!;
    committed[service] = exported;
    generation[service]!++;
    parts.accept(service, packed);
    move.work = work(service);
    const startedMicros = host.monotonicMicros();
    steps.startMicros += startedMicros - exportedMicros;
    const tookMicros = startedMicros - begunMicros;
    return tookMicros <= limits.moveMicros ? null : `start of ${module}: it took ${tookMicros} µs, and all else waited`;
  }

  function work(service: number): number {
    return service === scheduler ? register[registers.decisions]! : host.figures(service).dispatches;
  }

  function judge(of: Swap, now: number): void {
    const leastMicros = of.untilMicros - limits.trialMicros + limits.trialLeastMicros;
    const hasWorked = of.moves.every((move) => work(move.service) - move.work >= limits.trialWork);
    if (now < of.untilMicros && (now < leastMicros || !hasWorked)) return;
    // As long as a HIGH message is kept waiting, the candidate may be about to be found out.
    if (register[registers.waiter] !== -1 && register[registers.waited]! > limits.highWaitDoubtMicros) return;
    const ailing = of.moves.find(({ service }) => host.health(service, true) <= 0);
    if (ailing !== undefined) giveUp(of, `${ailing.module}: ${host.reason(ailing.service)}`);
    else if (!of.awaitsWord) confirm(of);
    else {
      tell(of, "proved", "", 0);
      of.phase = "word";
      of.untilMicros = now + limits.wordMicros;
    }
  }

  /** Every former version is in its place again, whole; what a candidate had in hand or had asked for is settled. */
  function giveUp(of: Swap, reason: string): void {
    let handled = 0;
    for (const { service, isHeld, former, work: begun } of of.moves) {
      if (former !== null) {
        if (service !== scheduler) handled += work(service) - begun;
        if (alive[service] !== 0) parts.settle(service);
        host.exchange(service);
        timers.park(service, false);
        topics.park(service, false);
        if (committed[service] !== 0) host.release(committed[service]!);
        committed[service] = former;
        generation[service]!++;
        alive[service] = 1;
      } else if (isHeld && alive[service] !== 0) hold(service, -1);
      host.discard(service);
      mailboxes.refresh(service);
    }
    swap = null;
    tell(of, "returned", reason, handled);
  }

  /** The former versions' timers count as their own when they go, so each is in its place for that moment. */
  function confirm(of: Swap): void {
    for (const { service, module, former } of of.moves) {
      host.exchange(service);
      timers.cancelAll(service, true);
      topics.unsubscribeAll(service, true);
      host.exchange(service);
      if (former !== 0) host.release(former!);
      host.discard(service);
      formers[service] = modules[service]!;
      modules[service] = module;
    }
    swap = null;
    tell(of, "confirmed", "", 0);
  }

  function tell(of: Swap, outcome: "proved" | "confirmed" | "returned", reason: string, handled: number): void {
    const { asker, begunMicros, steps } = of;
    const now = host.monotonicMicros();
    const totalMicros = now - begunMicros;
    if (of.phase === "trial") steps.trialMicros = now - of.untilMicros + limits.trialMicros;
    const moves = of.moves.map(({ service, module }) => ({ service: names[service], module }));
    const body = { moves, outcome, reason, handled, steps: { ...steps, totalMicros } };
    const message = alive[asker] === 0 ? 0 : host.compose(asker, "swapped", high, body);
    if (message !== 0) mailboxes.enqueue(asker, high, message);
  }

  return {
    request,
    decide(asker, isGood, reason) {
      if (swap === null || swap.phase !== "word" || swap.asker !== asker) return "no swap waits for its word";
      if (isGood) confirm(swap);
      else giveUp(swap, reason);
      return null;
    },
    giveBack(service, reason) {
      const move = swap?.moves.find((each) => each.service === service);
      if (swap === null || move === undefined) return false;
      giveUp(
        swap,
        move.former === null ? `the running version of ${names[service]} faulted before the exchange` : reason,
      );
      return move.former !== null;
    },
    turnBack(service, isToTable) {
      const module = isToTable ? table.services[service]!.module : formers[service]!;
      const isOther = module !== modules[service];
      host.use(service, module);
      modules[service] = formers[service] = module;
      return isOther;
    },
    poll() {
      if (swap === null) return;
      const now = host.monotonicMicros();
      if (swap.phase === "quiesce") quiesce(swap, now);
      else if (swap.phase === "trial") judge(swap, now);
      else if (now >= swap.untilMicros) giveUp(swap, `nobody gave a word on it in ${limits.wordMicros} µs`);
    },
    dueMicros: () => swap?.untilMicros ?? Infinity,
    module: (service) => modules[service]!,
  };
}
