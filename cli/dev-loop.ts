// One turn of `lugh dev`: the files as they are now become an edition, the node takes it with the state or sends it back with the
// reason, and whoever sits there may have it begin without the state.

import { basename } from "node:path";
import { createInterface } from "node:readline";
import { Failure } from "cli/failure";
import type { Output } from "cli/output";
import type { Ask } from "cli/request";
import { type Clone, openClone } from "sim/run/clone";
import { compileEdition, type Edition } from "sim/run/edition";
import { SourceError } from "sim/run/problem";

export interface Target {
  readonly node: string;
  readonly service: string;
  readonly isAfresh: boolean;
}

interface Swapped {
  readonly outcome: string;
  readonly reason: string;
  readonly steps: { readonly [step: string]: number };
}

export interface LoopOptions {
  readonly file: string;
  readonly target: Target;
  /** Gives the node's worker the modules of an image. */
  readonly load: (image: string) => Promise<void>;
  readonly ask: Ask;
  readonly output: Output;
  /** Whether somebody can be asked. */
  readonly isAttended: boolean;
}

export class DevLoop {
  /** What went into editions so far. */
  readonly files = new Set<string>();
  readonly #options: LoopOptions;
  readonly #clone: Clone = openClone();
  #question: AbortController | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.files.add(options.file);
  }

  /** Something was saved: a question about what it was before is over. */
  interrupt(): void {
    this.#question?.abort();
  }

  /** `compiled`: all files that there may be now are known. */
  async update(compiled: () => void = () => undefined): Promise<void> {
    const { load, target } = this.#options;
    const begun = performance.now();
    const edition = await this.#compile().finally(compiled);
    try {
      await load(edition.image);
    } finally {
      edition.remove();
    }
    let swapped = await this.#develop(edition, target.isAfresh);
    const isOffered = swapped.outcome !== "confirmed" && isAboutState(swapped.reason) && !target.isAfresh;
    if (isOffered && this.#options.isAttended && (await this.#askAfresh(swapped.reason)))
      swapped = await this.#develop(edition, true);
    if (swapped.outcome !== "confirmed") throw this.#sentBack(swapped.reason, isOffered);
    this.#tell(swapped, begun);
    await this.#checkTypes();
  }

  async #compile(): Promise<Edition> {
    const { file, target } = this.#options;
    try {
      return await compileEdition(file, target.service, this.#clone, this.files);
    } catch (error) {
      throw new Failure("bad-input", `Cannot compile ${basename(file)}: ${(error as Error).message}`);
    }
  }

  async #develop({ module }: Edition, isAfresh: boolean): Promise<Swapped> {
    const moves = [{ service: this.#options.target.service, module, isAfresh }];
    return (await this.#options.ask("develop", { moves })) as unknown as Swapped;
  }

  /** Any other answer than yes, no answer, and another save leave the edition before in its place. */
  async #askAfresh(reason: string): Promise<boolean> {
    const { node, service } = this.#options.target;
    this.#question = new AbortController();
    const { signal } = this.#question;
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const text = `${node}: ${service} cannot take the state over: ${reason}\nBegin it without its state? [y/N] `;
    try {
      return await new Promise<boolean>((resolve) => {
        lines.on("close", () => resolve(false));
        signal.addEventListener("abort", () => resolve(false));
        lines.question(text, { signal }, (answer) => resolve(/^y(es)?$/i.test(answer.trim())));
      });
    } finally {
      this.#question = undefined;
      lines.close();
    }
  }

  /** It runs from the beginning of its trial on; who waits for the end of that hears of it. */
  #tell({ steps }: Swapped, begun: number): void {
    const { file, output, target } = this.#options;
    const { node, service } = target;
    const millis = Math.round(performance.now() - begun - (steps.trialMicros ?? 0) / 1_000);
    if (output.isJson) output.json({ node, service, millis, steps });
    else output.line(`${node}: ${service} runs what ${basename(file)} says, ${millis} ms after it was saved`);
  }

  #sentBack(reason: string, isOffered: boolean): Failure {
    const { node, service } = this.#options.target;
    const cure = isOffered ? "\nGive it a migrate() for that state; or --afresh begins it without one." : "";
    return new Failure("returned", `${node}: ${service} runs its former edition on: ${reason}${cure}`);
  }

  /** What is wrong with the types does not keep the edition from running, as little as it does in the machine. */
  async #checkTypes(): Promise<void> {
    const { compileOne } = await import("sim/run/compile");
    try {
      await compileOne({ path: this.#options.file, kind: "service" }, this.#clone);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#options.output.progress(error.message);
    }
  }
}

function isAboutState(reason: string): boolean {
  return ["schema", "migrate", "start"].some((word) => reason.includes(word));
}
