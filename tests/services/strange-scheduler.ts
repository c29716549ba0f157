// A scheduler that breaks its contract as its configuration says (services/api/scheduler).

import { priorities } from "kernel/mod";
import { type Context, defineService, type SchedulerView } from "lughos";

let how: string;
let kept: Context;
let plans: number;

/** What is no number of ordered services, by its name. */
const lengths: { readonly [how: string]: unknown } = {
  "orders none": 0,
  "answers less than none": -3,
  "answers a fraction": 1.5,
  "answers no number": "2",
  "answers nothing": undefined,
  "answers not a number": Number.NaN,
  "answers infinity": Number.POSITIVE_INFINITY,
  "answers more than there are": 1_000_000,
};

export default defineService({
  version: "1.0.0",
  start(context) {
    how = context.configuration.how as string;
    kept = context;
    plans = 0;
  },
  receive: {
    do(_steps: unknown, { call }: Context) {
      void call("probe", "echo", 1).catch(() => undefined);
    },
  },
  plan(view: SchedulerView, count: number): number {
    const length = orderAll(view);
    plans++;
    if (how in lengths) return lengths[how] as number;
    return misbehave(view, length, count);
  },
});

/** What a good scheduler does: the ready ones, from the last to the first, so that it is not the built-in order. */
function orderAll({ ready, order }: SchedulerView): number {
  let length = 0;
  for (let service = 29; service >= 0; service--)
    if (((ready[0] as number) & (1 << service)) !== 0) order[length++] = service;
  return length;
}

function misbehave(view: SchedulerView, length: number, count: number): number {
  const arrays = view as unknown as { [name: string]: unknown };
  switch (how) {
    case "throws":
      throw new Error("no plan");
    case "spins":
      for (;;);
    case "recurses":
      return misbehave(view, length, count) + 1;
    case "orders who does not exist":
      view.order[0] = 999;
      return length;
    case "orders a negative service":
      view.order[0] = -1;
      return length;
    case "orders a word":
      (view.order as unknown[])[0] = "b";
      return length;
    case "orders who is not ready":
      view.order[0] = 0;
      return length;
    case "orders one twice":
      view.order[1] = view.order[0] as number;
      return length;
    case "leaves out who has a HIGH message":
      view.order[0] = view.order[length - 1] as number;
      return 1;
    case "empties the order":
      view.order.length = 0;
      return length;
    case "punches a hole into the order":
      delete view.order[0];
      return length;
    case "changes the arrays afterwards":
      arrays.order = [1];
      arrays.ready = new Uint8Array(8);
      return length;
    case "takes the arrays away afterwards":
      delete arrays.steps;
      return length;
    case "puts a shared array among its own afterwards":
      arrays.priority = priorities;
      return length;
    case "freezes the arrays afterwards":
      Object.freeze(view.order);
      return length;
    case "sends as it plans":
      kept.send("probe", "planned");
      return length;
    case "commits as it plans":
      kept.commit(plans);
      return length;
    case "answers a promise":
      return Promise.resolve(length) as unknown as number;
    default:
      return length;
  }
}
