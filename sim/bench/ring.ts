// A ring of a hundred services that pass a token on: what a hop from machine to machine costs. One token keeps one service
// ready at a time, ten tokens have the kernel choose.

import { perSecond, timeAll, withNode } from "sim/bench/figures";
import type { BenchNode } from "sim/bench/node";
import { type Entry, entry } from "sim/bench/table";

export interface RingFigures extends Hops {
  readonly services: number;
  /** All hops of ten tokens that go around at once. */
  readonly tenTokens: Hops;
}

interface Hops {
  readonly hops: number;
  readonly hopsPerSecond: number;
}

const services = 100;
const manyTokens = 10;
/** Each handler has run, and each machine has grown to its size. */
const warmUp = 10 * services;

export async function benchRing(hops: number): Promise<RingFigures> {
  return withNode(async (node) => {
    await node.boot({ services: Array.from({ length: services }, (_, index) => link(index)) });
    await pass(node, 1, warmUp);
    return { services, ...(await pass(node, 1, hops)), tenTokens: await pass(node, manyTokens, hops) };
  });
}

async function pass(node: BenchNode, tokens: number, hops: number): Promise<Hops> {
  const each = Math.ceil(hops / tokens);
  const starts = Array.from({ length: tokens }, (_, index) => nameOf((index * services) / tokens));
  const micros = await timeAll(node, starts, "token", { hopsLeft: each });
  return { hops: each * tokens, hopsPerSecond: perSecond(each * tokens, micros) };
}

function nameOf(index: number): string {
  return `link-${index % services}`;
}

function link(index: number): Entry {
  const next = nameOf(index + 1);
  const sends = [next, "probe"].map((to) => ({ to, priority: "HIGH" as const }));
  return entry(nameOf(index), "link", { sends, configuration: { next } });
}
