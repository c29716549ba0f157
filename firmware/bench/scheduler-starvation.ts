// A scheduler that works for a while, and then leaves out whoever has a HIGH message: for the bench of swaps.

import { isReady, orderAll } from "firmware/bench/good-plan";
import { defineService, type SchedulerView } from "lughos";

/** Good plans before the bad one: it is on trial, and the kernel has begun to rely on it. */
const goodPlans = 100;

let plans = 0;

export default defineService({
  version: "1.0.0",
  receive: {},
  plan(view: SchedulerView): number {
    if (plans++ < goodPlans) return orderAll(view);
    let length = 0;
    for (let service = 0; service < view.priority.length; service++)
      if (isReady(view, service) && view.priority[service] !== 0) view.order[length++] = service;
    return length;
  },
});
