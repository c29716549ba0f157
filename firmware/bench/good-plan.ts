// The plainest plan that keeps the contract: HIGH before MEDIUM before LOW, by index. The bench's schedulers begin with it.

import type { SchedulerView } from "lughos";

const bitsEachWord = 30;

export function isReady(view: SchedulerView, service: number): boolean {
  return (((view.ready[Math.floor(service / bitsEachWord)] as number) >> (service % bitsEachWord)) & 1) === 1;
}

export function orderAll(view: SchedulerView): number {
  let length = 0;
  for (let level = 0; level < 3; level++)
    for (let service = 0; service < view.priority.length; service++)
      if (isReady(view, service) && view.priority[service] === level) view.order[length++] = service;
  return length;
}
