// The services of a node in a line, the least recently dispatched first: whose turn it is, to the policies that keep one.
// It also counts for how long each was passed over, and is what a scheduler leaves to the one that takes its place.
//
// A circle linked through plain arrays, whose anchor has the number of services for its index. A dispatched service goes to
// the back in a few stores and nothing is ever sorted, so a plan of a thousand services costs ten times that of a hundred.

import type { Plain, SchedulerView } from "lughos";

/** `priority` of a service that is not ready. */
export const notReady = 3;

/**
 * A service that so many plans named, one after the other, without coming to its turn is lifted. The longest burst of HIGH
 * that a grid causes (begin and end of an event on each of three lines, and of one of the frequency) cuts eight plans short.
 */
export const patiencePlans = 8;

/**
 * What a scheduler leaves to the next one, which goes on as if it had made the last plan itself. It is of schema 0, that of
 * whoever declares none, so that a policy which keeps no state can take over from one that does.
 */
export interface Turns {
  /** The services, the least recently dispatched first. */
  readonly line: readonly number[];
  /** Of each of them, in that order, what `Line` calls passed. */
  readonly passed: readonly number[];
  readonly planned: readonly number[];
}

export interface Line {
  readonly next: number[];
  readonly previous: number[];
  /** Plans that named the service since its last turn, and were cut short before it; it is counted up to `patiencePlans`. */
  readonly passed: number[];
  /** How many were passed over so often. */
  liftedCount: number;
  /** How many services there are; 0 until the first plan. */
  services: number;
  /** The last plan, where its scheduler wrote it. */
  order: readonly number[];
  plannedCount: number;
  readonly inherited: Turns;
}

/** `state` is what another scheduler left, or anything else: what makes no sense in it is not used. */
export function createLine(state: unknown): Line {
  const inherited = readTurns(state);
  return { next: [], previous: [], passed: [], liftedCount: 0, services: 0, order: [], plannedCount: 0, inherited };
}

/** Integers, that is; which of them are services is not known before the first plan. */
export function readTurns(state: unknown): Turns {
  const { line, passed, planned } = (state ?? {}) as { readonly [name: string]: unknown };
  return { line: readIntegers(line), passed: readIntegers(passed), planned: readIntegers(planned) };
}

function readIntegers(list: unknown): readonly number[] {
  return Array.isArray(list) ? list.map((each: unknown) => (Number.isInteger(each) ? (each as number) : -1)) : [];
}

/**
 * At the beginning of a plan: who had a turn since the last one goes to the back, in the order of that plan. Its head had
 * one even when the meter saw no step of it, so that nobody can stay there.
 */
export function advance(line: Line, view: SchedulerView): void {
  if (line.services === 0) begin(line, view);
  const { next, previous, passed, services: anchor, plannedCount } = line;
  const { steps, order } = view;
  for (let index = 0; index < plannedCount; index++) {
    const service = order[index] as number;
    const times = passed[service] as number;
    if (steps[service] === 0 && index !== 0) {
      if (times === patiencePlans) continue;
      passed[service] = times + 1;
      if (times + 1 === patiencePlans) line.liftedCount++;
      continue;
    }
    if (times !== 0) {
      if (times === patiencePlans) line.liftedCount--;
      passed[service] = 0;
    }
    const after = next[service] as number;
    if (after === anchor) continue;
    const before = previous[service] as number;
    next[before] = after;
    previous[after] = before;
    const last = previous[anchor] as number;
    next[last] = service;
    previous[service] = last;
    next[service] = anchor;
    previous[anchor] = service;
  }
}

/** Each stands alone at first, and joins in the order that was inherited; whom that does not name comes last. */
function begin(line: Line, { priority, order }: SchedulerView): void {
  const { next, previous, passed, inherited } = line;
  const services = priority.length;
  line.services = services;
  line.order = order;
  for (let service = 0; service <= services; service++) {
    next[service] = previous[service] = service;
    passed[service] = 0;
  }
  for (const [place, service] of inherited.line.entries()) join(line, service, inherited.passed[place] ?? 0);
  for (let service = 0; service < services; service++) join(line, service, 0);
  line.plannedCount = copyPlan(inherited, order);
}

function join(line: Line, service: number, passed: number): void {
  const { next, previous, services } = line;
  // Who has joined is not its own neighbour any more, and what is no service never was.
  if (service === services || next[service] !== service) return;
  const last = previous[services] as number;
  next[last] = service;
  previous[service] = last;
  next[service] = services;
  previous[services] = service;
  line.passed[service] = Math.max(0, Math.min(passed, patiencePlans));
  if (passed >= patiencePlans) line.liftedCount++;
}

/** Puts the last plan of a predecessor where one of our own would stand; answers its length. */
export function copyPlan({ planned }: Turns, order: number[]): number {
  const known = planned.filter((service) => service >= 0 && service < order.length).slice(0, order.length);
  for (const [index, service] of known.entries()) order[index] = service;
  return known.length;
}

/** Writes the first so many services of `from` behind the others, the last of them first; answers the new length. */
export function appendReversed(order: number[], length: number, from: readonly number[], count: number): number {
  let at = length;
  for (let index = count - 1; index >= 0; index--) order[at++] = from[index] as number;
  return at;
}

export function leave({ next, passed, services, order, plannedCount, inherited }: Line): Plain {
  if (services === 0) return asPlain(inherited);
  const line: number[] = [];
  for (let service = next[services] as number; service !== services; service = next[service] as number)
    line.push(service);
  return asPlain({
    line,
    passed: line.map((service) => passed[service] as number),
    planned: order.slice(0, plannedCount),
  });
}

export function asPlain({ line, passed, planned }: Turns): Plain {
  return { line: line.slice(), passed: passed.slice(), planned: planned.slice() };
}
