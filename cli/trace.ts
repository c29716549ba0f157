// `lugh trace`: records what a node does, dispatch by dispatch, for Perfetto.

import { accessSync, constants, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { brokerOption, chooseBroker } from "cli/broker-address";
import { type BrokerLink, withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { Failure } from "cli/failure";
import { untilInterrupted } from "cli/interrupt";
import type { Output } from "cli/output";
import { pause } from "cli/pause";
import { openConversation, readNodeName } from "cli/request";
import { composeTrace } from "cli/trace-events";
import { Recording } from "cli/trace-recording";
import { readDispatches } from "cli/trace-reply";
import { formatNodeName, type NodeName } from "wire/topics";
import type { TracedDispatch } from "wire/trace";

const usualSeconds = 5;
/** At the fastest pace some million dispatches, which a browser still opens. */
const secondsMaximum = 300;

/** More often, and the node does little but answer; less often, and a node that wakes up is asked too late. */
const pauseLeastMillis = 20;
const pauseMostMillis = 250;

export const trace: Command = {
  name: "trace",
  summary: "record what a node does, dispatch by dispatch, for Perfetto",
  arguments: ["NODE"],
  options: {
    out: { summary: "file to write, in the trace event format of Chrome (needed)", value: "FILE" },
    seconds: { summary: `how long (default ${usualSeconds}, or until Ctrl-C)`, value: "NUMBER" },
    broker: brokerOption,
  },
  explanation: [
    "A node answers with its last 64 dispatches; it is asked so often that answers overlap, as long as it does not do more",
    "than that between two of them. What was missed is a gap on a track of its own. The asking itself is in the record, as",
    "work of mqtt and command.",
    "",
    "Example: lugh trace toledo/node-1 --out node-1.json, then open node-1.json at https://ui.perfetto.dev",
  ].join("\n"),
  async run(invocation, output) {
    const name = readNodeName(invocation.positionals[0] as string);
    const file = readFile(invocation.text("out"));
    const seconds = invocation.integer("seconds", 1, secondsMaximum) ?? usualSeconds;
    const recording = new Recording();
    const address = chooseBroker(invocation.text("broker"));
    try {
      await withBroker(address, (link) => record(link, name, seconds * 1e6, recording));
    } finally {
      // A node that died has shown something on its way.
      if (recording.dispatches.length > 0) write(file, formatNodeName(name), recording);
    }
    report(file, formatNodeName(name), recording, output);
  },
};

/** A file that cannot be written is told before anything is recorded. */
function readFile(file: string | undefined): string {
  if (file === undefined) throw new Failure("usage", "Cannot run lugh trace: wanted --out FILE, found no such option");
  try {
    accessSync(dirname(file), constants.W_OK);
    return file;
  } catch (error) {
    throw unwritable(file, error);
  }
}

function write(file: string, node: string, recording: Recording): void {
  try {
    writeFileSync(file, JSON.stringify(composeTrace(node, recording)));
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): Failure {
  const found = (error as NodeJS.ErrnoException).code ?? String(error);
  return new Failure("failed", `Cannot write ${file}: wanted a file in a folder that can be written, found ${found}`);
}

async function record(link: BrokerLink, name: NodeName, micros: number, recording: Recording): Promise<void> {
  const node = formatNodeName(name);
  const ask = await openConversation(link, name);
  const interrupted = untilInterrupted();
  const begun = performance.now() * 1000;
  let asked = begun;
  for (let goesOn = true; goesOn; ) {
    const answer = readDispatches(node, await ask("trace"));
    const now = performance.now() * 1000;
    recording.add(answer, now - asked);
    asked = now;
    const leftMillis = (begun + micros - now) / 1000;
    const wait = Math.min(paceOf(answer), leftMillis);
    goesOn = wait > 0 && (await pause(wait, interrupted, link.lost));
  }
}

/** Half of the time that the answer looks back on: two in a row then overlap even when the node becomes twice as busy. */
function paceOf(answer: readonly TracedDispatch[]): number {
  const first = answer[0];
  const last = answer.at(-1);
  const spanMillis = first === undefined || last === undefined ? 0 : (last.timeMicros - first.timeMicros) / 1000;
  return Math.min(pauseMostMillis, Math.max(pauseLeastMillis, spanMillis / 2));
}

function report(file: string, node: string, { dispatches, gaps, lost }: Recording, output: Output): void {
  if (output.isJson) output.json({ node, file, dispatches: dispatches.length, lost, gaps: gaps.length });
  else
    output.line(
      `${node}: ${dispatches.length} dispatches in ${file}, ${lost} missed; https://ui.perfetto.dev opens it`,
    );
}
