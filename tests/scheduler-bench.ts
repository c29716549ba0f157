// A node as a scheduler sees it, without a node: it holds a scheduler to its contract plan by plan, and plays the kernel
// that works the plans off. Runs under Node and, with the claims, as a service on XS.

import type { Context, SchedulerView, ServiceDefinition } from "lughos";
import { decode, encode } from "wire/cbor";

/** What a scheduler leaves to its successor: what `suspend` gave, and the schema that it declares. */
export interface Handover {
  readonly schema: number;
  readonly state: unknown;
}

/** A scheduler freshly started; opening the next one ends it. */
export interface SchedulerUnderTest {
  plan(view: SchedulerView, count: number): number;
  /** Undefined when it leaves nothing. */
  suspend?(): Handover | undefined;
}

export type OpenScheduler = (inherited?: Handover) => SchedulerUnderTest;

export class SchedulerViolation extends Error {}

export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new SchedulerViolation(what);
}

/** Starts and suspends a definition as hosts do, with a context of which nothing may be used while it plans. */
export function openScheduler(definition: ServiceDefinition): OpenScheduler {
  return (inherited) => {
    const moment = { isPlanning: false };
    definition.start?.(watchedContext(moment), stateFor(definition, inherited));
    return {
      plan(view, count) {
        moment.isPlanning = true;
        const length = definition.plan?.(view, count) ?? -1;
        moment.isPlanning = false;
        return length;
      },
      suspend() {
        if (definition.suspend === undefined) return undefined;
        return { schema: definition.stateSchema ?? 0, state: decode(encode(definition.suspend())) };
      },
    };
  };
}

function stateFor({ stateSchema = 0, migrate }: ServiceDefinition, inherited: Handover | undefined): unknown {
  if (inherited === undefined || inherited.schema === stateSchema) return inherited?.state;
  check(migrate !== undefined, `wanted a migrate(), for a state of schema ${inherited.schema}`);
  return decode(encode(migrate(inherited.state as never, inherited.schema)));
}

const contextFunctions = [
  ...["send", "call", "publish", "subscribe", "every", "after", "cancel", "commit", "store", "log"],
  ...["monotonicMicros", "wallClock"],
];

function watchedContext(moment: { readonly isPlanning: boolean }): Context {
  const watched = (name: string) => () => {
    check(!moment.isPlanning, `wanted nothing of the context while it plans, found a use of ${name}`);
    return 0;
  };
  const functions = contextFunctions.map((name) => [name, watched(name)]);
  return Object.fromEntries([...functions, ["configuration", {}]]) as Context;
}

/** Of the view: no deadline waits. */
export const noDeadline = 2 ** 30 - 1;
const notReady = 3;
const wordBits = 30;

/** What waits for a service; MEDIUM without a deadline if nothing is said. */
export interface Waiting {
  readonly priority?: number;
  readonly deadlineMicros?: number;
}

export class SchedulerBench {
  readonly #open: OpenScheduler;
  readonly #count: number;
  #scheduler: SchedulerUnderTest;
  #view: { ready: number[]; priority: number[]; deadlineMicros: number[]; steps: number[]; order: number[] };

  constructor(open: OpenScheduler, count: number, inherited?: Handover) {
    this.#open = open;
    this.#count = count;
    this.#scheduler = open(inherited);
    this.#view = createView(count);
  }

  /** Plans for these ready services. */
  plan(ready: readonly number[], waiting: ReadonlyMap<number, Waiting> = new Map()): readonly number[] {
    const view = this.#view;
    view.ready.fill(0);
    view.priority.fill(notReady);
    view.deadlineMicros.fill(noDeadline);
    for (const service of ready) {
      const word = Math.floor(service / wordBits);
      view.ready[word] = (view.ready[word] as number) | (1 << (service % wordBits));
      const { priority = 1, deadlineMicros = noDeadline } = waiting.get(service) ?? {};
      view.priority[service] = priority;
      view.deadlineMicros[service] = deadlineMicros;
    }
    const length = this.#scheduler.plan(view, ready.length);
    view.steps.fill(0);
    const order = view.order.slice(0, length);
    checkOrder(order, ready, length);
    return order;
  }

  /** Dispatches these once each, at the cost of some steps. */
  dispatch(services: readonly number[], steps = 100): void {
    for (const service of services) this.#view.steps[service] = (this.#view.steps[service] as number) + steps;
  }

  /** A successor takes over, in a machine of its own: of the same policy, or of another. */
  swap(open: OpenScheduler = this.#open): void {
    const { steps } = this.#view;
    this.#scheduler = open(this.#scheduler.suspend?.());
    this.#view = { ...createView(this.#count), steps };
  }
}

function createView(
  count: number,
): SchedulerView & { ready: number[]; priority: number[]; deadlineMicros: number[]; steps: number[] } {
  const zeros = (length: number): number[] => Array.from({ length }, () => 0);
  return {
    ready: zeros(Math.ceil(count / wordBits)),
    priority: zeros(count),
    deadlineMicros: zeros(count),
    steps: zeros(count),
    order: zeros(count),
  };
}

function checkOrder(order: readonly number[], ready: readonly number[], length: number): void {
  const wanted = new Set(ready);
  const isOrder =
    length === ready.length && new Set(order).size === length && order.every((service) => wanted.has(service));
  check(isOrder, `wanted each of [${ready.join()}] once, found length ${length}: [${order.join()}]`);
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Numbers below 2^32, by a fixed generator (xorshift32, Marsaglia 2003): the same seed tells the same story. */
export function chance(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** A ready set, with about a quarter of the services. */
export function scatter(seed: number, count: number): number[] {
  const next = chance(seed);
  return range(count).filter(() => (next() & 3) === 0);
}
