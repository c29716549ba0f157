// `lugh fault`: breaks one service of a simulated node, to see it come back.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { Failure } from "cli/failure";
import { readNodeName, request } from "cli/request";
import type { PlainRecord } from "wire/plain";
import { formatNodeName } from "wire/topics";

/** The longest that the simulator takes. */
const secondsMaximum = 3_600;
const defaultSeconds = 3;

export const fault: Command = {
  name: "fault",
  summary: "fault a service of a simulated node, or cut its power, to see it come back",
  arguments: ["NODE", "SERVICE", "[KIND]"],
  options: { broker: brokerOption, seconds: { summary: "without power (default 3)", value: "N" } },
  explanation: [
    "KIND is throw, spin (runs until its budget ends), memory (grows until its limit), stack (recurses) or kill.",
    "With power instead of SERVICE the whole node loses its power; its flash keeps what was durable.",
    "Only nodes of a simulator that was started with --insecure-commands do it; those of npm start are.",
    "",
    "Example: lugh fault toledo/node-1 sensor spin",
    "Example: lugh fault toledo/node-1 power --seconds 10",
  ].join("\n"),
  async run(invocation, output) {
    const [node, service, kind] = invocation.positionals as readonly [string, string, string?];
    const name = readNodeName(node);
    const order = readOrder(service, kind, invocation.integer("seconds", 0, secondsMaximum));
    await withBroker(chooseBroker(invocation.text("broker")), (link) =>
      request(link, name, order.operation, order.argument),
    );
    if (output.isJson) output.json({ node: formatNodeName(name), ...order.argument });
    else output.line(`${formatNodeName(name)}: ${order.told}; lugh ps ${formatNodeName(name)} shows it come back`);
  },
};

interface Order {
  readonly operation: "fault" | "power";
  readonly argument: PlainRecord;
  readonly told: string;
}

function readOrder(service: string, kind: string | undefined, seconds = defaultSeconds): Order {
  if (service === "power" && kind === undefined)
    return { operation: "power", argument: { seconds }, told: `no power for ${seconds} s` };
  if (kind !== undefined) return { operation: "fault", argument: { service, kind }, told: `${kind} in ${service}` };
  throw new Failure("usage", `Cannot read "${service}": wanted SERVICE and KIND, or power, found no KIND`);
}
