// `lugh top`: what a node spends its time on, as it does.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { type BrokerLink, withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { untilInterrupted } from "cli/interrupt";
import type { Output } from "cli/output";
import { pause } from "cli/pause";
import { openConversation, readNodeName } from "cli/request";
import { compareSamples, type Interval } from "cli/top-interval";
import { readSample, type Sample } from "cli/top-sample";
import { printInterval } from "cli/top-screen";
import { formatNodeName, type NodeName } from "wire/topics";

const usualSeconds = 2;
const secondsMaximum = 3_600;
const countMaximum = 999_999_999;

/** To the first column of the first line, and everything behind it cleared. */
const home = "\u001b[H\u001b[J";

interface Watch {
  readonly intervalMillis: number;
  readonly intervals: number;
  show(interval: Interval): void;
}

export const top: Command = {
  name: "top",
  summary: "watch what the services of a node spend time and memory on",
  arguments: ["NODE"],
  options: {
    interval: { summary: `seconds between two looks (default ${usualSeconds})`, value: "S" },
    count: { summary: "end after so many intervals (default: at Ctrl-C)", value: "NUMBER" },
    broker: brokerOption,
  },
  explanation: [
    "Asks the node for its figures again and again and shows what changed: share of the processor, dispatches and steps of",
    "each service, and how long messages waited between their submission and their dispatch, by priority. Waits are counted",
    "in powers of two, so each is told as the bound that it is below. Asking costs the node something, which is shown too.",
    "With --json each interval is an object on a line of its own.",
    "",
    "Example: lugh top toledo/node-1 --interval 1",
  ].join("\n"),
  async run(invocation, output) {
    const name = readNodeName(invocation.positionals[0] as string);
    const watch = {
      intervalMillis: (invocation.integer("interval", 1, secondsMaximum) ?? usualSeconds) * 1000,
      intervals: invocation.integer("count", 1, countMaximum) ?? Number.POSITIVE_INFINITY,
      show: (interval: Interval) => show(formatNodeName(name), interval, output),
    };
    await withBroker(chooseBroker(invocation.text("broker")), (link) => watchNode(link, name, watch));
  },
};

async function watchNode(link: BrokerLink, name: NodeName, { intervalMillis, intervals, show }: Watch): Promise<void> {
  const ask = await openConversation(link, name);
  const sample = async (): Promise<Sample> => readSample(formatNodeName(name), await ask("ps"));
  const interrupted = untilInterrupted();
  let earlier = await sample();
  for (let shown = 0; shown < intervals && (await pause(intervalMillis, interrupted, link.lost)); shown++) {
    const now = await sample();
    show(compareSamples(earlier, now));
    earlier = now;
  }
}

/** On a terminal each interval takes the place of the one before; it is written at once, so that nothing flickers. */
function show(node: string, interval: Interval, output: Output): void {
  if (output.isJson) {
    output.json({ node, ...interval });
    return;
  }
  const lines: string[] = [];
  printInterval(node, interval, { ...output, line: (text) => lines.push(text) });
  output.line(process.stdout.isTTY ? `${home}${lines.join("\n")}` : `${lines.join("\n")}\n`);
}
