// `lugh run`: one service on XS, on the node that it would have, with stand-ins for everybody else. What it sends, publishes
// and logs, what it is refused and how it dies is told as it happens; what it is answered comes from a script, from a
// simulated device or from a person.

import type { Entry as TableEntry } from "sim/bench/table";
import { type Answerer, clockQualityMicros, findAnswer, type Person } from "sim/run/answerer";
import { type Answering, refusalNumber, type Script } from "sim/run/answers";
import { openClone } from "sim/run/clone";
import { compileOne } from "sim/run/compile";
import { DeskClock } from "sim/run/desk-clock";
import { SimulatedDevices } from "sim/run/devices";
import { WorldFeed } from "sim/run/feed";
import { buildImage, type Image } from "sim/run/image";
import type { Entry } from "sim/run/imports";
import { LineMap, type Place } from "sim/run/lines";
import { isDenied, type PermissionKind, type Permissions, parseRefusal, toTableGrants } from "sim/run/permissions";
import { limitsOf, missingEnds, missingTopics, serviceName, storageFor, supervisor } from "sim/run/table";
import { type SimWorker, startWorker, type Wish, type WorkerEvent } from "sim/worker";
import type { World } from "sim/world/world";
import { decode } from "wire/cbor";

export interface SessionOptions {
  /** Absolute path of the service. */
  readonly file: string;
  readonly permissions: Permissions;
  readonly script: Script;
  readonly configuration: { readonly [name: string]: unknown };
  readonly world: World;
  /** Path of a file that keeps the node's flash; without one it is gone with the session. */
  readonly flash?: string | undefined;
  hear(event: SessionEvent): void;
  /** Asks a person for a permission, and for what a stand-in answers (undefined: nothing). The node stands still meanwhile. */
  readonly person?: Person;
}

interface Decided {
  readonly service: string;
  readonly permission: PermissionKind;
  readonly name: string;
}

export type Granter = "flag" | "allow-all" | "person";

export type SessionEvent = { readonly micros: number } & (
  | { readonly event: "send" | "call"; readonly channel: string; readonly type: string; readonly message: unknown }
  | ({ readonly event: "answer"; readonly channel: string; readonly type: string; readonly by: Answerer } & Answering)
  | { readonly event: "publish"; readonly topic: string; readonly message: unknown }
  | { readonly event: "log"; readonly level: string; readonly service: string; readonly text: string }
  | ({ readonly event: "granted"; readonly by: Granter } & Decided)
  | ({ readonly event: "refused"; readonly flag: string; readonly text: string } & Decided)
  | ({
      readonly event: "fault";
      readonly kind: string;
      readonly type: string;
      readonly reason: string;
    } & Partial<Place>)
);

const node = 0;

interface FaultReport {
  readonly service: string;
  readonly kind: string;
  readonly reason: string;
  readonly messageType: string;
  readonly generation: number;
}

interface LogLine {
  readonly level: string;
  readonly service: string;
  readonly text: string;
}

/** Compiles, and starts what the service runs in; it is booted when that is wanted. Throws a SourceError for its sources. */
export async function prepareSession(options: SessionOptions): Promise<Session> {
  const clone = openClone();
  const entry: Entry = { path: options.file, kind: "service" };
  const { modules } = await compileOne(entry, clone);
  const lines = new LineMap(clone, modules);
  const image = await buildImage(clone, modules, new Map(), lines);
  return new Session(options, clone.executable, image, modules[0]?.name ?? "", lines);
}

export class Session {
  readonly name: string;
  /** Resolves when the service cannot go on: it never started, or its node ended. */
  readonly ended: Promise<string>;
  readonly #options: SessionOptions;
  readonly #image: Image;
  readonly #module: string;
  readonly #lines: LineMap;
  readonly #worker: SimWorker;
  readonly #feed: WorldFeed;
  readonly #devices: SimulatedDevices;
  readonly #clock = new DeskClock();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #decisions = new Map<string, boolean>();
  #bootedMicros = 0;
  #end: (reason: string) => void = () => undefined;
  #isStopping = false;

