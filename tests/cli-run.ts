// Runs the built `lugh` as a person does: a process with arguments, input and an exit code.

import { type ChildProcess, spawn } from "node:child_process";

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: Uint8Array | string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** The program itself and not `cli/lugh.mjs`: the test runner has built it. */
const program = "build/cli/main.js";

export interface CliProcess {
  readonly child: ChildProcess;
  readonly result: Promise<CliResult>;
  /** Standard output so far. */
  readonly output: () => string;
}

export function startCli(args: readonly string[], options: CliOptions = {}): CliProcess {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, NO_COLOR: "", ...options.environment },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  // It may end without reading all of its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const result = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, result, output: () => stdout };
}

export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).result;
}

export interface ErrorShape {
  readonly error: { readonly code: string; readonly message: string };
}

/** The one object of a command with --json. The caller says what shape it expects, and then checks it. */
export async function runJson<Shape = ErrorShape>(
  args: readonly string[],
  options: CliOptions = {},
): Promise<{ code: number | null; json: Shape }> {
  const { code, stdout } = await runCli([...args, "--json"], options);
  const lines = stdout.trimEnd().split("\n");
  if (lines.length !== 1) throw new Error(`wanted one line of JSON, found ${stdout}`);
  return { code, json: JSON.parse(lines[0] as string) as Shape };
}
