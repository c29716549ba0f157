// `lugh faults`: what fell on a node, and what the node did before.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import { type Command, readInteger } from "cli/command";
import { Failure } from "cli/failure";
import { type Output, printable } from "cli/output";
import { readNodeName, request } from "cli/request";
import { type Column, printTable } from "cli/table";
import { formatMemory, formatMoment } from "cli/units";
import { WireError } from "wire/error";
import { type FaultReport, readFault } from "wire/fault";
import type { PlainValue } from "wire/plain";
import { Fields } from "wire/shape";
import { formatNodeName } from "wire/topics";
import { type TracedDispatch, unpackTrace } from "wire/trace";

/** More than any node keeps. */
const reportsMaximum = 256;
const sequenceMaximum = 999_999_999;

export const faults: Command = {
  name: "faults",
  summary: "show what faulted on a node, and what it did before",
  arguments: ["NODE", "[NUMBER]"],
  options: { broker: brokerOption },
  explanation: [
    "Lists the last reports that the node keeps: which version of which service fell, when, of what message, with what it held",
    "in memory; those from before its last boot are marked so. With NUMBER, that report whole, with the last dispatches before the",
    "fault.",
    "",
    "Example: lugh faults toledo/node-1",
  ].join("\n"),
  async run(invocation, output) {
    const [node = "", number] = invocation.positionals;
    const name = readNodeName(node);
    const sequence = number === undefined ? undefined : readInteger("NUMBER", number, 1, sequenceMaximum);
    const argument = sequence === undefined ? undefined : { sequence };
    const result = await withBroker(chooseBroker(invocation.text("broker")), (link) =>
      request(link, name, "faults", argument),
    );
    const reports = readReports(node, sequence === undefined ? result : [result]);
    if (sequence === undefined) printReports(formatNodeName(name), reports, output);
    else printReport(formatNodeName(name), reports[0] as FaultReport, output);
  },
};

function readReports(node: string, result: PlainValue): FaultReport[] {
  try {
    return new Fields({ reports: result }, "faults").list("reports", reportsMaximum, readFault);
  } catch (error) {
    if (error instanceof WireError)
      throw new Failure("bad-reply", `Cannot read what ${node} answers: ${error.message}`);
    throw error;
  }
}

function printReports(node: string, reports: readonly FaultReport[], output: Output): void {
  if (output.isJson) output.json({ node, faults: reports.map(({ trace: _trace, ...report }) => report) });
  else if (reports.length === 0) output.line(`${node}: nothing faulted that it knows of`);
  else printTable(columns, reports, output);
}

const columns: readonly Column<FaultReport>[] = [
  { title: "NUMBER", cell: ({ sequence }) => String(sequence), isNumber: true },
  { title: "TIME", cell: ({ timeMicros }) => formatMoment(timeMicros) },
  { title: "BOOT", cell: ({ isEarlier }) => (isEarlier ? "earlier" : "this") },
  { title: "SERVICE", cell: ({ service, version }) => printable(`${service} ${version}`) },
  { title: "FAULT", cell: ({ kind, isReplaced }) => printable(isReplaced ? `${kind}, replaced` : kind) },
  { title: "MESSAGE", cell: ({ messageType }) => printable(messageType) },
  { title: "MEMORY", cell: ({ bytes, memoryBytes }) => formatMemory(bytes, memoryBytes), isNumber: true },
  { title: "REASON", cell: ({ reason }) => printable(reason.split("\n")[0] as string).slice(0, 80) },
];

function printReport(node: string, report: FaultReport, output: Output): void {
  const { trace, ...figures } = report;
  const dispatches = trace === null ? [] : unpackTrace(trace);
  if (output.isJson) {
    output.json({ node, ...figures, trace: dispatches });
    return;
  }
  const { service, version, generation, kind, messageType, steps, budgetSteps, reason } = report;
  const replaced = report.isReplaced ? "; the version before has taken its place" : "";
  const earlier = report.isEarlier ? ", before the last boot" : "";
  const message = messageType === "" ? "with no message in hand" : `at "${messageType}"`;
  output.line(
    `${node}: ${printable(`${service} ${version}`)}, generation ${generation}: ${printable(kind)} ${printable(message)}${replaced}`,
  );
  output.line(
    `${formatMoment(report.timeMicros)}${earlier}, ${formatMemory(report.bytes, report.memoryBytes)}, ${steps ?? "?"} of ${budgetSteps} steps in its last dispatch`,
  );
  for (const line of reason.split("\n")) output.line(`  ${printable(line)}`);
  if (dispatches.length > 0) printTable(traceColumns(dispatches.at(-1) as TracedDispatch), dispatches, output);
}

/** Times before the fault. */
function traceColumns(last: TracedDispatch): readonly Column<TracedDispatch>[] {
  const before = ({ timeMicros }: TracedDispatch): string =>
    `-${((last.timeMicros - timeMicros) / 1000).toFixed(1)} ms`;
  return [
    { title: "BEFORE", cell: before, isNumber: true },
    { title: "SERVICE", cell: ({ service }) => printable(service) },
    { title: "GIVEN", cell: ({ kind, type }) => printable(`${kind} ${type}`) },
    { title: "FROM", cell: ({ sender }) => printable(sender ?? "") },
    { title: "STEPS", cell: ({ steps }) => String(steps), isNumber: true },
    { title: "OUTCOME", cell: ({ outcome }) => printable(outcome) },
  ];
}
