// One run of `lugh`: finds the command, runs it, and turns whatever it throws into a message and an exit code.
// A command is loaded when it is asked for: reading a payload need not wait until a broker is loaded.

import { type Command, readInvocation } from "cli/command";
import { Failure, toFailure } from "cli/failure";
import { commandHelp, overview } from "cli/help";
import { suggestion } from "cli/nearest";
import { createOutput, type Output, type Terminal } from "cli/output";
import { findProject } from "cli/project";

const loaders: { readonly [name: string]: () => Promise<Command> } = {
  start: async () => (await import("cli/start")).start,
  run: async () => (await import("cli/run")).run,
  new: async () => (await import("cli/new")).create,
  dev: async () => (await import("cli/dev")).dev,
  test: async () => (await import("cli/test")).test,
  sim: async () => (await import("cli/sim")).sim,
  ps: async () => (await import("cli/ps")).ps,
  top: async () => (await import("cli/top")).top,
  logs: async () => (await import("cli/logs")).logs,
  trace: async () => (await import("cli/trace")).trace,
  fault: async () => (await import("cli/fault")).fault,
  faults: async () => (await import("cli/faults")).faults,
  swap: async () => (await import("cli/swap")).swap,
  configure: async () => (await import("cli/configure")).configure,
  undo: async () => (await import("cli/undo")).undo,
  journal: async () => (await import("cli/journal")).journal,
  resend: async () => (await import("cli/resend")).resend,
  restart: async () => (await import("cli/reboot")).restart,
  reboot: async () => (await import("cli/reboot")).reboot,
  format: async () => (await import("cli/format")).format,
  decode: async () => (await import("cli/decode")).decode,
  bench: async () => (await import("cli/bench")).bench,
  campaign: async () => (await import("cli/campaign")).campaign,
};

export interface Surroundings {
  readonly standardOutput: Terminal;
  readonly standardError: Terminal;
  readonly environment: NodeJS.ProcessEnv;
}

/** Answers the exit code. */
export async function invoke(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { standardOutput, standardError, environment } = surroundings;
  const output = createOutput(args.includes("--json"), standardOutput, standardError, environment);
  try {
    await run(args, output);
    return 0;
  } catch (error) {
    const failure = toFailure(error);
    if (failure.isTold) return failure.exitCode;
    if (output.isJson) output.json({ error: { code: failure.code, message: failure.message } });
    else output.progress(`lugh: ${failure.message}`);
    return failure.exitCode;
  }
}

async function run(args: readonly string[], output: Output): Promise<void> {
  const name = args.find((argument) => argument !== "--json");
  const rest = args.slice(name === undefined ? args.length : args.indexOf(name) + 1);
  if (name === undefined || isHelp(name) || name === "help") return printOverview(output);
  if (name === "--version") return printVersion(output);
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (load === undefined) throw unknownCommand(name);
  const command = await load();
  if (rest.some(isHelp)) output.line(commandHelp(command));
  else await command.run(readInvocation(command, rest), output);
}

function isHelp(argument: string): boolean {
  return argument === "--help" || argument === "-h";
}

async function printOverview(output: Output): Promise<void> {
  const commands = await Promise.all(Object.values(loaders).map((load) => load()));
  output.line(overview(commands, findProject().version));
}

function printVersion(output: Output): void {
  const { version } = findProject();
  if (output.isJson) output.json({ version });
  else output.line(`lugh ${version}`);
}

function unknownCommand(name: string): Failure {
  const guess = suggestion(name, Object.keys(loaders)) || "; lugh --help lists all";
  const what = name.startsWith("-") ? "option before a command" : "command";
  return new Failure("usage", `Cannot run lugh ${name}: there is no such ${what}${guess}`);
}
