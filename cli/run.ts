// `lugh run`: one service on the desk, on the real engine, with no more than what its flags allow.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command, Invocation } from "cli/command";
import { Failure } from "cli/failure";
import { untilInterrupted } from "cli/interrupt";
import type { Output } from "cli/output";
import { openAudit } from "cli/run-audit";
import { permissionOptions, readPermissions } from "cli/run-permissions";
import { printEvent } from "cli/run-print";
import { RunTerminal, type TypedMessage } from "cli/run-terminal";
import { readScript, Script } from "sim/run/answers";
import { SourceError } from "sim/run/problem";
import { prepareSession, type Session, type SessionEvent } from "sim/run/session";
import { openWorld } from "sim/world/open";

const secondsMaximum = 86_400;

export const run: Command = {
  name: "run",
  summary: "run one service on the desk, with permissions by name",
  arguments: ["FILE"],
  options: {
    ...permissionOptions,
    answers: {
      summary: "what stand-ins answer: { channel: { type: [{ reply | refuse, delayMillis }] } }",
      value: "FILE",
    },
    config: { summary: "an entry of its configuration (may be given again)", value: "NAME=VALUE" },
    world: { summary: "what its waveform port measures (default steady), as for lugh sim", value: "WORLD" },
    at: { summary: "time of day at which the world begins", value: "HH:MM[:SS]" },
    flash: { summary: "keep what it stores in this file, and go on with it next time", value: "FILE" },
    audit: { summary: "write each decision about a permission to this file, a line of JSON each", value: "FILE" },
    seconds: { summary: "end after so long (default: with Ctrl-C)", value: "NUMBER" },
  },
  explanation: [
    "Compiles the service with its types checked and runs it on XS, on a node of its own: with the reincarnation server of",
    "the fleet, and stand-ins for every channel that it is allowed. What it is not allowed is refused by its machine, as on",
    "every node, and the refusal names the flag. On a terminal you are asked instead, once for each permission.",
    "",
    'A line typed (or piped in) is a message to the service: TYPE and JSON, such as: tick {"missed":0}; @TOPIC and JSON',
    "publishes. adc0 to adc2 read the voltages of the world; other calls are answered from --answers, or by you.",
    "",
    "Example: lugh run meter.ts --allow-device=adc --allow-send=reporter",
  ].join("\n"),
  async run(invocation, output) {
    const file = readFile(invocation);
    const seconds = invocation.integer("seconds", 1, secondsMaximum);
    const interrupted = untilInterrupted();
    const desk = new Desk(invocation, output);
    try {
      const run = desk
        .start(file)
        .then(() => (seconds === undefined ? desk.ended() : Promise.race([desk.ended(), after(seconds)])));
      await Promise.race([interrupted, run]);
    } catch (error) {
      if (error instanceof SourceError) throw new Failure("bad-input", error.message, { cause: error });
      throw error;
    } finally {
      await desk.stop();
    }
  },
};

function readFile(invocation: Invocation): string {
  const [text = ""] = invocation.positionals;
  const file = resolve(text);
  if (!text.endsWith(".ts")) throw new Failure("usage", `Cannot run ${text}: wanted a service in TypeScript (.ts)`);
  if (!existsSync(file)) throw new Failure("usage", `Cannot run ${text}: there is no such file`);
  return file;
}

function readPath(text: string | undefined): string | undefined {
  return text === undefined ? undefined : resolve(text);
}

function readConfiguration(texts: readonly string[]): { [name: string]: unknown } {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined)
        throw new Failure("usage", `Cannot read --config: wanted NAME=VALUE, found "${text}"`);
      return [name, readValue(value)];
    }),
  );
}

/** JSON where it is some, such as 230 or true; else the text itself. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** The one who waits for it must not keep the process: what ended first has ended. */
function after(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref());
}

/** The session with who watches it: the printer, the audit trail and the terminal. */
class Desk {
  readonly #invocation: Invocation;
  readonly #output: Output;
  #session: Session | undefined;
  #isBooted = false;
  #isStopped = false;
  /** Lines that came before there was anybody to take them. */
  readonly #early: TypedMessage[] = [];
  #terminal: RunTerminal | undefined;

  constructor(invocation: Invocation, output: Output) {
    this.#invocation = invocation;
    this.#output = output;
  }

  async start(file: string): Promise<void> {
    const permissions = readPermissions(this.#invocation);
    const answers = this.#invocation.text("answers");
    const audit = openAudit(this.#invocation.text("audit"));
    const at = this.#invocation.text("at");
    const options = {
      file,
      permissions,
      script: answers === undefined ? new Script() : readScript(answers),
      configuration: readConfiguration(this.#invocation.texts("config")),
      flash: readPath(this.#invocation.text("flash")),
      world: openWorld(this.#invocation.text("world") ?? "steady", at === undefined ? {} : { at }),
      hear: (event: SessionEvent): void => {
        audit.note(event);
        printEvent(event, this.#output);
      },
    };
    if (permissions.isAllAllowed) this.#warn();
    this.#terminal = new RunTerminal(this.#output, (message) => this.#take(message));
    const isAsked = process.stdin.isTTY === true;
    this.#session = await prepareSession(isAsked ? { ...options, person: this.#terminal } : options);
    if (this.#isStopped) return this.#session.stop();
    await this.#session.boot();
    if (this.#session.isOver) return;
    this.#isBooted = true;
    this.#output.progress(`${this.#session.name} runs on XS, on a node of its own; Ctrl-C ends it`);
    for (const message of this.#early.splice(0)) this.#take(message);
  }

  /** Rejects when the service cannot go on. */
  async ended(): Promise<never> {
    const reason = await this.#session?.ended;
    throw new Failure("failed", `Cannot go on with ${this.#session?.name}: ${reason}`);
  }

  /** What is still being started ends by itself. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#terminal?.close();
    await this.#session?.stop();
  }

  #warn(): void {
    this.#output.progress(
      "ALLOW-ALL: this service may do whatever it likes, but what is denied: every channel, topic, device and place.\n" +
        "           Do not do this with a service that you have not read. What it takes is shown as granted.",
    );
  }

  #take(typed: TypedMessage): void {
    const { kind, name, message } = typed;
    if (this.#session === undefined || !this.#isBooted) {
      this.#early.push(typed);
      return;
    }
    const sent = kind === "send" ? this.#session.send(name, message) : this.#session.publish(name, message);
    sent.catch((error: Error) => this.#output.progress(`Cannot send "${name}": ${error.message}`));
  }
}
