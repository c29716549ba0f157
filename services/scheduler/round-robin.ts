// Scheduler "round-robin": every ready service in turn, whatever waits in its mailbox.
// A plan may be cut short (a HIGH message arrives, a service is dispatched out of turn), so the next round begins at the
// first service that the last one left out. Taking the last dispatched instead would let one service be skipped for ever.

import { defineService, type SchedulerView } from "lughos";

/** Services in one word of the ready set: more bits would leave the small integers of the engine. */
const wordBits = 30;

let first: number;
let planned: number[];
let plannedCount: number;

export default defineService({
  version: "1.0.0",
  start() {
    first = 0;
    planned = [];
    plannedCount = 0;
  },
  receive: {},
  plan({ ready, steps, order }: SchedulerView, count: number): number {
    first = nextFirst(steps, count);
    const split = Math.floor(first / wordBits);
    const bit = 1 << (first - split * wordBits);
    let length = append(order, 0, (ready[split] ?? 0) & -bit, split * wordBits);
    for (let word = split + 1; word * wordBits < count; word++)
      length = append(order, length, ready[word] ?? 0, word * wordBits);
    for (let word = 0; word < split; word++) length = append(order, length, ready[word] ?? 0, word * wordBits);
    length = append(order, length, (ready[split] ?? 0) & (bit - 1), split * wordBits);
    for (let index = 0; index < length; index++) planned[index] = order[index] as number;
    plannedCount = length;
    return length;
  },
});

/** Where the next round begins. The head of a plan counts as dispatched even if the meter saw no step of it. */
function nextFirst(steps: readonly number[], count: number): number {
  if (plannedCount === 0) return first < count ? first : 0;
  let index = 1;
  while (index < plannedCount && (steps[planned[index] as number] ?? 0) > 0) index++;
  const service = index < plannedCount ? (planned[index] as number) : (planned[plannedCount - 1] as number) + 1;
  return service < count ? service : 0;
}

/** Appends the service of every bit set, from the lowest on; returns the new length. */
function append(order: number[], length: number, bits: number, service: number): number {
  for (let rest = bits; rest !== 0; rest >>>= 1, service++) if ((rest & 1) !== 0) order[length++] = service;
  return length;
}
