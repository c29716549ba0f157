// A service on Node, without kernel and machine: a Context whose time the test moves and whose messages it sees.
// It keeps what the API promises (copies by value, constant time in a message, one handler at a time), and no more.

import type { Context, PlainObject, SendOptions, ServiceDefinition } from "lughos";
import { decode, encode } from "wire/cbor";

export interface Sent {
  readonly channel: string;
  readonly type: string;
  readonly message: unknown;
  readonly options: SendOptions;
}

interface Timer {
  readonly id: number;
  readonly type: string;
  readonly intervalMicros: number | null;
  dueMicros: number;
}

/** What answers the calls and takes the sends of a service. A thrown Refusal refuses. */
export type Peer = (type: string, message: never) => unknown;

export interface ShellOptions {
  /** Who calls, as the service is told. */
  readonly caller?: string;
  readonly configuration?: PlainObject;
  readonly peers?: { readonly [channel: string]: Peer };
  /** UTC at monotonic zero. */
  readonly utcMicros?: number;
}

/** As between machines: a body that is not plain data is refused here too. `undefined` stands for no body. */
const copy = <Value>(value: Value): Value => (value === undefined ? value : (decode(encode(value)) as Value));

export class ServiceShell {
  readonly sent: Sent[] = [];
  readonly published: { topic: string; message: unknown }[] = [];
  readonly logged: string[] = [];
  readonly subscriptions = new Map<string, string>();
  committed: unknown;
  commits = 0;
  monotonicMicros = 0;
  readonly #definition: ServiceDefinition;
  readonly #options: ShellOptions;
  #timers: Timer[] = [];
  #nextTimer = 1;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(definition: ServiceDefinition, options: ShellOptions = {}) {
    this.#definition = definition;
    this.#options = options;
    this.#start();
  }

  /** A message to the service; answers its reply. One at a time, as the kernel does. */
  deliver(type: string, message: unknown = null): Promise<unknown> {
    const handler = this.#definition.receive[type];
    if (handler === undefined) throw new Error(`the service has no handler for ${type}`);
    const reply = this.#turn.then(() => handler(copy(message) as never, this.#context()));
    this.#turn = reply.catch(() => undefined);
    return reply;
  }

  /** Lets time pass; what is due on the way is delivered at its moment. */
  async advance(millis: number): Promise<void> {
    const endMicros = this.monotonicMicros + millis * 1000;
    for (;;) {
      const timer = this.#timers
        .filter(({ dueMicros }) => dueMicros <= endMicros)
        .sort((one, other) => one.dueMicros - other.dueMicros)[0];
      if (timer === undefined) break;
      this.monotonicMicros = Math.max(this.monotonicMicros, timer.dueMicros);
      if (timer.intervalMicros === null) this.#timers.splice(this.#timers.indexOf(timer), 1);
      else timer.dueMicros += timer.intervalMicros;
      await this.deliver(timer.type, { missed: 0 });
    }
    this.monotonicMicros = endMicros;
  }

  /** A fault of the service: a new start from the last commit, without its timers. */
  restart(): void {
    this.#start();
  }

  /** What was sent to a channel since the last look, oldest first. */
  take(channel: string, type?: string): Sent[] {
    const taken = this.sent.filter((sent) => sent.channel === channel && (type === undefined || sent.type === type));
    for (const sent of taken) this.sent.splice(this.sent.indexOf(sent), 1);
    return taken;
  }

  #start(): void {
    this.#timers = [];
    this.subscriptions.clear();
    this.#definition.start?.(this.#context(), copy(this.committed));
  }

  #context(): Context {
    const utcMicros = this.#options.utcMicros;
    return {
      configuration: this.#options.configuration ?? {},
      send: (channel, type, message, options) => {
        const body = copy(message);
        this.sent.push({ channel, type, message: body, options: options ?? {} });
        const answer = this.#options.peers?.[channel]?.(type, body as never);
        return answer === "full" || answer === "dead" ? answer : "sent";
      },
      call: async <Reply>(channel: string, type: string, message?: unknown) => {
        const peer = this.#options.peers?.[channel];
        if (peer === undefined) throw new Error(`the test has no peer ${channel}`);
        return copy(await peer(type, copy(message) as never)) as Reply;
      },
      publish: (topic, message) => {
        this.published.push({ topic, message: copy(message) });
        return "sent";
      },
      subscribe: (topic, type) => {
        this.subscriptions.set(topic, type);
        return "sent";
      },
      every: (intervalMillis, type) => this.#timer(type, intervalMillis, intervalMillis * 1000),
      after: (delayMillis, type) => this.#timer(type, delayMillis, null),
      cancel: (id) => {
        this.#timers = this.#timers.filter((timer) => timer.id !== id);
      },
      commit: (state) => {
        this.committed = copy(state);
        this.commits++;
        return "sent";
      },
      store: async () => "unavailable",
      log: (level, text) => void this.logged.push(`${level}: ${text}`),
      monotonicMicros: () => this.monotonicMicros,
      caller: () => this.#options.caller ?? null,
      wallClock: () =>
        utcMicros === undefined
          ? { micros: this.monotonicMicros, qualityMicros: null }
          : { micros: utcMicros + this.monotonicMicros, qualityMicros: 1000 },
    };
  }

  #timer(type: string, delayMillis: number, intervalMicros: number | null): number {
    const id = this.#nextTimer++;
    this.#timers.push({ id, type, intervalMicros, dueMicros: this.monotonicMicros + delayMillis * 1000 });
    return id;
  }
}

/** What a peer throws to refuse a call. */
export function refusal(answer: string): Error {
  return Object.assign(new Error(`refused: ${answer}`), { answer });
}
