// `lugh logs`: what nodes have to say, as they say it. Nobody keeps their log yet, so there is no past to show.

import { setTimeout as sleep } from "node:timers/promises";
import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { untilInterrupted } from "cli/interrupt";
import { type Colour, type Output, printable } from "cli/output";
import { readNodeName } from "cli/request";
import { formatMoment } from "cli/units";
import { WireError } from "wire/error";
import { decodeLog, type LogLevel } from "wire/log";
import { buildFleetFilter, buildTopic, formatNodeName, parseTopic } from "wire/topics";

/** Long enough to see whether nodes have anything to say. */
const usualSeconds = 10;
const secondsMaximum = 86_400;

const colours: Readonly<Record<LogLevel, Colour>> = { error: "red", warning: "yellow", info: "dim" };

export const logs: Command = {
  name: "logs",
  summary: "print the log of all nodes or of one",
  arguments: ["[NODE]"],
  options: {
    follow: { summary: "go on until Ctrl-C" },
    seconds: { summary: `listen for so long (default ${usualSeconds})`, value: "NUMBER" },
    broker: brokerOption,
  },
  explanation: "Prints lines as they come. With --json each is an object { node, timeMicros, level, service, text }.",
  async run(invocation, output) {
    const [text] = invocation.positionals;
    const filter = text === undefined ? buildFleetFilter("log") : buildTopic(readNodeName(text), "log");
    const seconds = invocation.integer("seconds", 1, secondsMaximum) ?? usualSeconds;
    const isFollowing = invocation.isSet("follow");
    let printed = 0;
    let ignored = 0;
    await withBroker(chooseBroker(invocation.text("broker")), async (link) => {
      link.receive((topic, payload) => {
        if (printLine(topic, payload, output)) printed++;
        else ignored++;
      });
      await link.subscribe(filter);
      // Nodes that are well say nothing: silence must not look like a command that hangs.
      if (!output.isJson) output.progress(`Listening ${isFollowing ? "until Ctrl-C" : `for ${seconds} s`}`);
      const patience = new AbortController();
      const end = isFollowing ? [] : [sleep(seconds * 1000, undefined, { signal: patience.signal, ref: true })];
      try {
        await Promise.race([untilInterrupted(), link.lost, ...end]);
      } finally {
        patience.abort();
        for (const each of end) each.catch(() => undefined);
      }
    });
    if (printed === 0) output.progress(`${text ?? "The nodes"} had nothing to say`);
    if (ignored > 0) output.progress(`${ignored} messages were no lines of a log`);
  },
};

function printLine(topic: string, payload: Uint8Array, output: Output): boolean {
  try {
    const node = formatNodeName(parseTopic(topic));
    const line = decodeLog(payload);
    if (output.isJson) output.json({ node, ...line });
    else {
      const level = output.paint(colours[line.level], line.level.padEnd(7));
      output.line(
        `${formatMoment(line.timeMicros)}  ${level}  ${node}  ${printable(line.service)}: ${printable(line.text)}`,
      );
    }
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}
