// The simulated flash behind a real node on the engine, as the claims of tests/flash-conformance want it: what is asked goes
// through a service, the kernel and the device port; the power is cut in the worker; every boot has fresh machines.

import type { FlashBytes, FlashDone, FlashGeometry, FlashRefusal } from "services/api/flash";
import { flashLimits } from "services/api/flash";
import { BenchNode } from "sim/bench/node";
import { findArtifacts } from "sim/project";
import type { Reply } from "sim/worker";
import type { FlashOperation, FlashUnderTest, PowerCut } from "tests/flash-bench";

export interface FlashRequest {
  readonly operation: string;
  readonly argument?: object;
  readonly deadlineMillis?: number;
}

/** What came of a request, and when, since the node started. */
export interface FlashOutcome {
  readonly answer: { readonly [key: string]: unknown };
  readonly micros: number;
}

const table = {
  services: [
    {
      name: "flasher",
      module: "tests/services/flasher",
      memoryBytes: 1 << 20,
      budgetSteps: 10_000_000,
      mailbox: 8,
      // What the claims write lies where the boot record does, and a node that cannot read that starts in safe mode.
      isEssential: true,
      sends: [
        { to: "probe", priority: "HIGH" },
        { to: "flash", priority: "HIGH" },
      ],
      calls: [{ to: "flash", priority: "HIGH" }],
    },
  ],
} as const;

/** Longer than a full port of operations takes. */
const patienceMicros = 10_000_000;

export class NodeWithFlash implements FlashUnderTest {
  readonly #node: BenchNode;
  readonly #index: number;
  /** What was called and not sent yet: calls made together are submitted together. */
  #waiting: { readonly request: FlashRequest; take(outcome: FlashOutcome): void }[] = [];

  private constructor(node: BenchNode, index: number) {
    this.#node = node;
    this.#index = index;
  }

  static async boot(node: BenchNode, index: number): Promise<NodeWithFlash> {
    await node.boot(table, index);
    return new NodeWithFlash(node, index);
  }

  geometry(): Promise<FlashGeometry> {
    return this.#ask({ operation: "geometry" });
  }

  read(address: number, length: number): Promise<FlashBytes | FlashRefusal> {
    return this.#ask({ operation: "read", argument: { address, length } });
  }

  program(address: number, bytes: Uint8Array): Promise<FlashDone | FlashRefusal> {
    return this.#ask({ operation: "program", argument: { address, bytes } });
  }

  erase(sector: number): Promise<FlashDone | FlashRefusal> {
    return this.#ask({ operation: "erase", argument: { sector } });
  }

  sync(): Promise<FlashDone | FlashRefusal> {
    return this.#ask({ operation: "sync" });
  }

  async powerCut({ unsynced, seed, during }: PowerCut): Promise<void> {
    if (during === undefined) {
      await this.tell({ unsynced, seed });
      await this.cut();
    } else {
      await this.tell({ plan: { happening: "cut", point: during.point, unsynced, seed } });
      await this.#node.send("flasher", "do", [requestOf(during.operation)], { node: this.#index });
      await this.advance(patienceMicros);
      const { isOn } = await this.tell({});
      if (isOn !== false) throw new Error("Cannot cut power: wanted the flash off, found it on");
    }
    await this.boot();
  }

  /** The worker's command `flash` for this node; answers its figures. */
  tell(faults: object): Promise<Reply> {
    return this.#node.worker.ask({ op: "flash", node: this.#index, ...faults });
  }

  cut(): Promise<Reply> {
    return this.#node.worker.ask({ op: "cut", node: this.#index });
  }

  boot(): Promise<void> {
    return this.#node.boot(table, this.#index);
  }

  async advance(micros: number): Promise<void> {
    const now = Number((await this.#node.worker.ask({ op: "now" })).micros);
    await this.#node.worker.ask({ op: "advance", to: now + micros });
  }

  /** Submits all of it at once, and lets as much time pass as it takes. */
  async perform(requests: readonly FlashRequest[]): Promise<FlashOutcome[]> {
    await this.#node.send("flasher", "do", requests, { node: this.#index });
    await this.advance(patienceMicros);
    const outcomes: FlashOutcome[] = [];
    for (const _ of requests) outcomes.push((await this.#node.next()).body as FlashOutcome);
    return outcomes;
  }

  #ask<Result>(request: FlashRequest): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, take: ({ answer }) => resolve(answer as Result) });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush().catch(reject));
    });
  }

  async #flush(): Promise<void> {
    const together = this.#waiting;
    this.#waiting = [];
    if (together.length > flashLimits.waiting) throw new Error(`Cannot submit ${together.length} operations at once`);
    const outcomes = await this.perform(together.map(({ request }) => request));
    for (const [index, { take }] of together.entries()) take(outcomes[index] as FlashOutcome);
  }
}

function requestOf(operation: FlashOperation): FlashRequest {
  const { operation: name, ...argument } = operation;
  return { operation: name, argument };
}

/** A worker whose nodes have a small flash; in virtual time unless told otherwise. */
export function startFlashWorker(
  flash: object | ((node: number) => object) = {},
  { isVirtual } = { isVirtual: true },
): BenchNode {
  return new BenchNode({
    artifacts: findArtifacts("tests"),
    isVirtual,
    flash: (node) => ({
      pageBytes: 16,
      sectorBytes: 1_024,
      sectors: 8,
      ...(typeof flash === "function" ? flash(node) : flash),
    }),
  });
}
