// The test's side of the bench: each step is a call to the device port "bench", whose other end is `lugh test`. What the service
// did meanwhile comes with the reply and is kept here, in the order in which it happened.

import {
  type Bench,
  fieldsOf,
  type LogLine,
  type Received,
  type RefusedWish,
  type StandIn,
  type StartOptions,
} from "lughos/testing";
import type { Fault } from "services/api/kernel";
import type { Answer, Context, SendOptions, ServiceDefinition } from "services/api/service";

/** Name and default export of the services that a file of tests imports. */
export type Services = readonly (readonly [module: string, service: ServiceDefinition])[];

/** A call waits a minute at most: what takes longer is done in pieces. */
const callMillis = 60_000;
const sliceMillis = 30_000;

type Happened =
  | ({ readonly what: "received"; readonly channel: string } & Received)
  | { readonly what: "published"; readonly topic: string; readonly message: unknown }
  | ({ readonly what: "logged" } & LogLine)
  | ({ readonly what: "faulted" } & Fault)
  | ({ readonly what: "refused" } & RefusedWish);

interface Outcome {
  readonly happened: readonly Happened[];
  /** More happened than one message holds. */
  readonly isMore: boolean;
  readonly answer?: Answer | "sent";
  readonly reply?: unknown;
  readonly error?: string;
}

interface Scripted {
  readonly channel: string;
  readonly type: string;
  readonly answers: readonly unknown[];
}

export class TestBench implements Bench {
  readonly #context: Context;
  readonly #services: Services;
  readonly #happened: Happened[] = [];
  #scripted: Scripted[] = [];
  #facesFaults = false;
  #facesRefusals = false;

  constructor(context: Context, services: Services) {
    this.#context = context;
    this.#services = services;
  }

  async start(service: ServiceDefinition, options: StartOptions = {}): Promise<void> {
    const here = new Error();
    const found = this.#services.find(([, definition]) => definition === service);
    if (found === undefined)
      throw failAt(here, "Cannot start: wanted a service that this file imports as the default export of its module");
    const faultsBefore = this.#faults().length;
    await this.#ask(here, "start", { module: found[0], options });
    const fault = this.#faults()[faultsBefore];
    if (fault?.messageType !== "") return;
    this.#facesFaults = true;
    throw failAt(here, `Cannot start ${fault.service}: it faulted: ${fault.kind}: ${fault.reason}`);
  }

  channel(name: string): StandIn {
    return {
      answer: (type: string, ...answers: readonly unknown[]): void => {
        this.#scripted.push({ channel: name, type, answers: answers.map(fieldsOf) });
      },
      received: ((type?: string) => this.#receivedBy(name, type)) as StandIn["received"],
    };
  }

  async send(type: string, message?: unknown, options: Pick<SendOptions, "priority"> = {}): Promise<"sent" | "full"> {
    const { answer } = await this.#ask(new Error(), "send", { type, options, ...bodyOf(message) });
    return answer === "full" ? "full" : "sent";
  }

  async call<Reply = unknown>(type: string, message?: unknown, options: SendOptions = {}): Promise<Reply> {
    const here = new Error();
    const { answer, reply } = await this.#ask(here, "call", { type, options, ...bodyOf(message) });
    if (answer === undefined) return reply as Reply;
    throw Object.assign(failAt(here, `call of "${type}" was answered ${answer}`), { answer });
  }

  async publish(topic: string, message: unknown): Promise<void> {
    await this.#ask(new Error(), "publish", { topic, ...bodyOf(message) });
  }

  async advance(millis: number): Promise<void> {
    const here = new Error();
    if (!(millis >= 0)) throw failAt(here, `Cannot advance: wanted a duration from 0, found ${millis}`);
    for (let left = millis; left > sliceMillis; left -= sliceMillis)
      await this.#ask(here, "advance", { millis: sliceMillis });
    await this.#ask(here, "advance", { millis: millis === 0 ? 0 : millis % sliceMillis || sliceMillis });
  }

  async restart(): Promise<void> {
    await this.#ask(new Error(), "restart");
  }

  async cutPower(): Promise<void> {
    await this.#ask(new Error(), "cutPower");
  }

  published(topic: string): readonly unknown[] {
    return this.#happened.flatMap((each) => (each.what === "published" && each.topic === topic ? [each.message] : []));
  }

  logs(): readonly LogLine[] {
    return this.#happened.flatMap((each) => (each.what === "logged" ? [{ level: each.level, text: each.text }] : []));
  }

  faults(): readonly Fault[] {
    this.#facesFaults = true;
    return this.#faults();
  }

  refusals(): readonly RefusedWish[] {
    this.#facesRefusals = true;
    return this.#refusals();
  }

  /** What happened and the test did not look at; undefined when all is well. */
  unexpected(): { readonly message: string; readonly stack?: string } | undefined {
    const [fault] = this.#facesFaults ? [] : this.#faults();
    if (fault !== undefined) {
      const inHand = fault.messageType === "" ? "as it started" : `at "${fault.messageType}"`;
      const message = `${fault.service} faulted ${inHand}: ${fault.kind}: ${fault.reason}`;
      return { message, stack: fault.reason };
    }
    const [refusal] = this.#facesRefusals ? [] : this.#refusals();
    if (refusal === undefined) return undefined;
    return { message: `the service was refused ${refusal.permission} "${refusal.name}"; its entry does not grant it` };
  }

  #faults(): Fault[] {
    return this.#happened.flatMap((each) => {
      if (each.what !== "faulted") return [];
      const { what: _what, ...fault } = each;
      return [fault];
    });
  }

  #refusals(): RefusedWish[] {
    return this.#happened.flatMap((each) =>
      each.what === "refused" ? [{ permission: each.permission, name: each.name, flag: each.flag }] : [],
    );
  }

  #receivedBy(channel: string, wanted: string | undefined): readonly unknown[] {
    const found: unknown[] = [];
    for (const each of this.#happened) {
      if (each.what !== "received" || each.channel !== channel) continue;
      const { channel: _channel, what: _what, ...message } = each;
      if (wanted === undefined) found.push(message);
      else if (message.type === wanted) found.push(message.message);
    }
    return found;
  }

  /** One step, and all that came of it. `here` is where the test took it: after an await nobody on the stack knows. */
  async #ask(here: Error, step: string, argument: { readonly [name: string]: unknown } = {}): Promise<Outcome> {
    const scripted = this.#scripted;
    this.#scripted = [];
    const outcome = await this.#step(step, { ...argument, scripted });
    for (let { isMore } = outcome; isMore; ) ({ isMore } = await this.#step("rest", {}));
    if (outcome.error !== undefined) throw failAt(here, outcome.error);
    return outcome;
  }

  async #step(step: string, argument: object): Promise<Outcome> {
    const options = { deadlineMillis: callMillis };
    const outcome = await this.#context.call<Outcome>("bench", step, argument, options);
    this.#happened.push(...outcome.happened);
    return outcome;
  }
}

/** Its message cannot be assigned: that of every error's prototype is frozen. */
function failAt(here: Error, message: string): Error {
  return Object.defineProperty(here, "message", { value: message });
}

function bodyOf(message: unknown): { readonly message?: unknown } {
  return message === undefined ? {} : { message };
}
