// The node of a test: the service under test as the system table or the test says, an attendant that calls it and starts it
// again, and stand-ins for everybody else. What happens on it is kept until the test is told.

import type { StartOptions } from "lughos/testing";
import type { Entry as TableEntry } from "sim/bench/table";
import { type Answering, refusalNumber, Script } from "sim/run/answers";
import { parseRefusal } from "sim/run/permissions";
import { limitsOf, missingEnds, missingTopics, serviceName, storageFor, systemEntry } from "sim/run/table";
import type { VirtualClock } from "sim/run/virtual-clock";
import type { SimWorker, WorkerEvent } from "sim/worker";
import { decode } from "wire/cbor";

export const benchIndex = 1;

export type Happened = { readonly what: string; readonly [field: string]: unknown };

interface WaitingCall {
  readonly token: number;
  readonly answering: Answering;
  readonly dueMicros: number;
}

/** Events that are tried at first for one message to the test: most have some fifty bytes. */
const eventsEach = 512;

const attendant: TableEntry = {
  name: "attendant",
  module: "firmware/bench/attendant",
  memoryBytes: 256 * 1024,
  budgetSteps: 1_000_000,
  mailbox: 64,
};

/** Of a node whose service may store. */
const flash = { isInstant: true };

/** New Year of 2026: a whole second, so that timers tick where one expects them. */
const usualClock = { micros: 1_767_225_600_000_000, qualityMicros: 1_000 };

export class BenchNode {
  readonly script = new Script();
  /** Types of messages that each module has handled. */
  readonly handled = new Map<string, Set<string>>();
  /** What the node itself had to say. */
  readonly said: string[] = [];
  readonly #worker: SimWorker;
  readonly #clock: VirtualClock;
  readonly #happened: Happened[] = [];
  readonly #waiting: WaitingCall[] = [];
  #module = "";
  #name = "";
  /** In its table. */
  #index = 1;
  #isRunning = false;
  #bootedMicros = 0;
  #booted: { readonly [option: string]: unknown } = {};
  #reply: { readonly reply?: unknown; readonly answer?: string } | undefined;

  constructor(worker: SimWorker, clock: VirtualClock) {
    this.#worker = worker;
    this.#clock = clock;
  }

