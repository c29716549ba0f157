// The help texts, made from the declarations of the commands so that they cannot differ from what is accepted.

import { type Command, commonOptions, type OptionDefinition } from "cli/command";

export function overview(commands: readonly Pick<Command, "name" | "summary">[], version: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    `lugh ${version}: fleets of grid-sensor nodes`,
    "",
    "Usage: lugh COMMAND [arguments] [--options]",
    "",
    ...list,
    "",
    "lugh COMMAND --help tells more. Nodes are named <site>/<node>, such as toledo/node-1.",
  ].join("\n");
}

export function commandHelp(command: Command): string {
  const usage = ["lugh", command.name, ...command.arguments, "[--options]"].join(" ");
  const options = Object.entries({ ...command.options, ...commonOptions });
  const heads = options.map(([name, definition]) => optionHead(name, definition));
  const width = Math.max(...heads.map((head) => head.length));
  const lines = options.map(([, { summary }], index) => `  ${(heads[index] as string).padEnd(width)}  ${summary}`);
  return [`${command.summary}`, "", `Usage: ${usage}`, "", command.explanation, "", "Options:", ...lines].join("\n");
}

function optionHead(name: string, { value }: OptionDefinition): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}
