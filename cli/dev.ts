// `lugh dev`: each time a service's file is saved, the service of a running node becomes what the file says, with its state.

import { existsSync, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { brokerOption, chooseBroker } from "cli/broker-address";
import { type BrokerLink, withBroker } from "cli/broker-link";
import type { Command, Invocation } from "cli/command";
import { orderAtDesk } from "cli/desk";
import { Failure } from "cli/failure";
import { untilInterrupted } from "cli/interrupt";
import type { Output } from "cli/output";
import { type Ask, openConversation, readNodeName } from "cli/request";
import { readInstance } from "cli/run-file";
import { type Clone, openClone } from "sim/run/clone";
import { compileEdition } from "sim/run/edition";
import { SourceError } from "sim/run/problem";
import { serviceName } from "sim/run/table";
import { formatNodeName } from "wire/topics";

/** An editor writes a file in several steps. */
const quietMillis = 30;

interface Swapped {
  readonly outcome: string;
  readonly reason: string;
  readonly steps: { readonly [step: string]: number };
}

export const dev: Command = {
  name: "dev",
  summary: "update a service of a running node whenever its file is saved, with its state",
  arguments: ["FILE"],
  options: {
    node: { summary: "the node, such as toledo/node-1 (needed)", value: "NODE" },
    service: { summary: "the service, where the file's name does not say it", value: "NAME" },
    afresh: { summary: "begin each edition without the state of the one before" },
    once: { summary: "update now, and end" },
    broker: brokerOption,
  },
  explanation: [
    "The file runs first, and then each time it is saved: the service comes to rest, its suspend() gives the state, the new",
    "edition takes it (through its migrate() when the stateSchema is another one) and is on trial for half a second. An edition",
    "that cannot is sent back with the reason, and the one before runs on. Types are checked after the update, not before it.",
    "The node's next boot has what its image has.",
    "",
    "It takes only simulations on this desk, of which nobody asks for a signature: npm start, and lugh sim --insecure-commands.",
    "",
    "Example: lugh dev services/reporter/service.ts --node toledo/node-1",
  ].join("\n"),
  async run(invocation, output) {
    const file = readFile(invocation.positionals[0] as string);
    const name = readNodeName(invocation.text("node") ?? missingNode());
    const desk = readInstance()?.desk ?? missingDesk();
    await withBroker(chooseBroker(invocation.text("broker")), async (link) => {
      const ask = await openConversation(link, name);
      const target = {
        node: formatNodeName(name),
        service: serviceOf(file, invocation),
        isAfresh: invocation.isSet("afresh"),
      };
      const loop = new Loop(file, target, (image) => orderAtDesk(desk, { node: target.node, image }), ask, output);
      if (invocation.isSet("once")) await loop.update();
      else await follow(file, loop, link, output);
    });
  },
};

function readFile(text: string): string {
  const file = resolve(text);
  if (!text.endsWith(".ts") || !existsSync(file))
    throw new Failure("usage", `Cannot run lugh dev ${text}: wanted a service in TypeScript (.ts), found no such file`);
  return file;
}

function missingNode(): never {
  throw new Failure("usage", "Cannot run lugh dev: wanted --node NODE, such as toledo/node-1");
}

function missingDesk(): never {
  throw new Failure(
    "failed",
    "Cannot find a simulation on this desk that takes unsigned code: npm start brings one up, or lugh sim --insecure-commands",
  );
}

/** services/reporter/service.ts is the reporter; any other file has the service's name, unless it is told. */
function serviceOf(file: string, invocation: Invocation): string {
  const isOfFolder = basename(file) === "service.ts";
  return invocation.text("service") ?? serviceName(isOfFolder ? dirname(file) : file.replace(/\.ts$/, ""));
}

/** An edition that does not work is told, and the next save tries again. */
async function follow(file: string, loop: Loop, link: BrokerLink, output: Output): Promise<void> {
  const interrupted = untilInterrupted();
  let timer: NodeJS.Timeout | undefined;
  let updating = Promise.resolve();
  const update = (): void => {
    updating = updating.then(() => loop.update()).catch((error: Error) => output.progress(error.message));
  };
  // The folder, because editors replace a file by another one of its name.
  const watcher = watch(dirname(file), (_event, changed) => {
    if (changed !== basename(file)) return;
    clearTimeout(timer);
    timer = setTimeout(update, quietMillis);
  });
  try {
    update();
    await Promise.race([interrupted, link.lost]);
  } finally {
    clearTimeout(timer);
    watcher.close();
  }
}

interface Target {
  readonly node: string;
  readonly service: string;
  readonly isAfresh: boolean;
}

class Loop {
  readonly #file: string;
  readonly #target: Target;
  readonly #load: (image: string) => Promise<void>;
  readonly #ask: Ask;
  readonly #output: Output;
  readonly #clone: Clone = openClone();

  constructor(file: string, target: Target, load: (image: string) => Promise<void>, ask: Ask, output: Output) {
    this.#file = file;
    this.#target = target;
    this.#load = load;
    this.#ask = ask;
    this.#output = output;
  }

  async update(): Promise<void> {
    const { node, service, isAfresh } = this.#target;
    const begun = performance.now();
    const edition = await this.#compile();
    try {
      await this.#load(edition.image);
    } finally {
      edition.remove();
    }
    const moves = [{ service, module: edition.module, isAfresh }];
    const { outcome, reason, steps } = (await this.#ask("develop", { moves })) as unknown as Swapped;
    if (outcome !== "confirmed") throw this.#sentBack(reason);
    // It runs from the beginning of its trial on; who waits for the end of that hears of it.
    const millis = Math.round(performance.now() - begun - (steps.trialMicros ?? 0) / 1_000);
    if (this.#output.isJson) this.#output.json({ node, service, millis, steps });
    else
      this.#output.line(`${node}: ${service} runs what ${basename(this.#file)} says, ${millis} ms after it was saved`);
    await this.#checkTypes();
  }

  async #compile(): ReturnType<typeof compileEdition> {
    try {
      return await compileEdition(this.#file, this.#target.service, this.#clone);
    } catch (error) {
      throw new Failure("bad-input", `Cannot compile ${basename(this.#file)}: ${(error as Error).message}`);
    }
  }

  #sentBack(reason: string): Failure {
    const { node, service } = this.#target;
    const isStateful = reason.includes("schema") || reason.includes("migrate") || reason.includes("start");
    const cure = isStateful ? "\nGive it a migrate() for that state; or --afresh begins it without one." : "";
    return new Failure("returned", `${node}: ${service} runs its former edition on: ${reason}${cure}`);
  }

  /** What is wrong with the types does not keep the edition from running, as little as it does in the machine. */
  async #checkTypes(): Promise<void> {
    const { compileOne } = await import("sim/run/compile");
    try {
      await compileOne({ path: this.#file, kind: "service" }, this.#clone);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#output.progress(error.message);
    }
  }
}