  constructor(options: SessionOptions, executable: string, image: Image, module: string, lines: LineMap) {
    this.#options = options;
    this.#image = image;
    this.#module = module;
    this.#lines = lines;
    this.name = serviceName(module);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const asks = options.permissions.isAllAllowed || options.person !== undefined;
    this.#worker = startWorker({
      executable,
      image: image.path,
      onEvent: (event) => this.#hear(event),
      onDeath: (reason) => this.#end(this.#explain(reason)),
      ...(asks ? { permit: (wish: Wish) => this.#decide(wish) } : {}),
    });
    this.#feed = new WorldFeed(this.#worker, node, options.world, () => this.#clock.utcMicros());
    this.#devices = new SimulatedDevices((line) => this.#feed.volts(line));
  }

  /** It cannot go on: `ended` says why. */
  get isOver(): boolean {
    return this.#isStopping;
  }

  /** Throws an Error that says why the service cannot be loaded. */
  async boot(): Promise<void> {
    const { permissions, configuration, world, flash } = this.#options;
    const server = supervisor();
    const subject: TableEntry = {
      name: this.name,
      module: this.#module,
      ...limitsOf(this.#module),
      ...toTableGrants(permissions),
    };
    const stores = this.#mayStore() && !this.#options.script.answersFor("storage");
    const services = [server, ...(stores ? [storageFor(subject)] : []), subject];
    const table = { reincarnation: server.name, services };
    const standIns = missingEnds(table);
    const workerMicros = Number((await this.#ask("now")).micros);
    this.#bootedMicros = this.#clock.micros();
    this.#tellGrants(permissions);
    await this.#ask("boot", {
      name: `desk/${this.name}`,
      waveform: true,
      playback: world.playback !== undefined,
      declaredVolts: world.declaredVolts,
      noiseRatio: 0.0002,
      utcMicros: Math.round(this.#clock.utcMicros() - workerMicros),
      utcQualityMicros: clockQualityMicros,
      standIns,
      watch: true,
      ...(stores ? { flash: flash === undefined ? {} : { file: flash } } : {}),
      configuration: {
        table,
        ports: [...standIns, ...missingTopics(table)],
        configuration: { site: "desk", node: this.name, declaredVolts: world.declaredVolts, ...configuration },
      },
    });
    await this.#feed.start((error) => this.#isStopping || this.#end(error.message));
  }

  /** By a flag, or since somebody may still allow it. */
  #mayStore(): boolean {
    const { permissions, person } = this.#options;
    return permissions.allow.store !== undefined || permissions.isAllAllowed || person !== undefined;
  }

  #tellGrants(permissions: Permissions): void {
    for (const [kind, names] of Object.entries(permissions.allow))
      for (const name of names) {
        const permission = kind as PermissionKind;
        const granted = { event: "granted", service: this.name, permission, name, by: "flag", micros: 0 } as const;
        if (!isDenied(permissions, permission, name)) this.#tell(granted);
      }
  }

  /** A message to the service, as if somebody on its node had sent it. */
  async send(type: string, message?: unknown): Promise<void> {
    await this.#ask("send", { service: this.name, type, ...body(message) });
  }

  async publish(topic: string, message?: unknown): Promise<void> {
    await this.#ask("publish", { topic, ...body(message) });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#feed.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#worker.stop();
    this.#image.remove();
  }

  async #ask(op: string, command: { readonly [name: string]: unknown } = {}): Promise<{ readonly micros?: unknown }> {
    try {
      return await this.#worker.ask({ op, node, ...command });
    } catch (error) {
      throw new Error(this.#explain((error as Error).message));
    }
  }

