// Scheduler "round-robin": every ready service in turn, whatever waits in its mailbox.
// A plan may be cut short (a HIGH message arrives, a service is dispatched out of turn), so the next round begins at the
// first service that the last one left out. Taking the last dispatched instead would let one service be skipped for ever.

import { defineService, type Plain, type SchedulerView } from "lughos";
import { asPlain, copyPlan, readTurns, type Turns } from "services/scheduler/line";

/** Services in one word of the ready set: more bits would leave the small integers of the engine. */
const wordBits = 30;

/** Where the round begins. */
let first: number;
/** How many services there are; 0 until the first plan. */
let services: number;
/** The last plan, where it was written. */
let planned: readonly number[];
let plannedCount: number;
/** Until the first plan. */
let inherited: Turns;

export default defineService({
  version: "1.0.0",
  start(_context, state) {
    services = 0;
    inherited = readTurns(state);
  },
  receive: {},
  plan(view: SchedulerView): number {
    if (services === 0) begin(view);
    const { ready, steps, order } = view;
    first = nextFirst(steps);
    const bit = first % wordBits;
    const split = (first - bit) / wordBits;
    const before = (1 << bit) - 1;
    const words = ready.length;
    let length = append(order, 0, (ready[split] as number) & ~before, split * wordBits);
    for (let word = split + 1; word < words; word++)
      length = append(order, length, ready[word] as number, word * wordBits);
    for (let word = 0; word < split; word++) length = append(order, length, ready[word] as number, word * wordBits);
    length = append(order, length, (ready[split] as number) & before, split * wordBits);
    plannedCount = length;
    return length;
  },
  /** The circle, from where the round began. */
  suspend(): Plain {
    if (services === 0) return asPlain(inherited);
    const line = Array.from({ length: services }, (_, index) => (first + index) % services);
    return asPlain({ line, passed: [], planned: planned.slice(0, plannedCount) });
  },
  migrate: () => null,
});

function begin({ priority, order }: SchedulerView): void {
  services = priority.length;
  const head = inherited.line[0] ?? 0;
  first = head >= 0 && head < services ? head : 0;
  plannedCount = copyPlan(inherited, order);
  planned = order;
}

/** The head of a plan counts as dispatched even if the meter saw no step of it. */
function nextFirst(steps: readonly number[]): number {
  if (plannedCount === 0) return first;
  let index = 1;
  while (index < plannedCount && (steps[planned[index] as number] as number) > 0) index++;
  const service = index < plannedCount ? (planned[index] as number) : (planned[plannedCount - 1] as number) + 1;
  return service < services ? service : 0;
}

/** Appends the service of every bit set, from the lowest on; returns the new length. */
function append(order: number[], length: number, bits: number, service: number): number {
  for (let rest = bits; rest !== 0; rest >>>= 1, service++) if ((rest & 1) !== 0) order[length++] = service;
  return length;
}
