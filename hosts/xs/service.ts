// The module "host/service" of hosts over the machine layer: what the machine layer hands to each service.
// Natives are on the global only while the root is preloaded; here they are taken into the context that handlers get.

import type { Answer, Context, Refusal as RefusalContract } from "services/api/service";
import type { StorageRefusal } from "services/api/storage";

declare const lughNatives: Omit<Context, "configuration" | "store"> & {
  configuration(): Context["configuration"];
  /** What storage replied; rejects with a Refusal. */
  store(state: unknown): Promise<Partial<StorageRefusal>>;
};

const natives = lughNatives;

class Refusal extends Error implements RefusalContract {
  readonly answer: Answer;

  constructor(answer: Answer, message: string) {
    super(message);
    this.answer = answer;
  }
}

/** Never rejects: who does not look at it has not faulted. */
async function store(state: unknown): ReturnType<Context["store"]> {
  try {
    const { error } = await natives.store(state);
    return error ?? "stored";
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.answer;
    throw refusal;
  }
}

const context: Context = {
  get configuration() {
    return natives.configuration();
  },
  send: natives.send,
  call: natives.call,
  publish: natives.publish,
  subscribe: natives.subscribe,
  every: natives.every,
  after: natives.after,
  cancel: natives.cancel,
  commit: natives.commit,
  store,
  log: natives.log,
  monotonicMicros: natives.monotonicMicros,
  wallClock: natives.wallClock,
  caller: natives.caller,
};

function zeros(length: number): number[] {
  const array: number[] = [];
  for (let index = 0; index < length; index++) array.push(0);
  return array;
}

export default {
  context,
  Refusal,
  refusal: (answer: Answer, what: string): Refusal => new Refusal(answer, `${what} was answered ${answer}`),
  /** The arrays of a scheduler (services/api/scheduler), for a node of so many services. */
  createView: (services: number) => ({
    ready: zeros(Math.ceil(services / 30)),
    priority: zeros(services),
    deadlineMicros: zeros(services),
    steps: zeros(services),
    order: zeros(services),
  }),
};
