// `lugh fault`: breaks one service of a simulated node, to see it come back.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { readNodeName, request } from "cli/request";
import { formatNodeName } from "wire/topics";

export const fault: Command = {
  name: "fault",
  summary: "fault a service of a simulated node, to see it come back",
  arguments: ["NODE", "SERVICE", "KIND"],
  options: { broker: brokerOption },
  explanation: [
    "KIND is throw, spin (runs until its budget ends), memory (grows until its limit), stack (recurses) or kill.",
    "Only nodes of a simulator that was started with --insecure-commands do it; those of npm start are.",
    "",
    "Example: lugh fault toledo/node-1 sensor spin",
  ].join("\n"),
  async run(invocation, output) {
    const [node, service, kind] = invocation.positionals as readonly [string, string, string];
    const name = readNodeName(node);
    await withBroker(chooseBroker(invocation.text("broker")), (link) =>
      request(link, name, "fault", { service, kind }),
    );
    if (output.isJson) output.json({ node: formatNodeName(name), service, kind });
    else
      output.line(`${formatNodeName(name)}: ${kind} in ${service}; lugh ps ${formatNodeName(name)} shows it come back`);
  },
};
