// How soon a service that was killed answers again, with the state it had committed. The kernel restarts it, as on a node
// without a reincarnation server: that server's back-off is policy, and would be all that is measured.

import { BenchNode } from "sim/bench/node";
import { type Percentiles, percentiles } from "sim/bench/percentiles";
import { caller, entry } from "sim/bench/table";

export interface RestartFigures {
  readonly kills: number;
  readonly recovered: number;
  /** Of those, how many knew what they had committed. */
  readonly stateful: number;
  readonly microsToAnswer: Percentiles;
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
    return {
      kills,
      recovered: answers.length,
      stateful: answers.filter(({ isStateful }) => isStateful).length,
      microsToAnswer: percentiles(answers.map(({ micros }) => micros)),
    };
  } finally {
    await node.stop();
  }
}
