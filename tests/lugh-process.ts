// `npm start` and `lugh` as a person starts them from a terminal: a process group of its own, which Ctrl-C reaches whole.

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the signal until the process that was started was gone. */
  readonly millis: number;
}

export class LughProcess {
  /** build/run.json, but of this run alone: apart from a fleet that may run from this clone. */
  readonly runFile = join(tmpdir(), `lugh-run-${randomUUID()}.json`);
  readonly startedMillis = Date.now();
  readonly #child: ChildProcess;
  readonly #ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #output = "";
  #standardError = "";

  constructor(program: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    const env = { ...process.env, NO_COLOR: "1", LUGH_RUN_FILE: this.runFile, ...environment };
    this.#child = spawn(program, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.#output += chunk.toString("utf8")));
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.#standardError += chunk.toString("utf8")));
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("exit", (code, signal) => resolve({ code, signal }));
    });
  }

  get processId(): number {
    return this.#child.pid as number;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  output(): string {
    return this.#output;
  }

  standardError(): string {
    return this.#standardError;
  }

  /** Answers what matched. */
  async untilOutput(wanted: RegExp, withinMillis = 60_000): Promise<RegExpExecArray> {
    for (const endMillis = Date.now() + withinMillis; ; await sleep(20)) {
      const found = wanted.exec(this.#output);
      if (found !== null) return found;
      if (Date.now() > endMillis || !this.isRunning)
        throw new Error(`Cannot see ${wanted}: found "${this.#output}" and "${this.#standardError}"`);
    }
  }

  /** Ends by itself, or is waited for in vain. */
  async untilEnded(withinMillis = 60_000): Promise<Ending> {
    const begunMillis = Date.now();
    const late = sleep(withinMillis, undefined, { ref: false }).then(() => {
      throw new Error(`Cannot see it end within ${withinMillis / 1000} s; it said "${this.#standardError}"`);
    });
    const ending = await Promise.race([this.#ended, late]);
    return { ...ending, millis: Date.now() - begunMillis };
  }

  /** Ctrl-C: the terminal sends SIGINT to all of the group. */
  interrupt(): Promise<Ending> {
    process.kill(-this.processId, "SIGINT");
    return this.untilEnded(10_000);
  }

  /** What a supervisor does: to the process that it started, and to no other. */
  terminate(): Promise<Ending> {
    process.kill(this.processId, "SIGTERM");
    return this.untilEnded(10_000);
  }

  /** Every process of this run that there still is, by what it runs; found by its environment, which all inherit. */
  processes(): { readonly id: number; readonly command: string }[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && readProcess(name, "environ").includes(`LUGH_RUN_FILE=${this.runFile}\0`))
      .map((name) => ({ id: Number(name), command: readProcess(name, "cmdline").replaceAll("\0", " ").trim() }));
  }

  /** Nothing of it stays behind, whatever a test did. */
  async dispose(): Promise<void> {
    for (const { id } of this.processes()) process.kill(id, "SIGKILL");
    await this.#ended;
    rmSync(this.runFile, { force: true });
  }
}

/** `node cli/lugh.mjs` with arguments. */
export function startLugh(args: readonly string[], environment: NodeJS.ProcessEnv = {}): LughProcess {
  return new LughProcess(process.execPath, ["cli/lugh.mjs", ...args], environment);
}

export function startNpm(environment: NodeJS.ProcessEnv): LughProcess {
  return new LughProcess("npm", ["start"], environment);
}

/** "" for one that is gone or another's. A zombie's files are empty. */
function readProcess(id: string, file: string): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, "latin1");
  } catch (error) {
    if (["ENOENT", "EACCES", "ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}
