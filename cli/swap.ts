// `lugh swap`: replaces a running service of a node by another module, with its state.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { Failure } from "cli/failure";
import type { Output } from "cli/output";
import { readNodeName, request } from "cli/request";
import { Fields } from "wire/shape";
import { formatNodeName } from "wire/topics";

interface Swapped {
  readonly service: string;
  readonly module: string;
  readonly outcome: string;
  readonly reason: string;
  readonly steps: { readonly [step: string]: number };
}

export const swap: Command = {
  name: "swap",
  summary: "replace a running scheduler or service of a node, with its state",
  arguments: ["NODE", "SERVICE=MODULE"],
  options: { broker: brokerOption },
  explanation: [
    "scheduler=deadline stands for scheduler=services/scheduler/deadline; there are round-robin, priority and deadline.",
    "The former version returns when the new one breaks a rule before its trial is over; nothing is lost either way.",
    "Only nodes of a simulator that was started with --insecure-commands do it; those of npm start are.",
    "",
    "Example: lugh swap toledo/node-1 scheduler=round-robin",
  ].join("\n"),
  async run(invocation, output) {
    const [node, order] = invocation.positionals as readonly [string, string];
    const name = readNodeName(node);
    const argument = readOrder(order);
    const result = await withBroker(chooseBroker(invocation.text("broker")), (link) =>
      request(link, name, "swap", argument),
    );
    print(formatNodeName(name), readSwapped(result), output);
  },
};

function readOrder(order: string): { service: string; module: string } {
  const [service = "", module = "", ...more] = order.split("=");
  if (service === "" || module === "" || more.length > 0)
    throw new Failure("usage", `Cannot read "${order}": wanted SERVICE=MODULE, such as scheduler=deadline`);
  const isPolicy = service === "scheduler" && !module.includes("/");
  return { service, module: isPolicy ? `services/scheduler/${module}` : module };
}

function readSwapped(result: unknown): Swapped {
  const fields = new Fields(result, "result");
  return {
    service: fields.text("service", 64),
    module: fields.text("module", 95),
    outcome: fields.text("outcome", 16),
    reason: fields.text("reason", 1024),
    steps: (result as Swapped).steps,
  };
}

/** A swap that was taken back is a failure of what was asked for, though not of the node. */
function print(node: string, swapped: Swapped, output: Output): void {
  if (swapped.outcome !== "confirmed")
    throw new Failure("returned", `${node}: ${swapped.service} runs its former version on: ${swapped.reason}`);
  if (output.isJson) output.json({ node, ...swapped });
  else {
    const steps = Object.entries(swapped.steps).map(([step, micros]) => `${step.replace("Micros", "")} ${micros} µs`);
    output.line(`${node}: ${swapped.service} runs ${swapped.module} now (${steps.join(", ")})`);
  }
}
