// A scheduler that keeps its contract until the plan that its configuration names, and then commits the crime named there.
// Those that only a look at the answer finds are in strange-scheduler; here are those that a kernel could believe.

import { type Context, defineService, type SchedulerView } from "lughos";

type View = { -readonly [Name in keyof SchedulerView]: number[] };

/** Answers how many services are ordered. */
type Crime = (view: View, length: number) => number;

let crime: string;
/** Without one it is the third plan of those in which "c" has a HIGH message, one to a round of tests/scheduler-node: what comes
 * of a crime is planned too. */
let atPlan: number | undefined;
let plans: number;
let kept: Context;
let hoard: number[][];

const high = 0;
const indexOfC = 1;
const wordOfAll = 2 ** 30 - 1;

const crimes: { readonly [name: string]: Crime } = Object.freeze({
  "grows without end"() {
    for (;;) hoard.push([hoard.length, 1, 2, 3]);
  },
  "hoards a little with each plan"(_view: View, length: number) {
    for (let each = 0; each < 200; each++) hoard.push([plans, each]);
    return length;
  },
  "leaves promises behind that throw"(_view: View, length: number) {
    void Promise.resolve().then(() => {
      throw new Error("after the plan");
    });
    return length;
  },
  "leaves promises behind without end"(_view: View, length: number) {
    const again = (): void => void Promise.resolve().then(again);
    again();
    return length;
  },
  "sends from a promise"(_view: View, length: number) {
    void Promise.resolve().then(() => kept.send("probe", "planned"));
    return length;
  },
  "asks for the time"(_view: View, length: number) {
    return length + kept.monotonicMicros();
  },
  "sends and catches what it is told"(_view: View, length: number) {
    try {
      kept.send("probe", "planned");
    } catch {
      return length;
    }
    return 0;
  },
  "leaves out the least urgent"({ order, priority }: View, length: number) {
    const least = order.slice(0, length).sort((one, other) => (priority[other] ?? 0) - (priority[one] ?? 0))[0];
    const left = order.slice(0, length).filter((service) => service !== least);
    for (const [index, service] of left.entries()) order[index] = service;
    return left.length;
  },
  "puts HIGH last"({ order, priority }: View, length: number) {
    const sorted = order.slice(0, length).sort((one, other) => (priority[other] ?? 0) - (priority[one] ?? 0));
    for (const [index, service] of sorted.entries()) order[index] = service;
    return length;
  },
  "puts one HIGH last"({ order, priority }: View, length: number) {
    const planned = order.slice(0, length);
    const victim = Math.max(...planned.filter((service) => priority[service] === high));
    const sorted = [...planned.filter((service) => service !== victim), victim].filter((service) => service >= 0);
    for (const [index, service] of sorted.entries()) order[index] = service;
    return length;
  },
  "says that all are ready"({ ready, order }: View) {
    ready.fill(wordOfAll);
    for (let service = 0; service < order.length; service++) order[service] = service;
    return order.length;
  },
  "writes over all that it was shown"({ ready, priority, deadlineMicros, steps }: View, length: number) {
    for (const array of [ready, priority, deadlineMicros, steps]) array.fill(-1);
    return length;
  },
  "shortens its arrays"(view: View, length: number) {
    view.priority.length = 0;
    return length;
  },
  "stretches its arrays"(view: View, length: number) {
    view.order.length = 2 ** 32 - 1;
    return length;
  },
  "punches holes into all arrays"(view: View, length: number) {
    for (const array of [view.ready, view.priority, view.deadlineMicros, view.steps]) delete array[0];
    return length;
  },
  "makes an element of its order a function"({ order }: View, length: number) {
    Object.defineProperty(order, 0, { get: () => 1 });
    return length;
  },
  "makes all elements that it is shown functions"(view: View, length: number) {
    for (const array of [view.priority, view.steps])
      for (let service = 0; service < array.length; service++)
        Object.defineProperty(array, service, { get: () => kept.send("probe", "read"), set: () => undefined });
    return length;
  },
  "gives its arrays another prototype"(view: View, length: number) {
    for (const array of Object.values(view)) Object.setPrototypeOf(array, null);
    return length;
  },
  "puts an object in an array's place"(view: View, length: number) {
    Object.assign(view, { ready: {} });
    return length;
  },
  "puts a function in an array's place"(view: View, length: number) {
    const { ready, order } = view;
    const shorten = (): number[] => {
      ready.length = 0;
      return order;
    };
    Object.defineProperty(view, "order", { get: shorten });
    return length;
  },
  "puts functions in all arrays' places"(view: View, length: number) {
    for (const name of Object.keys(view))
      Object.defineProperty(view, name, {
        get() {
          for (let each = 0; each < 1_000; each++) hoard = [[each]];
          return [];
        },
      });
    return length;
  },
  "takes its order away and fills the room"(view: View, length: number) {
    Object.assign(view, { order: null });
    for (let each = 0; each < 1_000; each++) hoard[each % 100] = [each, each];
    return length;
  },
  "freezes all"(view: View, length: number) {
    for (const array of Object.values(view)) Object.freeze(array);
    Object.freeze(view);
    return length;
  },
});

export default defineService({
  version: "1.0.0",
  start(context) {
    kept = context;
    crime = context.configuration.crime as string;
    atPlan = context.configuration.atPlan as number | undefined;
    plans = 0;
    hoard = [];
  },
  receive: {},
  plan(view: SchedulerView): number {
    const length = orderAll(view);
    if (atPlan !== undefined || view.priority[indexOfC] === high) plans++;
    return plans < (atPlan ?? 3) ? length : (crimes[crime] as Crime)(view as View, length);
  },
});

/** What a good scheduler does: the ready ones, from the last to the first, so that it is not the built-in order. */
function orderAll({ priority, order }: SchedulerView): number {
  let length = 0;
  for (let service = priority.length - 1; service >= 0; service--)
    if ((priority[service] as number) < 3) order[length++] = service;
  return length;
}
