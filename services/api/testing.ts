// "lughos/testing": what a test of a service may use. A test is a module on XS like the service itself; it runs in a machine of
// its own, and drives the service on a node that it has for itself, in virtual time (`lugh test`).
//
//   import { expect, test } from "lughos/testing";
//   import meter from "services/meter/service";
//
//   test("a tick tells the reporter what the converter reads", async (bench) => {
//     bench.channel("adc0").answer("read", { value: 230 });
//     await bench.start(meter, { calls: ["adc0"], sends: ["reporter"] });
//     await bench.advance(1000);
//     expect(bench.channel("reporter").received("reading")).toEqual([{ value: 230 }]);
//   });
//
// A fault or a refusal that the test does not look at (`faults`, `refusals`) fails it. Time moves by `advance`, and by `call`
// until the reply; nothing else that a test awaits takes any.

import type { Fault } from "services/api/kernel";
import type { Answer, LogLevel, SendOptions, ServiceDefinition } from "services/api/service";
import { Expectation } from "services/api/testing-expect";

/** The node of one test, and whoever else would be on it. */
export interface Bench {
  /**
   * Boots a node with this service, which the file imports as a default export. What it is granted, and its limits, are those
   * of its entry in the system table; `options` replace them. Rejects when it faults as it starts. Once more: a new node; what
   * was received before is kept.
   */
  start(service: ServiceDefinition, options?: StartOptions): Promise<void>;
  /** Stands for whoever is at the other end of a channel of the service. */
  channel(name: string): StandIn;
  /** A message to the service. It is handled when the test next awaits. */
  send(type: string, message?: unknown, options?: Pick<SendOptions, "priority">): Promise<"sent" | "full">;
  /** Calls the service. Rejects with an error whose `answer` says why it did not reply. Time goes on until it has. */
  call<Reply = unknown>(type: string, message?: unknown, options?: SendOptions): Promise<Reply>;
  /** A publication, for whoever subscribed. */
  publish(topic: string, message: unknown): Promise<void>;
  /** Lets so much time pass, with all that is due in it. 0: what is due now. */
  advance(millis: number): Promise<void>;
  /** Ends the machine of the service and starts it again, from its last commit. */
  restart(): Promise<void>;
  /** The power of the node fails and comes back: the service begins from what it had stored. */
  cutPower(): Promise<void>;
  /** Bodies of what the service published on a topic, oldest first. */
  published(topic: string): readonly unknown[];
  /** What the service logged. */
  logs(): readonly LogLine[];
  /** How it was stopped for breaking a rule. It is started again at once, unless it faulted as it started. */
  faults(): readonly Fault[];
  /** What it was refused, because its entry does not grant it. */
  refusals(): readonly RefusedWish[];
}

export interface StandIn {
  /**
   * What calls of this type are answered: the values one after the other, and the last one again and again. A call that
   * nothing was said about is refused as `unavailable`.
   */
  answer(type: string, ...answers: readonly unknown[]): void;
  /** Bodies of the messages of this type, sent and called, oldest first. */
  received(type: string): readonly unknown[];
  /** All messages. */
  received(): readonly Received[];
}

export interface Received {
  readonly type: string;
  /** Absent: a message without a body. */
  readonly message?: unknown;
  readonly isCall: boolean;
  /** Since its node started. */
  readonly micros: number;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** An attempt beyond what the entry grants. `flag` would allow it under `lugh run`. */
export interface RefusedWish {
  readonly permission: string;
  readonly name: string;
  readonly flag: string;
}

export interface StartOptions {
  /** Channels, topics and places that it is granted: with one of these, nothing of the system table counts. */
  readonly calls?: readonly string[];
  readonly sends?: readonly string[];
  readonly publishes?: readonly string[];
  readonly subscribes?: readonly string[];
  readonly net?: readonly string[];
  /** Under this prefix it stores, in the node's own storage, unless the test answers for the channel "storage". */
  readonly stores?: string;
  /** From which it starts, as if it had committed it. */
  readonly state?: unknown;
  /** Of that state; default: the service's own, so that it has nothing to migrate. */
  readonly stateSchema?: number;
  /** What it finds as `context.configuration`, beside `site` and `node`. */
  readonly configuration?: { readonly [name: string]: unknown };
  readonly memoryBytes?: number;
  readonly budgetSteps?: number;
  readonly mailbox?: number;
  /** The node's clock: UTC when it starts, and the bound of its error (null: it was never set). */
  readonly clock?: { readonly micros: number; readonly qualityMicros: number | null };
}

export type TestBody = (bench: Bench) => void | Promise<void>;

interface Registered {
  readonly title: string;
  readonly body: TestBody;
  readonly isSkipped: boolean;
  /** Where it stands, as the engine tells it. */
  readonly stack: string;
}

const registered: Registered[] = [];

function register(title: string, body: TestBody, isSkipped: boolean): void {
  if (Object.isFrozen(registered))
    throw new TypeError(`Cannot register test "${title}": wanted it at the top level of its file`);
  registered.push({ title, body, isSkipped, stack: new Error(title).stack ?? "" });
}

/** A test: a sentence, subject and behaviour, and what shows it. Stands at the top level of a file `….xs.test.ts`. */
export function test(title: string, body: TestBody): void {
  register(title, body, false);
}

/** A test that is not run, and counted as skipped. Say why in a comment. */
test.skip = (title: string, body: TestBody): void => register(title, body, true);

/** What a value ought to be. */
export function expect(actual: unknown): Expectation {
  return new Expectation(actual);
}

/** An answer that is not a reply at once; made by `refused` and `delayed`. */
export class ScriptedAnswer {
  readonly fields: { readonly reply?: unknown; readonly refuse?: Answer; readonly delayMillis?: number };

  constructor(fields: ScriptedAnswer["fields"]) {
    this.fields = fields;
  }
}

/** For `StandIn.answer`: the call is refused. */
export function refused(answer: Answer): ScriptedAnswer {
  return new ScriptedAnswer({ refuse: answer });
}

/** For `StandIn.answer`: this answer, after so long. */
export function delayed(delayMillis: number, answer: unknown): ScriptedAnswer {
  return new ScriptedAnswer({ ...fieldsOf(answer), delayMillis });
}

/** An answer as the other side of the bench takes it. */
export function fieldsOf(answer: unknown): ScriptedAnswer["fields"] {
  if (answer instanceof ScriptedAnswer) return answer.fields;
  return answer === undefined ? {} : { reply: answer };
}

/** For the tester. */
export function listTests(): readonly Registered[] {
  return registered;
}
