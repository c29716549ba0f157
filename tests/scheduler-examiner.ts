// A service that holds schedulers to their claims on XS, and has them plan so that somebody can read the meter.

import { type Context, defineService, type ServiceDefinition } from "lughos";
import { noDeadline, openScheduler } from "tests/scheduler-bench";
import { schedulerClaims } from "tests/scheduler-conformance";
import { deadlineClaims, urgencyClaims } from "tests/scheduler-policies";

export interface Examination {
  readonly policy: string;
  readonly title: string;
}

export interface Load {
  readonly policy: string;
  readonly services: number;
  /** The first so many of them are ready. */
  readonly ready: number;
  /** Calls, each with a deadline a little earlier than the one before it: the worst order for who sorts by them. */
  readonly isDue: boolean;
  readonly plans: number;
}

export function createExaminer(policies: { readonly [name: string]: ServiceDefinition }): ServiceDefinition {
  return defineService({
    version: "1.0.0",
    receive: {
      examine({ policy, title }: Examination, { send }: Context) {
        const claim = [...schedulerClaims, ...urgencyClaims, ...deadlineClaims].find((each) => each.title === title);
        claim?.run(openScheduler(policies[policy] as ServiceDefinition));
        send("probe", "examined", { policy, title });
      },
      plan(load: Load, { send }: Context) {
        send("probe", "planned", planRepeatedly(policies[load.policy] as ServiceDefinition, load));
      },
    },
  });
}

/** The same services are ready each time, each with a third of the priorities, and all are dispatched in between. */
function planRepeatedly(policy: ServiceDefinition, { services, ready, isDue, plans }: Load): number {
  const { start, plan } = policy as Required<ServiceDefinition>;
  const numbers = Array.from({ length: services }, (_, service) => service);
  const view = {
    ready: Array.from({ length: Math.ceil(services / 30) }, () => 0),
    priority: numbers.map((service) => (service < ready ? service % 3 : 3)),
    deadlineMicros: numbers.map((service) => (isDue && service < ready ? 1_000_000 - service * 100 : noDeadline)),
    steps: numbers.map(() => 100),
    order: numbers.map(() => 0),
  };
  for (let service = 0; service < ready; service++) {
    const word = Math.floor(service / 30);
    view.ready[word] = (view.ready[word] as number) | (1 << (service % 30));
  }
  start({} as Context, undefined);
  let planned = 0;
  for (let round = 0; round < plans; round++) planned += plan(view, ready);
  return planned;
}
