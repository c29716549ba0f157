// `lugh configure`: sets what a node lets an operator set, while it runs and for good.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { Failure } from "cli/failure";
import type { Output } from "cli/output";
import { readNodeName, request } from "cli/request";
import type { PlainRecord } from "wire/plain";
import { Fields } from "wire/shape";
import { formatNodeName } from "wire/topics";

export const configure: Command = {
  name: "configure",
  summary: "show or change what is set on a node",
  arguments: ["NODE", "[KEY=VALUE…]"],
  options: { broker: brokerOption },
  explanation: [
    "  declaredVolts   what dips and swells are judged by, in volts",
    "  reportSeconds   readings are reported of every so many seconds, 1 to 4",
    "",
    "VALUE default gives back what the node was started with. Each change goes into the node's journal: lugh undo takes it",
    "back. Only nodes of a simulator that was started with --insecure-commands do it; those of npm start are.",
    "",
    "Example: lugh configure toledo/node-1 reportSeconds=2",
  ].join("\n"),
  async run(invocation, output) {
    const [node = "", ...pairs] = invocation.positionals;
    const name = readNodeName(node);
    const wanted = Object.fromEntries(pairs.map(readPair));
    const result = await withBroker(chooseBroker(invocation.text("broker")), (link) =>
      pairs.length === 0 ? request(link, name, "settings") : request(link, name, "configure", wanted),
    );
    print(formatNodeName(name), new Fields(result, "result"), output);
  },
};

function readPair(pair: string): [string, number | null] {
  const [, key = "", value = ""] = /^([A-Za-z]+)=(default|\d+(?:\.\d+)?)$/.exec(pair) ?? [];
  if (key === "") throw new Failure("usage", `Cannot read "${pair}": wanted KEY=default or KEY=NUMBER, not negative`);
  return [key, value === "default" ? null : Number(value)];
}

function print(node: string, result: Fields, output: Output): void {
  const settings = result.plain("settings") as PlainRecord;
  if (output.isJson) {
    output.json({ node, settings, ...(result.has("entry") ? { entry: result.count("entry") } : {}) });
    return;
  }
  if (result.has("entry"))
    output.line(`${node}: change ${result.count("entry")} is made; lugh undo ${node} takes it back`);
  const set = Object.entries(settings).filter(([, value]) => value !== null);
  for (const [key, value] of set) output.line(`${key.padEnd(16)} ${String(value)}`);
  if (set.length === 0) output.line(`${node}: nothing is set; it runs as it was started`);
}
