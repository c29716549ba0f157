// `lugh resend`: has a node say again what somebody missed, by its numbers.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import { type Command, readInteger } from "cli/command";
import { Failure } from "cli/failure";
import type { Output } from "cli/output";
import { type Ask, openConversation, readNodeName } from "cli/request";
import { Fields } from "wire/shape";
import { formatNodeName } from "wire/topics";

interface Resent {
  readonly sent: number;
  readonly missing: readonly (readonly [number, number])[];
}

/** Without storage, numbers go on from the seconds of UTC. */
const numberMaximum = 999_999_999_999;

/** The node says so many at a time; between them it takes commands of others. */
const runsMaximum = 1_000;

export const resend: Command = {
  name: "resend",
  summary: "have a node say readings or events again, by their numbers",
  arguments: ["NODE", "FROM", "[TO]"],
  options: { broker: brokerOption, events: { summary: "events instead of readings" } },
  explanation: [
    "The node keeps what it sent in a ring, and in storage what waited there during an outage. What it still has goes out",
    "on its topic again, marked historical; what is gone, or was never used, is listed.",
    "",
    "Example: lugh resend toledo/node-1 120 180",
  ].join("\n"),
  async run(invocation, output) {
    const [node, first, last = first] = invocation.positionals as readonly [string, string, string?];
    const name = readNodeName(node);
    const from = readInteger("FROM", first, 1, numberMaximum);
    const to = readInteger("TO", last, from, numberMaximum);
    const topic = invocation.isSet("events") ? "event" : "telemetry";
    const resent = await withBroker(chooseBroker(invocation.text("broker")), async (link) =>
      askAll(await openConversation(link, name), { topic, from, to }),
    );
    print(formatNodeName(name), resent, output);
  },
};

async function askAll(ask: Ask, { topic, from, to }: { topic: string; from: number; to: number }): Promise<Resent> {
  const missing: [number, number][] = [];
  let sent = 0;
  for (let next: number | null = from, runs = 0; next !== null; runs++) {
    if (runs === runsMaximum)
      throw new Failure("too-many", `Cannot ask for all of ${from} to ${to}: ${sent} came, go on from ${next}`);
    const fields: Fields = new Fields(await ask("resend", { topic, from: next, to }), "result");
    sent += fields.count("sent");
    for (const run of fields.list("missing", 64, (value) => value as [number, number])) addTo(missing, run);
    next = fields.countOrNull("next");
  }
  return { sent, missing };
}

function addTo(runs: [number, number][], [first, last]: readonly [number, number]): void {
  const run = runs.at(-1);
  if (run?.[1] === first - 1) run[1] = last;
  else runs.push([first, last]);
}

function print(node: string, { sent, missing }: Resent, output: Output): void {
  const gone = missing.map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`)).join(", ");
  if (output.isJson) output.json({ node, sent, missing });
  else output.line(`${node}: says ${sent} again${gone === "" ? "" : `; it does not have ${gone}`}`);
}
