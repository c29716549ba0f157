// A scheduler that breaks a rule at the step of a swap that its configuration names: as the one that is to leave, or as the
// one that is to come. Otherwise it plans from the last service to the first.

import { type Context, defineService, type SchedulerView } from "lughos";

let crime: string;
let atPlan: number;
let plans: number;

function breakAt(step: string): void {
  if (crime === `throws in ${step}`) throw new Error(`no ${step}`);
  if (crime === `never returns from ${step}`) for (;;);
  if (crime === `grows in ${step}`) for (const hoard: number[][] = []; ; ) hoard.push([hoard.length, 1, 2, 3]);
}

export default defineService({
  version: "2.0.0",
  stateSchema: 2,
  start({ configuration }: Context) {
    crime = configuration.crime as string;
    atPlan = (configuration.atPlan as number | undefined) ?? 3;
    plans = 0;
    breakAt("start");
    if (crime === "starts asynchronously") return Promise.resolve() as unknown as undefined;
  },
  receive: {},
  plan({ priority, order }: SchedulerView): number {
    plans++;
    if (plans >= atPlan) breakAt("plan");
    if (plans >= atPlan && crime === "answers nonsense") return -1;
    let length = 0;
    for (let service = priority.length - 1; service >= 0; service--)
      if ((priority[service] as number) < 3) order[length++] = service;
    return length;
  },
  suspend() {
    breakAt("suspend");
    if (crime === "leaves a function") return { line: () => [] } as never;
    if (crime === "leaves a circle") {
      const circle: { self?: unknown } = {};
      circle.self = circle;
      return circle as never;
    }
    if (crime === "leaves too much") return { line: "x".repeat(70_000) };
    return { plans };
  },
  migrate: () => null,
});
