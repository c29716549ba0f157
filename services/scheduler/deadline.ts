// Scheduler "deadline": the earliest deadline first, whatever the priority; of equal deadlines the more urgent message, and
// of equals in both the service that was dispatched least recently. What has no deadline goes last, the urgent first.
//
// Every call has a deadline and few other messages do, so a stream of calls could keep the others waiting for ever. Hence
// HIGH without a deadline goes before all, and behind it whoever was passed over by `patiencePlans` plans.

import { defineService, type SchedulerView } from "lughos";
import {
  advance,
  appendReversed,
  createLine,
  type Line,
  leave,
  notReady,
  patiencePlans,
} from "services/scheduler/line";

const high = 0;
const medium = 1;
const noDeadline = 2 ** 30 - 1;

/**
 * The last two bits of a deadline give way to the priority: one small integer decides, and four microseconds are less than
 * a plan takes.
 */
const deadlineMask = -4;

let line: Line;
// Each list begins with who goes last: the line is followed from its back, where the busy ones are.
let highOnes: number[];
let liftedOnes: number[];
let dueOnes: number[];
/** By service: what `dueOnes` is ordered by. */
let keys: number[];
let mediumOnes: number[];
let lowOnes: number[];

export default defineService({
  version: "1.0.0",
  start(_context, state) {
    line = createLine(state);
    highOnes = [];
    liftedOnes = [];
    dueOnes = [];
    keys = [];
    mediumOnes = [];
    lowOnes = [];
  },
  receive: {},
  plan(view: SchedulerView, count: number): number {
    advance(line, view);
    const { previous, passed, liftedCount, services } = line;
    const { priority, deadlineMicros, order } = view;
    let found = 0;
    let highs = 0;
    let lifted = 0;
    let due = 0;
    let mediums = 0;
    let lows = 0;
    for (
      let service = previous[services] as number;
      found < count && service !== services;
      service = previous[service] as number
    ) {
      const urgency = priority[service] as number;
      if (urgency === notReady) continue;
      found++;
      const deadline = deadlineMicros[service] as number;
      const isLifted = liftedCount !== 0 && (passed[service] as number) >= patiencePlans;
      if (urgency === high && (isLifted || deadline === noDeadline)) highOnes[highs++] = service;
      else if (isLifted) liftedOnes[lifted++] = service;
      else if (deadline !== noDeadline) insert(service, (deadline & deadlineMask) | urgency, due++);
      else if (urgency === medium) mediumOnes[mediums++] = service;
      else lowOnes[lows++] = service;
    }
    let length = appendReversed(order, 0, highOnes, highs);
    length = appendReversed(order, length, liftedOnes, lifted);
    length = appendReversed(order, length, dueOnes, due);
    length = appendReversed(order, length, mediumOnes, mediums);
    length = appendReversed(order, length, lowOnes, lows);
    line.plannedCount = length;
    return length;
  },
  suspend: () => leave(line),
  migrate: () => null,
});

/** Before all that are due earlier. Who was not dispatched for longer mostly is, so that little has to move. */
function insert(service: number, key: number, length: number): void {
  keys[service] = key;
  let at = length;
  for (; at > 0 && (keys[dueOnes[at - 1] as number] as number) < key; at--) dueOnes[at] = dueOnes[at - 1] as number;
  dueOnes[at] = service;
}