  /** Errors of the worker name the image and the JavaScript. */
  #explain(reason: string): string {
    const text = reason.replace(/^Cannot preload modules of \S+: /, `Cannot load ${this.name}: `);
    return this.#lines.translate(text);
  }

  #tell(event: SessionEvent): void {
    if (!this.#isStopping) this.#options.hear(event);
  }

  /** What the node's own clock says, for what comes without a time. */
  #micros(): number {
    return this.#clock.micros() - this.#bootedMicros;
  }

  #hear(event: WorkerEvent): void {
    const { topic = "", level = "info", text = "", reason = "the node ended", micros = 0 } = event;
    if (event.event === "message") this.#receive(event);
    if (event.event === "published") this.#watch(topic, bodyOf(event), micros);
    if (event.event === "log") this.#log(level, text, micros);
    if (event.event === "panic") this.#end(this.#explain(reason));
  }

  #watch(topic: string, message: unknown, micros: number): void {
    if (topic === "fault") this.#fault(message as FaultReport, micros);
    else if (topic === "log") this.#tellLine(message as LogLine, micros);
    else this.#tell({ event: "publish", topic, message, micros });
  }

  /** The supervisor's line about a fault says what the fault itself says. */
  #tellLine({ level, service, text }: LogLine, micros: number): void {
    if (service === this.name || level !== "error") this.#tell({ event: "log", level, service, text, micros });
  }

  #fault({ service, kind, reason, messageType, generation }: FaultReport, micros: number): void {
    if (service !== this.name) return;
    const place = this.#lines.firstPlace(reason, () => true);
    const text = this.#lines.translate(reason);
    this.#tell({ event: "fault", kind, type: messageType, reason: text, micros, ...place });
    if (generation > 0) return;
    this.#isStopping = true;
    this.#end(`it faulted as it started: ${text}`);
  }

  #log(level: string, text: string, micros: number): void {
    const refused = parseRefusal(text);
    if (refused !== undefined) this.#tell({ event: "refused", service: this.name, ...refused, text, micros });
    else if (!text.startsWith(`${this.name} faulted: `))
      this.#tell({ event: "log", level, service: "node", text, micros });
  }

  /** What the table does not grant, on a desk where somebody may. Each is decided once. */
  async #decide(wish: Wish): Promise<boolean> {
    const { permissions, person } = this.#options;
    const permission = wish.permission as PermissionKind;
    const key = `${permission} ${wish.name}`;
    const decided = this.#decisions.get(key);
    if (decided !== undefined) return decided;
    const isGranted = !isDenied(permissions, permission, wish.name) && (await this.#isWilling(wish, person));
    this.#decisions.set(key, isGranted);
    const by = permissions.isAllAllowed ? "allow-all" : "person";
    const granted = { event: "granted", service: this.name, permission, name: wish.name, by } as const;
    if (isGranted) this.#tell({ ...granted, micros: this.#micros() });
    return isGranted;
  }

  async #isWilling(wish: Wish, person: Person | undefined): Promise<boolean> {
    if (this.#options.permissions.isAllAllowed) return true;
    return person === undefined ? false : this.#clock.hold(() => person.permit(wish));
  }

  #receive(event: WorkerEvent): void {
    const { port: channel = "", type = "", isCall = false, micros = 0 } = event;
    const message = bodyOf(event);
    this.#tell({ event: isCall ? "call" : "send", channel, type, message, micros });
    if (isCall)
      this.#answer(channel, type, message, event.token ?? 0).catch(
        (error: Error) => this.#isStopping || this.#end(error.message),
      );
  }

  async #answer(channel: string, type: string, message: unknown, token: number): Promise<void> {
    const { script, person } = this.#options;
    const hold = (isHeld: boolean): Promise<unknown> => this.#ask("hold", { isHeld });
    const parts = { script, devices: this.#devices, person, clock: this.#clock, hold };
    const { by, answering } = await findAnswer(parts, channel, type, message);
    const give = async (): Promise<void> => {
      const { reply, refuse } = answering;
      this.#tell({ event: "answer", channel, type, by, ...answering, micros: this.#micros() });
      if (refuse === undefined) await this.#ask("reply", { token, ...body(reply) });
      else await this.#ask("refuse", { token, answer: refusalNumber(refuse) });
    };
    const { delayMillis = 0 } = answering;
    if (delayMillis === 0) return give();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      give().catch((error: Error) => this.#isStopping || this.#end(error.message));
    }, delayMillis);
    this.#timers.add(timer);
  }
}

function body(message: unknown): { readonly body?: unknown } {
  return message === undefined ? {} : { body: message };
}

/** An empty string of bytes stands for no body. */
function bodyOf({ body: bytes }: WorkerEvent): unknown {
  return bytes === undefined || bytes.length === 0 ? undefined : decode(bytes);
}
