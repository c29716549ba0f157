// How soon a service that was killed answers again, with the state it had committed. The kernel restarts it, as on a node
// without a reincarnation server: that server's back-off is policy, and would be all that is measured.

import { BenchNode } from "sim/bench/node";
import { caller, entry } from "sim/bench/table";

export interface RestartFigures {
  readonly kills: number;
  readonly recovered: number;
  /** Of those, how many knew what they had committed. */
  readonly stateful: number;
  readonly microsToAnswer: { readonly median: number; readonly p99: number; readonly max: number };
}

interface Answered {
  readonly micros: number;
  readonly isStateful: boolean;
}

export async function benchRestart(kills: number, kind: string): Promise<RestartFigures> {
  const node = new BenchNode({ insecure: true });
  try {
    await node.boot({ services: [caller("killer", "killer", "victim", "simulator"), entry("victim", "victim")] });
    await node.send("killer", "run", { kills, kind });
    const answers: Answered[] = [];
    for (let message = await node.next(); message.type === "answered"; message = await node.next())
      answers.push(message.body as Answered);
    const sorted = answers.map(({ micros }) => micros).sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    return {
      kills,
      recovered: answers.length,
      stateful: answers.filter(({ isStateful }) => isStateful).length,
      microsToAnswer: { median: at(0.5), p99: at(0.99), max: at(1) },
    };
  } finally {
    await node.stop();
  }
}
