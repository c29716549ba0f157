// `lugh dev`: each time a file of a service is saved, the service of a running node becomes what its files say, with its state.

import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { brokerOption, chooseBroker } from "cli/broker-address";
import { type BrokerLink, withBroker } from "cli/broker-link";
import type { Command, Invocation } from "cli/command";
import { orderAtDesk } from "cli/desk";
import { DevLoop } from "cli/dev-loop";
import { FileWatch } from "cli/dev-watch";
import { Failure } from "cli/failure";
import { untilInterrupted } from "cli/interrupt";
import type { Output } from "cli/output";
import { openConversation, readNodeName } from "cli/request";
import { readInstance } from "cli/run-file";
import { serviceName } from "sim/run/table";
import { formatNodeName } from "wire/topics";

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
    "The file runs first, and then each time it is saved, or one of those of its folder that it imports: the service comes to",
    "rest, its suspend() gives the state, the new edition takes it (through its migrate() when the stateSchema is another one) and",
    "is on trial for half a second. An edition that cannot is sent back with the reason, and the one before runs on; on a terminal",
    "you are asked whether it shall begin without the state. Types are checked after the update, not before it. The node's next boot",
    "has what its image has.",
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
      const load = (image: string): Promise<void> => orderAtDesk(desk, { node: target.node, image });
      const isAttended = process.stdin.isTTY === true && !output.isJson;
      const loop = new DevLoop({ file, target, load, ask, output, isAttended });
      if (invocation.isSet("once")) await loop.update();
      else await follow(loop, link, output);
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
async function follow(loop: DevLoop, link: BrokerLink, output: Output): Promise<void> {
  const interrupted = untilInterrupted();
  let updating = Promise.resolve();
  const files = new FileWatch(loop.files, () => {
    loop.interrupt();
    updating = updating
      .then(() => loop.update(() => files.look()))
      .catch((error: Error) => output.progress(error.message));
  });
  try {
    files.look();
    files.saved();
    await Promise.race([interrupted, link.lost]);
  } finally {
    loop.interrupt();
    files.close();
  }
}
