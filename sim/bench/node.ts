// One node with a table of its own in a worker process of its own: what benches and tests measure and drive.

import type { Table } from "sim/bench/table";
import { type Artifacts, findArtifacts } from "sim/project";
import { type Reply, type SimWorker, startWorker, type WorkerEvent } from "sim/worker";
import { decode } from "wire/cbor";

export interface ProbeMessage {
  readonly type: string;
  readonly body: unknown;
  /** Of the worker's clock. */
  readonly micros: number;
}

type FlashOption = { readonly [option: string]: unknown };

export interface NodeOptions {
  readonly artifacts?: Artifacts;
  readonly isVirtual?: boolean;
  readonly messages?: number;
  readonly poolBytes?: number;
  readonly insecure?: boolean;
  /** Fits a node with a simulated flash: the boot option of hosts/sim/flash_command.c, for all or by node. */
  readonly flash?: FlashOption | ((node: number) => FlashOption);
  readonly configuration?: { readonly [key: string]: unknown };
}

/** A worker whose nodes report to a probe, and whose logs are kept. */
export class BenchNode {
  readonly logs: string[] = [];
  readonly worker: SimWorker;
  readonly #options: NodeOptions;
  readonly #received: ProbeMessage[] = [];
  #wake: (() => void) | undefined;
  #failure: string | undefined;

  constructor(options: NodeOptions = {}) {
    this.#options = options;
    this.worker = startWorker({
      ...(options.artifacts ?? findArtifacts()),
      isVirtual: options.isVirtual ?? false,
      onEvent: (event) => this.#hear(event),
      onDeath: (reason) => this.#fail(reason),
    });
  }

  async boot(table: Table, node = 0): Promise<void> {
    const { messages = 256, poolBytes = 4 << 20, insecure = false, flash, configuration = {} } = this.#options;
    await this.worker.ask({
      op: "boot",
      node,
      name: `bench-${node}`,
      probe: true,
      insecure,
      messages,
      poolBytes,
      ...(flash === undefined ? {} : { flash: typeof flash === "function" ? flash(node) : flash }),
      configuration: { table, configuration },
    });
  }

  /** `priority`: 0 HIGH, 1 MEDIUM, 2 LOW. */
  send(service: string, type: string, body: unknown, { node = 0, priority = 1 } = {}): Promise<Reply> {
    return this.worker.ask({ op: "send", node, service, type, body, priority });
  }

  /** The next message that a service sent to the probe. */
  async next(): Promise<ProbeMessage> {
    for (;;) {
      const message = this.#received.shift();
      if (message !== undefined) return message;
      if (this.#failure !== undefined) throw new Error(this.#failure);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** As `next`, and undefined when there is none yet. */
  take(): ProbeMessage | undefined {
    return this.#received.shift();
  }

  stop(): Promise<void> {
    return this.worker.stop();
  }

  #hear(event: WorkerEvent): void {
    if (event.event === "log") this.logs.push(`${event.level}: ${event.text}`);
    if (event.event === "panic") this.logs.push(`panic: ${event.reason ?? ""}`);
    if (event.event === "panic") this.#fail(event.reason ?? "the kernel panicked");
    if (event.event !== "probe") return;
    const { type = "", body, micros = 0 } = event;
    this.#received.push({ type, micros, body: body === undefined || body.length === 0 ? undefined : decode(body) });
    this.#wake?.();
  }

  #fail(reason: string): void {
    this.#failure ??= reason;
    this.#wake?.();
  }
}
