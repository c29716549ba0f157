// A scheduler that works for a while, and then throws: for the bench of swaps.

import { orderAll } from "firmware/bench/good-plan";
import { defineService, type SchedulerView } from "lughos";

/** Good plans before the bad one: it is on trial, and the kernel has begun to rely on it. */
const goodPlans = 100;

let plans = 0;

export default defineService({
  version: "1.0.0",
  receive: {},
  plan(view: SchedulerView): number {
    if (plans++ < goodPlans) return orderAll(view);
    throw new Error("told to throw");
  },
});
