// A node that is updated while its power may fail: the firmware's own reincarnation server, scheduler, storage, journal and command,
// two services to replace, and a simulated flash. An order is what an operator sends; virtual time moves only when told.

import { system } from "firmware/system";
import type { NodeEntry, NodeTable } from "firmware/table";
import { BenchNode } from "sim/bench/node";
import { findArtifacts } from "sim/project";
import type { Reply as WorkerReply } from "sim/worker";
import { decodeReply, encodeCommand, type Reply } from "wire/command";
import { type JournalRecord, readJournalRecord } from "wire/journal";
import type { PlainRecord } from "wire/plain";
import { Fields } from "wire/shape";

/** What each service runs. */
export type Modules = { readonly [service: string]: string };

/** What became of a change: its moves, and how it is over. */
export interface Closed {
  readonly moves: Modules;
  readonly kind: JournalRecord["kind"];
}

/** A trial has two boots, and what comes after it one. */
const bootsMost = 6;

const own = ["reincarnation", "scheduler", "storage", "journal", "command"];

const counter = (name: string): NodeEntry => ({
  name,
  module: "tests/services/counter",
  memoryBytes: 64 * 1024,
  budgetSteps: 1_000_000,
  mailbox: 8,
  sends: [{ to: "probe", priority: "HIGH" }],
});

const desk: NodeEntry = {
  ...counter("mqtt"),
  module: "tests/services/desk",
  memoryBytes: 128 * 1024,
  mailbox: 48,
  isEssential: true,
  sends: [
    { to: "command", priority: "MEDIUM" },
    { to: "probe", priority: "HIGH" },
  ],
};

export interface Variant {
  /** How the next version of the second counter breaks a rule. */
  readonly broken?: string;
  /** In place of the firmware's journal. */
  readonly journal?: string;
}

function tableOf({ broken = "", journal = "services/journal/service" }: Variant): NodeTable {
  const services = system.services.filter(({ name }) => own.includes(name));
  return {
    scheduler: "scheduler",
    reincarnation: "reincarnation",
    services: [
      ...services.map((entry) => (entry.name === "journal" ? { ...entry, module: journal } : entry)),
      desk,
      counter("one"),
      { ...counter("two"), configuration: { breaks: broken } },
    ],
  };
}

export class UpdateNode {
  readonly #bench: BenchNode;
  readonly #index: number;
  readonly #table: NodeTable;
  readonly #replies: Reply[] = [];
  readonly #seen = new Map<string, number>();
  #requests = 0;

  private constructor(bench: BenchNode, index: number, variant: Variant) {
    this.#bench = bench;
    this.#index = index;
    this.#table = tableOf(variant);
    // What others on this bench have logged.
    this.wasCut();
    this.#hasLogged("panic: ");
  }

  static async boot(bench: BenchNode, index: number, variant: Variant = {}): Promise<UpdateNode> {
    const node = new UpdateNode(bench, index, variant);
    await node.boot();
    return node;
  }

  /** Until storage and journal are open. */
  async boot(): Promise<void> {
    await this.#bench.boot(this.#table, this.#index).catch((error: Error) => {
      if (!error.message.includes("the kernel panicked")) throw error;
      this.#bench.logs.push("panic: as it came up");
    });
    await this.advance(1_000);
  }

  async cutPower(): Promise<void> {
    if (await this.isDark()) return;
    await this.#ask({ op: "cut" });
  }

  /** Whether the power failed in an operation of the flash, as planned, since it was last asked. */
  wasCut(): boolean {
    return this.#hasLogged("as planned");
  }

  /** Lets time pass, and has the node come back each time its kernel has ended by itself. */
  async live(millis: number): Promise<void> {
    for (let boots = 0; boots < bootsMost; boots++) {
      await this.advance(millis);
      if (!this.#hasLogged("panic: ")) return;
      await this.boot();
    }
    throw new Error(`the node came up ${bootsMost} times and is not quiet`);
  }

  /** A line that was not seen here before. */
  #hasLogged(part: string): boolean {
    const count = this.#bench.logs.filter((line) => line.includes(part)).length;
    const isNew = count > (this.#seen.get(part) ?? 0);
    this.#seen.set(part, count);
    return isNew;
  }

  async isDark(): Promise<boolean> {
    return (await this.flash()).isOn !== true;
  }

  /** The worker's command `flash`. */
  flash(faults: object = {}): Promise<WorkerReply> {
    return this.#ask({ op: "flash", ...faults });
  }

  /** Kills the service in its next dispatch, and gives it one. */
  async kill(service: string): Promise<void> {
    await this.#ask({ op: "fault", service, kind: "kill" });
    await this.#bench.send(service, "add", { n: 1 }, { node: this.#index });
  }

  async advance(millis: number): Promise<void> {
    const now = Number((await this.#bench.worker.ask({ op: "now" })).micros);
    await this.#bench.worker.ask({ op: "advance", to: now + millis * 1000 });
  }

  async order(operation: string, argument?: PlainRecord): Promise<void> {
    const requestId = `request-${this.#requests++}`;
    const payload = encodeCommand({ requestId, operation, ...(argument === undefined ? {} : { argument }) });
    await this.#bench.send("mqtt", "order", { payload }, { node: this.#index });
  }

  swap(modules: Modules): Promise<void> {
    return this.order("swap", { moves: Object.entries(modules).map(([service, module]) => ({ service, module })) });
  }

  /** The next answer; undefined when none has come. */
  takeReply(): Reply | undefined {
    for (let heard = this.#bench.take(); heard !== undefined; heard = this.#bench.take())
      if (heard.type === "reply") this.#replies.push(decodeReply((heard.body as { payload: Uint8Array }).payload));
    return this.#replies.shift();
  }

  /** What comes of a query. */
  async ask(operation: string, argument?: PlainRecord): Promise<PlainRecord> {
    while (this.takeReply() !== undefined);
    await this.order(operation, argument);
    await this.advance(100);
    const reply = this.takeReply();
    if (reply?.ok !== true) throw new Error(`${operation}: wanted a result, found ${JSON.stringify(reply)}`);
    return reply.result as PlainRecord;
  }

  async modules(): Promise<Modules> {
    const { services } = await this.ask("ps");
    const listed = services as unknown as readonly { name: string; module: string; state: string }[];
    return Object.fromEntries(
      listed.map(({ name, module, state }) => [name, state === "running" ? module : `${module}, dead`]),
    );
  }

  /** Oldest first. */
  async changes(): Promise<readonly Closed[]> {
    const fields = new Fields(await this.ask("journal", { after: 0 }), "result");
    const records = fields.list("records", 64, (value) => readJournalRecord(value));
    return records.flatMap(({ number, change }) => {
      if (change === null) return [];
      const moves = change.order.argument.moves as unknown as readonly { service: string; module: string }[];
      const end = records.filter(({ entry }) => entry === number).at(-1);
      return [
        {
          moves: Object.fromEntries(moves.map(({ service, module }) => [service, module])),
          kind: end?.kind ?? "begun",
        },
      ];
    });
  }

  #ask(command: { readonly op: string; readonly [name: string]: unknown }): Promise<WorkerReply> {
    return this.#bench.worker.ask({ ...command, node: this.#index });
  }
}

export function startUpdateWorker(): BenchNode {
  return new BenchNode({
    artifacts: findArtifacts("tests"),
    isVirtual: true,
    insecure: true,
    messages: 512,
    flash: {},
    configuration: { insecureCommands: true },
  });
}
