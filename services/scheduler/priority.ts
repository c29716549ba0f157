// Scheduler "priority": the most urgent message first; among equals the service that was dispatched least recently.
// A stream of urgent messages can starve the others; the kernel's `highWaitMillis` bounds only what HIGH waits.
//
// Urgency and age are one number a service: priority above, below it a stamp that grows with each dispatch. Stamps are
// unique, hence so is the order.

import { defineService, type SchedulerView } from "lughos";

/** Services in one word of the ready set: more bits would leave the small integers of the engine. */
const wordBits = 30;
/** Above every stamp: at a million dispatches a second they reach it in 35 years, and three priorities times it are exact. */
const stampLimit = 2 ** 50;

let clock: number;
let stamps: number[];
let keys: number[];
let planned: number[];
let plannedCount: number;

export default defineService({
  version: "1.0.0",
  start() {
    clock = 0;
    stamps = [];
    keys = [];
    planned = [];
    plannedCount = 0;
  },
  receive: {},
  plan(view: SchedulerView, count: number): number {
    for (let service = stamps.length; service < count; service++) stamps[service] = clock++;
    stampDispatched(view.steps);
    const length = collect(view, count);
    sort(view.order, length);
    for (let index = 0; index < length; index++) planned[index] = view.order[index] as number;
    plannedCount = length;
    return length;
  },
});

/** The head of a plan counts as dispatched even if the meter saw no step of it: no service can stay at the head. */
function stampDispatched(steps: readonly number[]): void {
  for (let index = 0; index < plannedCount; index++) {
    const service = planned[index] as number;
    if (index === 0 || (steps[service] ?? 0) > 0) stamps[service] = clock++;
  }
}

/** Writes the ready services to `order` and their keys to `keys`; returns how many there are. */
function collect({ ready, priority, order }: SchedulerView, count: number): number {
  let length = 0;
  for (let word = 0; word * wordBits < count; word++)
    for (let bits = ready[word] as number, service = word * wordBits; bits !== 0; bits >>>= 1, service++)
      if ((bits & 1) !== 0) {
        keys[service] = (priority[service] as number) * stampLimit + (stamps[service] as number);
        order[length++] = service;
      }
  return length;
}

/** Shell's sort, in place: as short as insertion for the few of a node, and bearable for the thousands of a bench. */
function sort(order: number[], length: number): void {
  let gap = 1;
  while (gap * 9 < length) gap = gap * 3 + 1;
  for (; gap > 0; gap = (gap - 1) / 3)
    for (let index = gap; index < length; index++) {
      const service = order[index] as number;
      const key = keys[service] as number;
      let at = index;
      for (; at >= gap && (keys[order[at - gap] as number] as number) > key; at -= gap)
        order[at] = order[at - gap] as number;
      order[at] = service;
    }
}
