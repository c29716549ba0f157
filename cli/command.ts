// How a command is declared, and how its arguments are read: parseArgs of Node finds the tokens, what they may be is
// said here, so that a refusal can name the nearest match and the cure.

import { parseArgs } from "node:util";
import { Failure } from "cli/failure";
import { suggestion } from "cli/nearest";
import type { Output } from "cli/output";

export interface OptionDefinition {
  readonly summary: string;
  /** Placeholder of its value in the help; without one the option is a flag. */
  readonly value?: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments, as the help shows them; in brackets: may be left out; with an ellipsis: as many as wanted. */
  readonly arguments: readonly string[];
  readonly options: { readonly [name: string]: OptionDefinition };
  /** What the help says beyond the summary. */
  readonly explanation: string;
  run(invocation: Invocation, output: Output): Promise<void>;
}

export const commonOptions = {
  json: { summary: "print JSON: one object, or one a line where output streams" },
  help: { summary: "print this help" },
} as const;

/** Arguments of one call of a command, checked against its declaration. */
export class Invocation {
  readonly positionals: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #flags: ReadonlySet<string>;

  constructor(
    positionals: readonly string[],
    values: ReadonlyMap<string, readonly string[]>,
    flags: ReadonlySet<string>,
  ) {
    this.positionals = positionals;
    this.#values = values;
    this.#flags = flags;
  }

  isSet(flag: string): boolean {
    return this.#flags.has(flag);
  }

  /** Of an option that was given more than once: the last. */
  text(option: string): string | undefined {
    return this.texts(option).at(-1);
  }

  /** Every value of an option that may be given more than once. */
  texts(option: string): readonly string[] {
    return this.#values.get(option) ?? [];
  }

  /** A whole number within bounds. */
  integer(option: string, minimum: number, maximum: number): number | undefined {
    const text = this.text(option);
    return text === undefined ? undefined : readInteger(`--${option}`, text, minimum, maximum);
  }
}

export function readInteger(name: string, text: string, minimum: number, maximum: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum) return value;
  throw new Failure(
    "usage",
    `Cannot read ${name}: wanted a whole number from ${minimum} to ${maximum}, found "${text}"`,
  );
}

export function readInvocation(command: Command, args: readonly string[]): Invocation {
  const definitions: Command["options"] = { ...command.options, ...commonOptions };
  const options = Object.fromEntries(
    Object.entries(definitions).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const positionals: string[] = [];
  const values = new Map<string, string[]>();
  const flags = new Set<string>();
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const definition = Object.hasOwn(definitions, token.name) ? definitions[token.name] : undefined;
    if (definition === undefined) throw unknownOption(command, token.rawName, Object.keys(definitions));
    if (definition.value === undefined) flags.add(checkFlag(command, token.rawName, token.name, token.value));
    else {
      const given = values.get(token.name) ?? [];
      values.set(token.name, [...given, checkValue(command, definition.value, token)]);
    }
  }
  checkCount(command, positionals);
  return new Invocation(positionals, values, flags);
}

function unknownOption(command: Command, given: string, names: readonly string[]): Failure {
  const guess = suggestion(given.replace(/^-+/, ""), names).replace("mean ", "mean --");
  return new Failure(
    "usage",
    `Cannot run lugh ${command.name}: it has no option ${given}${guess || `; see lugh ${command.name} --help`}`,
  );
}

function checkFlag(command: Command, given: string, name: string, value: string | undefined): string {
  if (value === undefined) return name;
  throw new Failure("usage", `Cannot run lugh ${command.name}: ${given} takes no value, found "${value}"`);
}

/** What looks like another option is one: a value of that form is written --option=value. */
function checkValue(
  command: Command,
  placeholder: string,
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
): string {
  const { rawName, value = "", inlineValue } = token;
  if (value !== "" && (inlineValue === true || !value.startsWith("--"))) return value;
  throw new Failure("usage", `Cannot run lugh ${command.name}: wanted ${rawName} ${placeholder}, found no value`);
}

function checkCount(command: Command, positionals: readonly string[]): void {
  const needed = command.arguments.filter((name) => !name.startsWith("["));
  const most = command.arguments.some((name) => name.includes("…")) ? Infinity : command.arguments.length;
  const isRight = positionals.length >= needed.length && positionals.length <= most;
  if (isRight) return;
  const wanted = command.arguments.length === 0 ? "no argument" : command.arguments.join(" ");
  const found = positionals.length === 0 ? "nothing" : positionals.join(" ");
  throw new Failure(
    "usage",
    `Cannot run lugh ${command.name}: wanted ${wanted}, found ${found}; see lugh ${command.name} --help`,
  );
}
