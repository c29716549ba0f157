// Does what a service stored come back when the power does, whatever failed meanwhile, and never something else?

import { afterEach, expect, test } from "@jest/globals";
import { BenchNode } from "sim/bench/node";
import type { Table } from "sim/bench/table";
import { findArtifacts } from "sim/project";

type Entry = Table["services"][number];

const storage: Entry = {
  name: "storage",
  module: "services/storage/service",
  memoryBytes: 256 * 1024,
  budgetSteps: 4_000_000,
  mailbox: 32,
  calls: [{ to: "flash", priority: "HIGH" }],
};

const diary: Entry = {
  name: "diary",
  module: "tests/services/diary",
  memoryBytes: 64 * 1024,
  budgetSteps: 1_000_000,
  mailbox: 8,
  sends: [{ to: "probe", priority: "HIGH" }],
  stores: "diary/",
};

const { stores: _prefix, ...unpermitted } = diary;
const withStorage: Table = { services: [storage, diary] };

const sectorBytes = 1_024;

class DiaryNode {
  readonly #node = new BenchNode({
    artifacts: findArtifacts("tests"),
    isVirtual: true,
    insecure: true,
    flash: { sectors: 18, sectorBytes },
  });

  get logs(): readonly string[] {
    return this.#node.logs;
  }

  /** Answers from what the diary began, undefined when it has not begun. */
  async boot(table: Table = withStorage): Promise<unknown> {
    await this.#node.boot(table);
    return this.hear("began");
  }

  async cutPower(table: Table = withStorage): Promise<unknown> {
    await this.#node.worker.ask({ op: "cut", node: 0 });
    return this.boot(table);
  }

  async tell(type: string, page?: unknown): Promise<void> {
    await this.#node.send("diary", type, page ?? null);
  }

  async store(page: unknown): Promise<unknown> {
    await this.tell("store", page);
    return this.hear("stored");
  }

  /** The next that the diary says, after two seconds; undefined: nothing. */
  async hear(type: string): Promise<unknown> {
    const { micros } = await this.#node.worker.ask({ op: "now" });
    await this.#node.worker.ask({ op: "advance", to: Number(micros) + 2_000_000 });
    const message = this.#node.take();
    if (message !== undefined) expect(message.type).toBe(type);
    return message?.body;
  }

  fault(service: string): Promise<unknown> {
    return this.#node.worker.ask({ op: "fault", node: 0, service, kind: "kill" });
  }

  flash(faults: object = {}): Promise<{ readonly [figure: string]: unknown }> {
    return this.#node.worker.ask({ op: "flash", node: 0, ...faults });
  }

  stop(): Promise<void> {
    return this.#node.stop();
  }
}

let node: DiaryNode;

async function begin(table?: Table): Promise<unknown> {
  node = new DiaryNode();
  return node.boot(table);
}

afterEach(() => node.stop());

test("a service begins from what it had stored before the power failed", async () => {
  expect(await begin()).toBeNull();
  expect(await node.store("one")).toBe("stored");
  expect(await node.store("two")).toBe("stored");
  expect(await node.cutPower()).toBe("two");
  expect(await node.cutPower()).toBe("two");
});

test("a service begins from the last commit after a fault, and from what it had stored after a power cut", async () => {
  await begin();
  await node.store("stored");
  await node.tell("commit", "committed");
  expect(await node.hear("committed")).toBe("sent");
  await node.tell("fault");
  expect(await node.hear("began")).toBe("committed");
  expect(await node.cutPower()).toBe("stored");
  await node.tell("fault");
  expect(await node.hear("began")).toBe("stored");
  await node.store("newest");
  await node.tell("fault");
  expect(await node.hear("began")).toBe("newest");
});

test("what was stored takes the place of the state that the table gives", async () => {
  const table = { services: [storage, { ...diary, state: { page: "blank" } }] };
  expect(await begin(table)).toBe("blank");
  await node.store("written");
  expect(await node.cutPower(table)).toBe("written");
});

test("another edition is given the stored state with its schema, to migrate it", async () => {
  await begin();
  await node.store("old");
  const next = { services: [storage, { ...diary, module: "tests/services/diary-next" }] };
  expect(await node.cutPower(next)).toEqual({ pages: ["old"], fromSchema: 1 });
});

test.each<[string, Table, string]>([
  ["no storage", { services: [diary] }, "unavailable"],
  ["no permission", { services: [storage, unpermitted] }, "not-capable"],
  ["a quota that is too small", { services: [storage, { ...diary, storesBytes: 20 }] }, "quota-exceeded"],
])("a service with %s is answered so, and its commit counts all the same", async (_, table, answer) => {
  expect(await begin(table)).toBeNull();
  expect(await node.store("some page")).toBe(answer);
  await node.tell("fault");
  expect(await node.hear("began")).toBe("some page");
});

test("a state that storage cannot hold is refused, and the one before it stays", async () => {
  await begin();
  await node.store("small");
  expect(await node.store("x".repeat(2_048))).toBe("too-large");
  expect(await node.cutPower()).toBe("small");
});

test("a stored state that no start survives is given up after three, and said", async () => {
  await begin();
  await node.store("throw");
  expect(await node.cutPower()).toBeNull();
  expect(node.logs.filter((line) => line.includes("this page cannot be read"))).toHaveLength(3);
  expect(node.logs).toContain("error: diary begins without what it had stored: it could not start from it 3 times");
  expect(await node.store("readable")).toBe("stored");
  expect(await node.cutPower()).toBe("readable");
});

test("a start that storage does not answer is made again, and never without the state", async () => {
  await begin();
  await node.store("kept");
  for (let count = 1; count <= 6; count++) {
    await node.flash({ spoil: { address: 2 * sectorBytes, length: 16 * sectorBytes, count } });
    expect(await node.cutPower()).toBe("kept");
  }
  expect(node.logs.some((line) => line.includes("Cannot start diary"))).toBe(true);
});

const points = ["before", "first-half", "all-but-last", "some-bits", "unstable", "after"] as const;
const ways = ["kept", "lost", "subset"] as const;
const cuts = 54;

test("whatever operation of the flash the power fails in, the state is the last or the one on its way", async () => {
  await begin();
  let page: unknown = null;
  for (let cut = 0; cut < cuts; cut++) {
    const [point, unsynced] = [points[cut % points.length], ways[cut % ways.length]];
    const { operations } = await node.flash();
    const operation = Number(operations) + 1 + Math.floor(cut / 6);
    await node.flash({ plan: { operation, happening: "cut", point, unsynced, seed: cut } });
    let next: unknown = page;
    for (let write = 0; (await node.flash()).isOn === true; write++) {
      page = next;
      next = `page ${cut}.${write}`;
      if ((await node.store(next)) === "stored") page = next;
    }
    const found = await node.boot();
    expect([page, next]).toContain(found);
    page = found;
  }
  expect(Number((await node.flash()).cuts)).toBeGreaterThanOrEqual(cuts);
}, 60_000);
