// After a random life of calls, sends, timers, deaths and deadlines: is every place, handle and byte back? And is the same
// life lived the same way twice? The seed is in the title of a test, and decides all of it.

import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { ServiceEntry } from "kernel/mod";
import type { KernelStatistics } from "services/api/kernel";
import { createRandom } from "sim/random";
import { call, forget, type Step, send, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const names = ["a", "b", "c", "d", "e"] as const;
const mailbox = 6;
const rounds = 150;

/** Who may call whom has no circle: each may call those after it. All may send to all. */
function entries(): ServiceEntry[] {
  const services = names.map((name, index) =>
    talker(name, {
      mailbox,
      sends: names.map((other, place) => ({ to: other, priority: "HIGH", latest: (index + place) % 3 === 0 })),
      calls: [...to(names.slice(index + 1)), ...to(["kernel"])],
      publishes: to(["news"]),
      subscribes: ["news"],
    }),
  );
  return [...services, talker("asker", { calls: to(["kernel"]) })];
}

type Chance = (below: number) => number;

function chanceOf(seed: number): Chance {
  const random = createRandom(seed);
  return (below) => Math.floor(random() * below);
}

function pick<Item>(chance: Chance, items: readonly Item[]): Item {
  return items[chance(items.length)] as Item;
}

function randomStep(chance: Chance): Step {
  const other = pick(chance, names);
  const message = pick(chance, [1, { text: "some" }, "x".repeat(700), [1, 2, 3], null]);
  const options = {
    ...(chance(2) === 0 ? { priority: pick(chance, ["HIGH", "MEDIUM", "LOW"] as const) } : {}),
    ...(chance(2) === 0 ? { deadlineMillis: 1 + chance(40) } : {}),
  };
  const steps: readonly (() => Step)[] = [
    () => send(other, pick(chance, ["echo", "note", "fail", "unheard-of", "hang"]), message, options),
    () => call(other, pick(chance, ["echo", "fail", "hang", "unheard-of"]), message, options),
    () =>
      call(other, "relay", { to: pick(chance, [...names, "probe"]), type: pick(chance, ["echo", "hold"]) }, options),
    () => forget(other, "echo", message, options),
    () => call("probe", pick(chance, ["echo", "hold"]), message, options),
    () => ({ verb: "publish", to: "news", message, options }),
    () => ({ verb: "subscribe", to: "news", type: pick(chance, ["note", "echo"]) }),
    () => ({ verb: "every", millis: 1 + chance(20), type: "echo" }),
    () => ({ verb: "after", millis: chance(20), type: pick(chance, ["echo", "fail"]) }),
    () => ({ verb: "cancel", timer: chance(1 << 20) }),
    () => ({ verb: "commit", message }),
    () => ({ verb: "log", type: "a line" }),
    () => ({ verb: "throw" }),
  ];
  return pick(chance, steps)();
}

/** Does something to the node; what it refuses (a full mailbox, no call kept) is part of life. */
async function live(node: TestNode, chance: Chance): Promise<void> {
  const name = pick(chance, names);
  const steps = Array.from({ length: 1 + chance(5) }, () => randomStep(chance));
  const refused = (): undefined => undefined;
  if (chance(10) < 7) await node.tell(name, "do", steps, pick(chance, [0, 1, 2] as const)).catch(refused);
  else if (chance(2) === 0) await node.fault(name, pick(chance, ["throw", "kill", "memory", "stack"] as const));
  else await node.reply(chance(10)).catch(refused);
  if (chance(3) > 0) await node.pass(chance(30));
}

async function statistics(node: TestNode): Promise<KernelStatistics> {
  node.heard();
  const [answer] = await node.perform("asker", call("kernel", "statistics"));
  return answer as KernelStatistics;
}

/** Lets all calls expire and all services begin anew, each with a small state. */
async function settle(node: TestNode): Promise<void> {
  await node.pass(61_000);
  for (const name of names) await node.fault(name);
  for (const name of names) {
    node.heard();
    expect(await node.perform(name, { verb: "commit", message: 0 })).toEqual(["sent"]);
  }
}

/** How many messages a mailbox takes before it answers full. */
async function room(node: TestNode, name: string): Promise<number> {
  for (let count = 0; ; count++)
    try {
      await node.tell(name, "echo", count);
    } catch {
      return count;
    }
}

const options = { messages: 96, poolBytes: 96 * 1024 };

describe("a random life", () => {
  for (const seed of [1, 2, 3, 4, 5, 6])
    test(`from seed ${seed} leaves no message, byte or place behind`, async () => {
      const chance = chanceOf(seed);
      const node = await boot(entries(), options);
      const before = await node.measure();
      for (let round = 0; round < rounds; round++) await live(node, chance);
      await settle(node);
      expect(node.panics).toEqual([]);
      const after = await node.measure();
      // The states, of one small body each.
      expect(after.messages - before.messages).toBe(names.length);
      expect(after.poolBytes - before.poolBytes).toBe(64 * names.length);
      const { services } = await statistics(node);
      expect(services.map(({ queued }) => queued)).toEqual(services.map(() => 0));
      expect(services.every(({ state }) => state === "running")).toBe(true);
      for (const name of names) expect(await room(node, name)).toBe(mailbox);
      expect(services.some(({ restarts }) => restarts > 10)).toBe(true);
    });

  test("from one seed is lived the same way twice, down to each dispatch", async () => {
    const lived: { readonly length: number; readonly digest: string }[] = [];
    for (let time = 0; time < 2; time++) {
      const chance = chanceOf(42);
      const node = await boot(entries(), options);
      const heard: unknown[] = [];
      for (let round = 0; round < rounds; round++) {
        await live(node, chance);
        heard.push(node.heard());
      }
      const { messages, poolBytes, bytes, dispatches } = await node.measure();
      const life = JSON.stringify([heard, node.logs, await node.trace(), { messages, poolBytes, bytes, dispatches }]);
      lived.push({ length: life.length, digest: createHash("sha256").update(life).digest("hex") });
      await node.cutPower();
    }
    expect(lived[0]).toEqual(lived[1]);
    expect(lived[0]?.length).toBeGreaterThan(10_000);
  });
});
