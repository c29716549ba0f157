// Ten pairs that call each other at once, so that there is always somebody to choose: what each policy costs. A policy other
// than the built-in order is a service in a machine of its own, which the kernel asks.

import { perSecond, timeAll, withNode } from "sim/bench/figures";
import { caller, entry, type Table } from "sim/bench/table";

const policies = ["built-in", "round-robin", "priority", "deadline"] as const;
const pairs = Array.from({ length: 10 }, (_, index) => ({ caller: `caller-${index}`, callee: `echo-${index}` }));

/** Round trips a second of all pairs together, by policy; each makes `count` of them. */
export async function tenPairs(count: number): Promise<{ readonly [policy: string]: number }> {
  const each = Math.ceil(count / pairs.length);
  const figures: { [policy: string]: number } = {};
  for (const policy of policies)
    figures[policy] = await withNode(async (node) => {
      await node.boot(withPolicy(policy));
      const callers = pairs.map((pair) => pair.caller);
      return perSecond(each * pairs.length, await timeAll(node, callers, "run", { count: each }));
    });
  return figures;
}

function withPolicy(policy: (typeof policies)[number]): Table {
  const services = pairs.flatMap((pair) => [
    { ...caller(pair.caller, "caller", pair.callee), configuration: { callee: pair.callee } },
    entry(pair.callee, "echo"),
  ]);
  if (policy === "built-in") return { services };
  const scheduler = entry("scheduler", "", { module: `services/scheduler/${policy}` });
  return { scheduler: scheduler.name, services: [...services, scheduler] };
}
