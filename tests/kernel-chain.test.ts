// Does the host's hot path in C do what kernel/chain.ts says? Random programs of sends, calls, replies, faults and deadlines
// run on both, and everything that the services tell must be the same, in the same order.

import { expect, test } from "@jest/globals";
import type { ServiceEntry } from "kernel/mod";
import { call, type Figures, type Heard, type Step, send, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const names = ["a", "b", "c", "d"];
const programs = 24;
const messagesEach = 12;

interface Told {
  readonly service: string;
  readonly steps: readonly Step[];
  readonly priority: 0 | 1 | 2;
  readonly millis: number;
}

/** Anyone may send to anyone, and call whoever comes later: circles of calls are refused at boot. */
function table(): readonly ServiceEntry[] {
  return names.map((name, index) =>
    talker(name, { mailbox: 4, sends: to(names), calls: to(names.slice(index + 1)), budgetSteps: 200_000 }),
  );
}

function program(seed: number): readonly Told[] {
  const random = chance(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const step = (index: number): Step => {
    const later = names.slice(index + 1);
    const options = { priority: pick(["HIGH", "MEDIUM", "LOW"] as const), deadlineMillis: pick([1, 5, 1_000]) };
    const kind = random();
    if (later.length === 0 || kind < 0.35) return send(pick(names), pick(["note", "echo"]), random(), options);
    if (kind < 0.8) return call(pick(later), "echo", { value: random() }, options);
    if (kind < 0.86) return call(pick(later), "hang", null, options);
    if (kind < 0.92) return call(pick(later), "fail", null, options);
    return later.length > 1
      ? call(later[0] as string, "relay", { to: later[1] as string, type: "echo", message: random() }, options)
      : call(pick(later), "nothing-of-the-kind", null, options);
  };
  return Array.from({ length: messagesEach }, () => {
    const index = Math.floor(random() * names.length);
    const steps = Array.from({ length: 1 + Math.floor(random() * 4) }, () => step(index));
    return {
      service: pick([names[index] as string]),
      steps,
      priority: pick([0, 1, 2] as const),
      millis: pick([0, 0, 2, 20]),
    };
  });
}

/** A small generator of our own: the same seed is the same program wherever it runs (xorshift32, Marsaglia 2003). */
function chance(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

async function run(
  seed: number,
  isSpecification: boolean,
): Promise<{ heard: Heard[]; logs: string[]; figures: Omit<Figures, "bytes"> }> {
  const node = await boot(table(), { isSpecification });
  for (const { service, steps, priority, millis } of program(seed)) {
    await node.tell(service, "do", steps, priority).catch((error: Error) => node.logs.push(error.message));
    await node.pass(millis);
  }
  await node.pass(2_000);
  // Not the bytes: the kernel's own heap has a closure more where it does the chain itself.
  const { dispatches, messages, poolBytes, refused } = await node.measure();
  await node.cutPower();
  return { heard: node.heard(), logs: node.logs, figures: { dispatches, messages, poolBytes, refused } };
}

test("the host's chain does what the kernel's specification does, on random programs", async () => {
  let told = 0;
  for (let seed = 1; seed <= programs; seed++) {
    const specified = await run(seed * 7919, true);
    const done = await run(seed * 7919, false);
    expect({ seed, ...done }).toEqual({ seed, ...specified });
    told += done.heard.length;
  }
  // The programs do exercise something: less than this means that they ran into a wall.
  expect(told).toBeGreaterThan(programs * messagesEach);
});