  /** Throws an Error in the node's words when it cannot boot. */
  async start(module: string, options: StartOptions): Promise<void> {
    await this.stop();
    const subject = entryOf(module, options);
    this.#module = module;
    this.#name = subject.name;
    const channels = (...names: string[]): TableEntry["calls"] => names.map((to) => ({ to, priority: "HIGH" }));
    const attending = { ...attendant, sends: channels("bench") ?? [], calls: channels(subject.name, "kernel") ?? [] };
    const storesFlash = subject.stores !== undefined && !this.script.answersFor("storage");
    const services = [attending, ...(storesFlash ? [storageFor(subject)] : []), subject];
    const table = { reincarnation: attending.name, services };
    this.#index = services.length - 1;
    const standIns = missingEnds(table);
    const { micros, qualityMicros } = options.clock ?? usualClock;
    this.#booted = {
      name: `bench/${subject.name}`,
      standIns,
      watch: true,
      insecure: true,
      ...(storesFlash ? { flash } : {}),
      utcMicros: micros - this.#clock.micros,
      ...(qualityMicros === null ? {} : { utcQualityMicros: qualityMicros }),
      configuration: {
        table,
        ports: [...standIns, ...missingTopics(table)],
        configuration: { site: "bench", node: subject.name, ...options.configuration },
      },
    };
    await this.#boot({ ...this.#booted, ...(storesFlash ? { flash: { ...flash, isNew: true } } : {}) });
  }

  async #boot(options: object): Promise<void> {
    await this.#ask("boot", options);
    this.#isRunning = true;
    this.#bootedMicros = this.#clock.micros;
    await this.advance(0);
  }

  /** The node comes up again as it was booted; what its flash holds is all that is left. */
  async cutPower(): Promise<void> {
    await this.stop();
    await this.#boot(this.#booted);
  }

  async stop(): Promise<void> {
    if (this.#isRunning) await this.#ask("cut", {});
    this.#isRunning = false;
    this.#waiting.length = 0;
  }

  async advance(micros: number): Promise<void> {
    await this.#clock.advance(this.#clock.micros + micros, () => this.#answerDue());
  }

  /** "full" when its mailbox takes no more. */
  async send(type: string, priority: number, message: { readonly message?: unknown }): Promise<"sent" | "full"> {
    try {
      await this.#ask("send", { service: this.#name, type, priority, ...bodyOf(message) });
      return "sent";
    } catch (error) {
      if ((error as Error).message === "full") return "full";
      throw error;
    }
  }

  async publish(topic: string, message: { readonly message?: unknown }): Promise<void> {
    await this.#ask("publish", { topic, ...bodyOf(message) });
  }

  /** Lets the attendant call the service, and time go on until it has the reply. */
  async call(type: string, options: object, message: object, patienceMicros: number): Promise<object> {
    this.#reply = undefined;
    const body = { service: this.#name, type, options, ...message };
    await this.#ask("send", { service: attendant.name, type: "ask", priority: 0, body });
    const end = this.#clock.micros + patienceMicros;
    await this.#clock.advance(
      end,
      () => this.#answerDue(),
      () => this.#reply !== undefined,
    );
    return this.#reply ?? { answer: "late" };
  }

  async restart(): Promise<void> {
    await this.#ask("fault", { service: this.#name, kind: "kill" });
    await this.advance(0);
  }

  hear(event: WorkerEvent): void {
    const { text = "", reason = "", level = "", topic = "", type = "", index } = event;
    if (event.event === "message") this.#receive(event);
    if (event.event === "published") this.#watch(topic, event);
    if (event.event === "log") this.#listen(level, text);
    if (event.event === "panic") this.said.push(reason);
    if (event.event === "handled" && index === this.#index) this.#typesHandled().add(type);
  }

  /** What happened since this was last asked, as much as `isFull` lets into one message. */
  take(isFull: (happened: readonly Happened[]) => boolean): {
    readonly happened: Happened[];
    readonly isMore: boolean;
  } {
    let count = Math.min(this.#happened.length, eventsEach);
    while (count > 1 && isFull(this.#happened.slice(0, count))) count = Math.ceil(count / 2);
    return { happened: this.#happened.splice(0, count), isMore: this.#happened.length > 0 };
  }

  #typesHandled(): Set<string> {
    const types = this.handled.get(this.#module) ?? new Set();
    this.handled.set(this.#module, types);
    return types;
  }

  #receive(event: WorkerEvent): void {
    const { port = "", type = "", isCall = false, micros = 0, token = 0 } = event;
    const body = messageOf(event);
    if (port === "bench") return void this.#hearAttendant(type, body.message);
    this.#happened.push({ what: "received", channel: port, type, isCall, micros, ...body });
    if (!isCall) return;
    const answering = this.script.next(port, type) ?? { refuse: "unavailable" };
    // The clock learns only later how far it came: the message knows when it was sent.
    const dueMicros = this.#bootedMicros + micros + (answering.delayMillis ?? 0) * 1000;
    this.#waiting.push({ token, answering, dueMicros });
  }

  #hearAttendant(type: string, message: unknown): void {
    if (type === "replied") this.#reply = message as { readonly reply?: unknown };
    const fault = message as { readonly kind: string };
    // The end that `restart` brings is no fault of the service's.
    if (type === "fault" && fault.kind !== "killed") this.#happened.push({ what: "faulted", ...fault });
  }

  #watch(topic: string, event: WorkerEvent): void {
    const { message } = messageOf(event);
    if (topic !== "log") {
      this.#happened.push({ what: "published", topic, message: message ?? null });
      return;
    }
    const { service, level, text } = message as { service: string; level: string; text: string };
    if (service === this.#name) this.#happened.push({ what: "logged", level, text });
  }

  #listen(level: string, text: string): void {
    const refused = parseRefusal(text);
    if (refused !== undefined) this.#happened.push({ what: "refused", ...refused });
    else if (!text.includes(" faulted: ")) this.said.push(`${level}: ${text}`);
  }

  /** Answers the calls whose time has come; says when the next one's comes. */
  async #answerDue(): Promise<number> {
    const due = this.#waiting.filter(({ dueMicros }) => dueMicros <= this.#clock.micros);
    for (const call of due) {
      this.#waiting.splice(this.#waiting.indexOf(call), 1);
      const { token, answering } = call;
      if (answering.refuse === undefined)
        await this.#ask("reply", { token, ...(answering.reply === undefined ? {} : { body: answering.reply }) });
      else await this.#ask("refuse", { token, answer: refusalNumber(answering.refuse) });
    }
    return due.length > 0 ? this.#clock.micros : Math.min(...this.#waiting.map(({ dueMicros }) => dueMicros));
  }

  async #ask(op: string, command: object): Promise<void> {
    await this.#worker.ask({ op, node: benchIndex, ...command });
  }
}

/** With one grant of the test's own, nothing of the system table's counts. */
function entryOf(module: string, options: StartOptions): TableEntry {
  const {
    configuration: _configuration,
    clock: _clock,
    calls,
    sends,
    publishes,
    subscribes,
    net,
    stores,
    ...rest
  } = options;
  const known = systemEntry(module);
  const isGranting = [calls, sends, publishes, subscribes, net, stores].some((grant) => grant !== undefined);
  const high = (names: readonly string[] = []): TableEntry["calls"] => names.map((to) => ({ to, priority: "HIGH" }));
  const granted = {
    calls: high(calls) ?? [],
    sends: high(sends) ?? [],
    publishes: high(publishes) ?? [],
    subscribes: subscribes ?? [],
    net: net ?? [],
    ...(stores === undefined ? {} : { stores }),
  };
  const named = { name: known?.name ?? serviceName(module), module, ...limitsOf(module), ...rest };
  return isGranting || known === undefined ? { ...named, ...granted } : { ...known, ...named };
}

function messageOf({ body }: WorkerEvent): { readonly message?: unknown } {
  return body === undefined || body.length === 0 ? {} : { message: decode(body) };
}

function bodyOf(message: { readonly message?: unknown }): { readonly body?: unknown } {
  return message.message === undefined ? {} : { body: message.message };
}
