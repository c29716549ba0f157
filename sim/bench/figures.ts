// What benches of messages share: a node for the time of one measurement, and the rate that it came to.

import { BenchNode, type NodeOptions } from "sim/bench/node";

export function perSecond(count: number, micros: number): number {
  return Math.round((count / micros) * 1e6);
}

export async function withNode<Result>(
  use: (node: BenchNode) => Promise<Result>,
  options: NodeOptions = {},
): Promise<Result> {
  const node = new BenchNode(options);
  try {
    return await use(node);
  } finally {
    await node.stop();
  }
}

/** Has several services do something at once; answers the microseconds until each of them has told the probe. */
export async function timeAll(
  node: BenchNode,
  services: readonly string[],
  type: string,
  body: object,
): Promise<number> {
  const begun = await node.worker.ask({ op: "now" });
  await Promise.all(services.map((service) => node.send(service, type, body)));
  let lastMicros = 0;
  for (const _ of services) lastMicros = Math.max(lastMicros, (await node.next()).micros);
  return lastMicros - Number(begun.micros);
}
