// `lugh reboot` and `lugh restart`: a node, or one service of it, begins anew.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { readNodeName, request } from "cli/request";
import { formatNodeName } from "wire/topics";

const permission = "Only nodes of a simulator that was started with --insecure-commands do it; those of npm start are.";

export const reboot: Command = {
  name: "reboot",
  summary: "have a node begin anew, in safe mode or not",
  arguments: ["NODE"],
  options: {
    safe: { summary: "into safe mode: only what reaches the node and mends it runs" },
    broker: brokerOption,
  },
  explanation: [
    "A node that cannot go on three times in ten minutes comes back in safe mode by itself; lugh reboot brings it out again.",
    permission,
    "",
    "Example: lugh reboot toledo/node-1 --safe",
  ].join("\n"),
  async run(invocation, output) {
    const name = readNodeName(invocation.positionals[0] as string);
    const isSafe = invocation.isSet("safe");
    await withBroker(chooseBroker(invocation.text("broker")), (link) => request(link, name, "reboot", { isSafe }));
    const node = formatNodeName(name);
    if (output.isJson) output.json({ node, isSafe });
    else output.line(`${node} begins anew in a second${isSafe ? ", in safe mode" : ""}; lugh ps ${node} shows it`);
  },
};

export const restart: Command = {
  name: "restart",
  summary: "start a dead service of a node again, now",
  arguments: ["NODE", "SERVICE"],
  options: { broker: brokerOption },
  explanation: [
    "For a service that is held after a fault, or that waits for its next start. One that runs is left alone.",
    permission,
    "",
    "Example: lugh restart toledo/node-1 sensor",
  ].join("\n"),
  async run(invocation, output) {
    const [text, service] = invocation.positionals as readonly [string, string];
    const name = readNodeName(text);
    await withBroker(chooseBroker(invocation.text("broker")), (link) => request(link, name, "restart", { service }));
    const node = formatNodeName(name);
    if (output.isJson) output.json({ node, service });
    else output.line(`${node}: ${service} was started again`);
  },
};
