// `lugh undo`: takes back a change of a node, the last one or the one that is named.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import { type Command, readInteger } from "cli/command";
import { Failure } from "cli/failure";
import { readNodeName, request } from "cli/request";
import { Fields } from "wire/shape";
import { formatNodeName } from "wire/topics";

const entryMaximum = 999_999_999;

export const undo: Command = {
  name: "undo",
  summary: "take back a change of a node: a setting, a scheduler or a service",
  arguments: ["NODE", "[ENTRY]"],
  options: { broker: brokerOption },
  explanation: [
    "ENTRY is the number that lugh journal shows; without it the last change that was not undone is taken back. What a later",
    "change stands on has to wait until that one is undone. To undo is a change too, and can be undone by its number.",
    "",
    "Example: lugh undo toledo/node-1",
  ].join("\n"),
  async run(invocation, output) {
    const [node = "", text] = invocation.positionals;
    const name = readNodeName(node);
    const argument = text === undefined ? undefined : { entry: readInteger("ENTRY", text, 1, entryMaximum) };
    const result = await withBroker(chooseBroker(invocation.text("broker")), (link) =>
      request(link, name, "undo", argument),
    );
    const fields = new Fields(result, "result");
    if (fields.has("outcome") && fields.text("outcome", 16) !== "confirmed")
      throw new Failure(
        "returned",
        `${formatNodeName(name)}: it could not be taken back: ${fields.text("reason", 1024)}`,
      );
    const entry = fields.count("entry");
    if (output.isJson) output.json({ node: formatNodeName(name), entry, result });
    else output.line(`${formatNodeName(name)}: taken back, by change ${entry}`);
  },
};
