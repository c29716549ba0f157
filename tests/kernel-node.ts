// A node on the real engine, in virtual time: boots with a table of its own, and tells what its services told the probe.
//
// One worker process holds the nodes of a test file; each test gets a fresh one. Virtual time moves only by `pass`, and then
// whatever a node does, logs or reports has arrived when `pass` resolves. LUGH_SIM names another executable (the sanitized build's).

import { afterAll, afterEach } from "@jest/globals";
import type { NodeEntry, NodeTable } from "firmware/table";
import type { ChannelEntry, Priority } from "kernel/mod";
import type { Dispatch } from "services/api/kernel";
import { findArtifacts } from "sim/project";
import { type Command, type Reply, type SimWorker, startWorker, type WorkerEvent } from "sim/worker";
import { decode } from "wire/cbor";

export interface NodeOptions {
  readonly messages?: number;
  readonly poolBytes?: number;
  /** At the boot; the clock is trusted when its quality is given. */
  readonly utcMicros?: number;
  readonly utcQualityMicros?: number;
  readonly configuration?: { readonly [key: string]: unknown };
  /** The hot path as the kernel specifies it, in place of the host's. */
  readonly isSpecification?: boolean;
  /** In safe mode. */
  readonly isSafe?: boolean;
}

export interface Heard {
  readonly type: string;
  readonly body: unknown;
}

export interface Figures {
  readonly messages: number;
  readonly poolBytes: number;
  readonly bytes: number;
  readonly dispatches: number;
  readonly refused: number;
}

/** Something for a talker to do (tests/services/talker). */
export type Step = { readonly verb: string; readonly [argument: string]: unknown };

type Options = { readonly priority?: Priority; readonly deadlineMillis?: number };

export function send(to: string, type: string, message?: unknown, options?: Options): Step {
  return { verb: "send", to, type, ...given({ message, options }) };
}

export function call(to: string, type: string, message?: unknown, options?: Options): Step {
  return { verb: "call", to, type, ...given({ message, options }) };
}

/** A call whose answer nobody awaits. */
export function forget(to: string, type: string, message?: unknown, options?: Options): Step {
  return { ...call(to, type, message, options), verb: "forget" };
}

/** Without what is undefined, which no message may hold. */
function given(arguments_: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } {
  return Object.fromEntries(Object.entries(arguments_).filter(([, value]) => value !== undefined));
}

const toProbe = { to: "probe", priority: "HIGH" } as const;

/** A service of the test image that may send to and call the probe. */
export function service(module: string, name: string, more: Partial<NodeEntry> = {}): NodeEntry {
  return {
    name,
    module: `tests/services/${module}`,
    memoryBytes: 65_536,
    budgetSteps: 100_000,
    mailbox: 8,
    ...more,
    sends: [toProbe, ...(more.sends ?? [])],
    calls: [toProbe, ...(more.calls ?? [])],
  };
}

export function talker(name: string, more: Partial<NodeEntry> = {}): NodeEntry {
  return service("talker", name, more);
}

/** The real reincarnation server. */
export function reincarnation(more: Partial<NodeEntry> = {}): NodeEntry {
  return {
    name: "reincarnation",
    module: "services/reincarnation/service",
    memoryBytes: 131_072,
    stackSlots: 512,
    budgetSteps: 400_000,
    mailbox: 16,
    calls: to(["kernel"]),
    publishes: [...to(["fault"]), ...to(["log"], "LOW")],
    ...more,
  };
}

/** Channels to services, all at one priority. */
export function to(names: readonly string[], priority: Priority = "HIGH"): readonly ChannelEntry[] {
  return names.map((name) => ({ to: name, priority }));
}

export class TestNode {
  readonly index: number;
  /** The worker's, which holds this node alone among the living. */
  readonly processId: number;
  readonly isVirtual: boolean;
  readonly logs: string[] = [];
  readonly panics: string[] = [];
  /** How it was told to come back, at its last panic. */
  wish: boolean | null = null;
  readonly #ask: (command: Command) => Promise<Reply>;
  #heard: Heard[] = [];
  #isRunning = false;

  constructor(index: number, worker: SimWorker, isVirtual: boolean) {
    this.index = index;
    this.processId = worker.processId;
    this.isVirtual = isVirtual;
    this.#ask = (command) => worker.ask(command);
  }

  hear(event: WorkerEvent): void {
    if (event.event === "log") this.logs.push(`${event.level}: ${event.text}`);
    if (event.event === "panic") {
      this.wish = event.isSafe ?? null;
      this.end(event.reason ?? "");
    }
    if (event.event !== "probe") return;
    const { type = "", body } = event;
    this.#heard.push({ type, body: body === undefined || body.length === 0 ? undefined : decode(body) });
  }

