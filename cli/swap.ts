// `lugh swap`: replaces a running service of a node by another module, with its state.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { Failure } from "cli/failure";
import type { Output } from "cli/output";
import { readNodeName, request } from "cli/request";
import { Fields } from "wire/shape";
import { formatNodeName } from "wire/topics";

interface Move {
  readonly service: string;
  readonly module: string;
}

interface Swapped {
  readonly moves: readonly Move[];
  readonly outcome: string;
  readonly reason: string;
  /** Messages that rejected versions were given. */
  readonly handled: number;
  readonly steps: { readonly [step: string]: number };
}

/** As many as a node has services at most. */
const movesMaximum = 64;

export const swap: Command = {
  name: "swap",
  summary: "replace running schedulers and services of a node, with their state",
  arguments: ["NODE", "SERVICE=MODULE…"],
  options: { broker: brokerOption },
  explanation: [
    "scheduler=deadline stands for scheduler=services/scheduler/deadline; there are round-robin, priority and deadline.",
    "Several are replaced together, all or none. The former versions return when a new one breaks a rule, or says that it",
    "does not work, before the trial is over; nothing is lost either way.",
    "Only nodes of a simulator that was started with --insecure-commands do it; those of npm start are.",
    "",
    "Example: lugh swap toledo/node-1 scheduler=round-robin",
  ].join("\n"),
  async run(invocation, output) {
    const [node = "", ...orders] = invocation.positionals;
    const name = readNodeName(node);
    const argument = { moves: orders.map(readOrder) };
    const result = await withBroker(chooseBroker(invocation.text("broker")), (link) =>
      request(link, name, "swap", argument),
    );
    print(formatNodeName(name), readSwapped(result), output);
  },
};

function readOrder(order: string): { readonly service: string; readonly module: string } {
  const [service = "", module = "", ...more] = order.split("=");
  if (service === "" || module === "" || more.length > 0)
    throw new Failure("usage", `Cannot read "${order}": wanted SERVICE=MODULE, such as scheduler=deadline`);
  const isPolicy = service === "scheduler" && !module.includes("/");
  return { service, module: isPolicy ? `services/scheduler/${module}` : module };
}

function readSwapped(result: unknown): Swapped {
  const fields = new Fields(result, "result");
  return {
    moves: fields.list("moves", movesMaximum, readMove),
    outcome: fields.text("outcome", 16),
    reason: fields.text("reason", 1024),
    handled: fields.count("handled"),
    steps: (result as Swapped).steps,
  };
}

function readMove(value: unknown, path: string): Move {
  const fields = new Fields(value, path);
  return { service: fields.text("service", 64), module: fields.text("module", 95) };
}

/** A swap that was taken back is a failure of what was asked for, though not of the node. */
function print(node: string, swapped: Swapped, output: Output): void {
  const { moves, outcome, reason, handled, steps } = swapped;
  const given = handled === 0 ? "" : ` (${handled} messages had been given to what was rejected)`;
  if (outcome !== "confirmed" && outcome !== "trial")
    throw new Failure(
      "returned",
      `${node}: ${moves.map(({ service }) => service).join(" and ")} on the former version: ${reason}${given}`,
    );
  if (output.isJson) output.json({ node, ...swapped });
  else if (outcome === "trial")
    output.line(`${node}: begins anew, and tries it for 15 s; lugh journal ${node} says what becomes of it`);
  else {
    const times = Object.entries(steps).map(([step, micros]) => `${step.replace("Micros", "")} ${micros} µs`);
    const changes = moves.map(({ service, module }) => `${service} runs ${module} now`);
    output.line(`${node}: ${changes.join(", ")} (${times.join(", ")})`);
  }
}
