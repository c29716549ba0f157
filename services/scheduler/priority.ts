// Scheduler "priority": the most urgent message first; among equals the service that was dispatched least recently.
//
// A stream of urgent messages cuts plans short, and who stands behind them would never come to its turn. Hence ageing: a
// service that was passed over by `patiencePlans` plans is lifted above MEDIUM, whatever waits for it. Nothing is lifted
// above HIGH: what waits there never waits for ageing, and a node whose HIGH takes all its time does nothing else.

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

let line: Line;
// Each list begins with who goes last: the line is followed from its back, where the busy ones are.
let highOnes: number[];
let liftedOnes: number[];
let mediumOnes: number[];
let lowOnes: number[];

export default defineService({
  version: "1.0.0",
  start(_context, state) {
    line = createLine(state);
    highOnes = [];
    liftedOnes = [];
    mediumOnes = [];
    lowOnes = [];
  },
  receive: {},
  plan(view: SchedulerView, count: number): number {
    advance(line, view);
    const { previous, passed, liftedCount, services } = line;
    const { priority, order } = view;
    let found = 0;
    let highs = 0;
    let lifted = 0;
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
      if (urgency === high) highOnes[highs++] = service;
      else if (liftedCount !== 0 && (passed[service] as number) >= patiencePlans) liftedOnes[lifted++] = service;
      else if (urgency === medium) mediumOnes[mediums++] = service;
      else lowOnes[lows++] = service;
    }
    let length = appendReversed(order, 0, highOnes, highs);
    length = appendReversed(order, length, liftedOnes, lifted);
    length = appendReversed(order, length, mediumOnes, mediums);
    length = appendReversed(order, length, lowOnes, lows);
    line.plannedCount = length;
    return length;
  },
  suspend: () => leave(line),
  migrate: () => null,
});