  /** It panicked, or its worker died. */
  end(reason: string): void {
    this.panics.push(reason);
    this.#isRunning = false;
  }

  ask(command: Command): Promise<Reply> {
    return this.#ask({ ...command, node: this.index });
  }

  async boot(table: NodeTable, options: NodeOptions = {}): Promise<void> {
    const { messages = 256, poolBytes = 1 << 20, utcMicros = 0, ...more } = options;
    const { configuration = {}, isSpecification = false, isSafe = false, ...quality } = more;
    const { micros } = await this.ask({ op: "now" });
    await this.ask({
      op: "boot",
      name: `test-${this.index}`,
      probe: true,
      insecure: true,
      messages,
      poolBytes,
      // The worker wants UTC at the moment when its own clock was 0.
      utcMicros: utcMicros - Number(micros),
      ...quality,
      configuration: { table, configuration, isSpecification, isSafe },
    });
    this.#isRunning = true;
    await this.pass(0);
  }

  async cutPower(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    await this.ask({ op: "cut" });
  }

  /** Puts a message into a mailbox; nothing runs before `pass`. Rejects when there is no room. */
  async tell(service: string, type: string, body?: unknown, priority: 0 | 1 | 2 = 1): Promise<void> {
    await this.ask({ op: "send", service, type, priority, ...given({ body }) });
  }

  async pass(millis: number): Promise<void> {
    if (!this.isVirtual) {
      await new Promise((resolve) => setTimeout(resolve, millis));
      return;
    }
    const { micros } = await this.ask({ op: "now" });
    await this.ask({ op: "advance", to: Number(micros) + Math.round(millis * 1000) });
  }

  /** What arrived at the probe since this was last asked; with a type, only such messages, and the others stay. */
  heard(type?: string): Heard[] {
    const taken = this.#heard.filter((each) => type === undefined || each.type === type);
    this.#heard = this.#heard.filter((each) => !taken.includes(each));
    return taken;
  }

  /** The bodies of `heard`. */
  bodies(type?: string): unknown[] {
    return this.heard(type).map(({ body }) => body);
  }

  /** Has a talker take the steps in one message, at this moment, and answers what came of each so far. */
  async perform(talker: string, ...steps: Step[]): Promise<unknown[]> {
    await this.tell(talker, "do", steps);
    await this.pass(0);
    return this.bodies("did");
  }

  /** Has a fault happen in a service's own machine, with the next message that it is given. */
  async fault(service: string, kind: "throw" | "spin" | "memory" | "stack" | "kill" = "kill"): Promise<void> {
    await this.ask({ op: "fault", service, kind });
    await this.pass(0);
  }

  /** Answers the oldest call of type "hold" that the probe keeps. */
  async reply(body?: unknown): Promise<void> {
    await this.ask({ op: "reply", ...given({ body }) });
    await this.pass(0);
  }

  /** The last 512 dispatches, oldest first. */
  async trace(): Promise<readonly Dispatch[]> {
    return (await this.ask({ op: "trace" })).dispatches as readonly Dispatch[];
  }

  async measure(): Promise<Figures> {
    return (await this.ask({ op: "measure" })) as unknown as Figures;
  }
}

export type Boot = (table: NodeTable | readonly NodeEntry[], options?: NodeOptions) => Promise<TestNode>;

/** Registers the end of nodes and worker with Jest; answers how a test boots a node. On wall time when not virtual. */
export function useNodes({ isVirtual = true } = {}): Boot {
  let worker: SimWorker | undefined;
  const nodes = new Map<number, TestNode>();
  let index = 0;

  function open(): SimWorker {
    const { executable, image } = findArtifacts("tests");
    return startWorker({
      executable: process.env.LUGH_SIM ?? executable,
      image,
      isVirtual,
      onEvent: (event) => nodes.get(event.node)?.hear(event),
      onDeath: (reason) => {
        worker = undefined;
        for (const node of nodes.values()) node.end(reason);
      },
    });
  }

  afterEach(async () => {
    for (const node of nodes.values()) await node.cutPower();
    nodes.clear();
  });
  afterAll(() => worker?.stop());

  return async (table, options) => {
    worker ??= open();
    const node = new TestNode(index++, worker, isVirtual);
    nodes.set(node.index, node);
    await node.boot("services" in table ? table : { services: table }, options);
    return node;
  };
}
