// A scheduler that works for a while, and then always orders one service first and another one last: for the bench of swaps.

import { isReady, orderAll } from "firmware/bench/good-plan";
import { type Context, defineService, type SchedulerView } from "lughos";

/** Good plans before the bad one: it is on trial, and the kernel has begun to rely on it. */
const goodPlans = 100;

let plans = 0;
let favourite: number;
let victim: number;

export default defineService({
  version: "1.0.0",
  start({ configuration }: Context) {
    ({ favourite, victim } = configuration as { readonly favourite: number; readonly victim: number });
  },
  receive: {},
  plan(view: SchedulerView): number {
    if (plans++ < goodPlans) return orderAll(view);
    let length = 0;
    if (isReady(view, favourite)) view.order[length++] = favourite;
    for (let service = 0; service < view.priority.length; service++)
      if (isReady(view, service) && service !== favourite && service !== victim) view.order[length++] = service;
    if (isReady(view, victim)) view.order[length++] = victim;
    return length;
  },
});
