// A node on the real engine, in virtual time: boots with a table of its own, and tells what its services told the probe.
//
// One worker process holds the nodes of a test file; each test gets a fresh one. Time moves only by `pass`, and whatever a
// node does, logs or reports has arrived when `pass` resolves. LUGH_SIM names another executable (the sanitized build's).

import { afterAll, afterEach } from "@jest/globals";
import type { ChannelEntry, Priority, ServiceEntry, SystemTable } from "kernel/mod";
import { findArtifacts } from "sim/project";
import { type Command, type Reply, type SimWorker, startWorker, type WorkerEvent } from "sim/worker";
import { decode } from "wire/cbor";

export interface NodeOptions {
  readonly messages?: number;
  readonly poolBytes?: number;
  /** UTC at the moment when the worker's clock was 0; the clock is trusted when its quality is given. */
  readonly utcMicros?: number;
  readonly utcQualityMicros?: number;
  readonly configuration?: { readonly [key: string]: unknown };
  /** The hot path as the kernel specifies it, in place of the host's. */
  readonly isSpecification?: boolean;
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

/** Without what is undefined, which no message may hold. */
function given(arguments_: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } {
  return Object.fromEntries(Object.entries(arguments_).filter(([, value]) => value !== undefined));
}

const toProbe = { to: "probe", priority: "HIGH" } as const;

/** A service of the test image that may send to and call the probe. */
export function service(module: string, name: string, more: Partial<ServiceEntry> = {}): ServiceEntry {
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

export function talker(name: string, more: Partial<ServiceEntry> = {}): ServiceEntry {
  return service("talker", name, more);
}

/** Channels to services, all at one priority. */
export function to(names: readonly string[], priority: Priority = "HIGH"): readonly ChannelEntry[] {
  return names.map((name) => ({ to: name, priority }));
}

export class TestNode {
  readonly index: number;
  readonly logs: string[] = [];
  readonly panics: string[] = [];
  isRunning = false;
  readonly #ask: (command: Command) => Promise<Reply>;
  #heard: Heard[] = [];

  constructor(index: number, ask: (command: Command) => Promise<Reply>) {
    this.index = index;
    this.#ask = ask;
  }

  hear(event: WorkerEvent): void {
    if (event.event === "log") this.logs.push(`${event.level}: ${event.text}`);
    if (event.event === "panic") this.panics.push(event.reason ?? "");
    if (event.event !== "probe") return;
    const { type = "", body } = event;
    this.#heard.push({ type, body: body === undefined || body.length === 0 ? undefined : decode(body) });
  }

  ask(command: Command): Promise<Reply> {
    return this.#ask({ ...command, node: this.index });
  }

  /** Puts a message into a mailbox; nothing runs before `pass`. Rejects when there is no room. */
  async tell(service: string, type: string, body?: unknown, priority: 0 | 1 | 2 = 1): Promise<void> {
    await this.ask({ op: "send", service, type, priority, ...(body === undefined ? {} : { body }) });
  }

  async pass(millis: number): Promise<void> {
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

  async measure(): Promise<Figures> {
    return (await this.ask({ op: "measure" })) as unknown as Figures;
  }
}

/** Registers the end of nodes and worker with Jest; answers how a test boots a node. */
export function useNodes(): (table: SystemTable | readonly ServiceEntry[], options?: NodeOptions) => Promise<TestNode> {
  let worker: SimWorker | undefined;
  let node: TestNode | undefined;
  let index = 0;

  function open(): SimWorker {
    const { executable, image } = findArtifacts("tests");
    return startWorker({
      executable: process.env.LUGH_SIM ?? executable,
      image,
      isVirtual: true,
      onEvent: (event) => {
        if (event.node === node?.index) node.hear(event);
      },
      onDeath: (reason) => {
        worker = undefined;
        node?.panics.push(reason);
      },
    });
  }

  afterEach(async () => {
    if (node?.isRunning === true && node.panics.length === 0) await node.ask({ op: "cut" });
    node = undefined;
  });
  afterAll(() => worker?.stop());

  return async (table, options = {}) => {
    worker ??= open();
    const running = worker;
    node = new TestNode(index++, (command) => running.ask(command));
    const { messages = 256, poolBytes = 1 << 20, configuration = {}, isSpecification = false, ...clock } = options;
    const configured = { table: "services" in table ? table : { services: table }, configuration, isSpecification };
    const name = `test-${node.index}`;
    await node.ask({
      op: "boot",
      name,
      probe: true,
      insecure: true,
      messages,
      poolBytes,
      ...clock,
      configuration: configured,
    });
    await node.pass(0);
    return node;
  };
}
