// The storage service on the engine, in a node with a simulated flash, and services that keep something there.

import { storageLimits } from "services/api/storage";
import { BenchNode } from "sim/bench/node";
import type { Table } from "sim/bench/table";
import { findArtifacts } from "sim/project";
import type { Reply } from "sim/worker";

export type Answer = { readonly [name: string]: unknown };

const keeper = (name: string, stores: object): Table["services"][number] => ({
  name,
  module: "tests/services/keeper",
  memoryBytes: 256 * 1024,
  budgetSteps: 4_000_000,
  mailbox: 8,
  calls: [{ to: "storage", priority: "HIGH" }],
  sends: [{ to: "probe", priority: "HIGH" }],
  ...stores,
});

const table: Table = {
  services: [
    {
      name: "storage",
      module: "services/storage/service",
      memoryBytes: 384 * 1024,
      budgetSteps: 4_000_000,
      mailbox: 32,
      calls: [{ to: "flash", priority: "HIGH" }],
      publishes: [{ to: "log", priority: "LOW" }],
    },
    keeper("one", { stores: "one/", storesBytes: 1_000 }),
    keeper("other", { stores: "other/" }),
    keeper("owner", { stores: "", mendsStorage: true }),
    keeper("stranger", {}),
  ],
};

export class NodeWithStorage {
  readonly #node: BenchNode;

  private constructor(node: BenchNode) {
    this.#node = node;
  }

  static async boot(flash: Answer | null = {}): Promise<NodeWithStorage> {
    const node = new NodeWithStorage(
      new BenchNode({ artifacts: findArtifacts("tests"), isVirtual: true, ...(flash === null ? {} : { flash }) }),
    );
    await node.boot();
    return node;
  }

  boot(): Promise<void> {
    return this.#node.boot(table);
  }

  async ask(service: string, type: string, body: object = {}, withinMillis = 2_000): Promise<Answer> {
    await this.#node.send(service, "ask", { type, body });
    await this.advance(withinMillis);
    return (await this.#node.next()).body as Answer;
  }

  /** As `ask`, of a node whose power may fail before it answers, or after. */
  async askUnlessDark(service: string, type: string, body: object): Promise<Answer | "dark"> {
    await this.#node.send(service, "ask", { type, body });
    await this.advance(2_000);
    return (this.#node.take()?.body as Answer | undefined) ?? "dark";
  }

  async isDark(): Promise<boolean> {
    return (await this.flash()).isOn !== true;
  }

  async advance(millis: number): Promise<void> {
    const now = Number((await this.#node.worker.ask({ op: "now" })).micros);
    await this.#node.worker.ask({ op: "advance", to: now + millis * 1000 });
  }

  /** The worker's command `flash`. */
  flash(faults: object = {}): Promise<Reply> {
    return this.#node.worker.ask({ op: "flash", node: 0, ...faults });
  }

  async cutPower(): Promise<void> {
    await this.#node.worker.ask({ op: "cut", node: 0 });
    await this.boot();
  }

  stop(): Promise<void> {
    return this.#node.stop();
  }
}

export const longKey = "k".repeat(storageLimits.keyLength + 1);
