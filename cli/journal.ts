// `lugh journal`: what changed a node, and whether its record of that is whole.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { Failure } from "cli/failure";
import type { Output } from "cli/output";
import { type Ask, openConversation, readNodeName } from "cli/request";
import { type Column, printTable } from "cli/table";
import { type Change, findJournalFlaw, type JournalRecord, readJournalRecord } from "wire/journal";
import { Fields } from "wire/shape";
import { formatNodeName } from "wire/topics";

interface Read {
  readonly records: readonly JournalRecord[];
  /** SHA-256 of the last record, as the node tells it. */
  readonly head: string;
}

interface Row {
  readonly begun: JournalRecord;
  readonly end: JournalRecord | undefined;
}

const pagesMaximum = 100;

export const journal: Command = {
  name: "journal",
  summary: "show what changed a node, and check that its record of that is whole",
  arguments: ["NODE"],
  options: { broker: brokerOption },
  explanation: [
    "Each record holds the SHA-256 of the one before; the chain is computed anew here, up to the head that the node publishes in",
    "its state. A chain that does not hold ends the command with code 1.",
    "",
    "Example: lugh journal toledo/node-1",
  ].join("\n"),
  async run(invocation, output) {
    const [node = ""] = invocation.positionals;
    const name = readNodeName(node);
    const read = await withBroker(chooseBroker(invocation.text("broker")), async (link) =>
      readAll(await openConversation(link, name)),
    );
    const flaw = findJournalFlaw(read.records, read.head);
    print(formatNodeName(name), read, flaw, output);
    if (flaw !== null) throw new Failure("broken-chain", flaw, { isTold: true });
  },
};

async function readAll(ask: Ask): Promise<Read> {
  const records: JournalRecord[] = [];
  for (let page = 0; page < pagesMaximum; page++) {
    const fields = new Fields(await ask("journal", { after: records.at(-1)?.number ?? 0 }), "result");
    records.push(...fields.list("records", 64, (value) => readJournalRecord(value)));
    if (fields.boolean("isComplete")) return { records, head: fields.text("head", 64) };
  }
  throw new Failure("failed", `Cannot read the journal: wanted its end within ${pagesMaximum} pages, found more`);
}

function print(node: string, { records, head }: Read, flaw: string | null, output: Output): void {
  const rows = records.flatMap((begun): Row[] =>
    begun.kind === "begun"
      ? [{ begun, end: records.filter(({ kind, entry }) => kind !== "begun" && entry === begun.number).at(-1) }]
      : [],
  );
  if (output.isJson) {
    output.json({ node, head, isWhole: flaw === null, flaw, changes: rows.map(describeRow) });
    return;
  }
  if (rows.length > 0) printTable(columns, rows, output);
  output.line(
    flaw === null ? `${records.length} records, the chain is whole; head ${head}` : `The chain does not hold: ${flaw}`,
  );
}

function describeRow({ begun, end }: Row): object {
  return {
    entry: begun.number,
    timeMicros: begun.timeMicros,
    ...begun.change,
    outcome: end?.kind ?? "open",
    reason: end?.reason ?? "",
  };
}

const columns: readonly Column<Row>[] = [
  { title: "ENTRY", cell: ({ begun }) => String(begun.number), isNumber: true },
  {
    title: "TIME",
    cell: ({ begun }) => new Date(begun.timeMicros / 1000).toISOString().replace("T", " ").slice(0, 19),
  },
  { title: "CHANGE", cell: ({ begun }) => (begun.change === null ? "" : describeChange(begun.change)) },
  { title: "OUTCOME", cell: ({ end }) => (end === undefined ? "open" : end.kind) },
  { title: "WHY", cell: ({ end }) => end?.reason ?? "" },
];

function describeChange({ order: { operation, argument }, undoes }: Change): string {
  const list =
    operation === "swap"
      ? (argument.moves as unknown as { service: string; module: string }[]).map(
          ({ service, module }) => `${service}=${module}`,
        )
      : Object.entries(argument).map(([key, value]) => `${key}=${value === null ? "default" : String(value)}`);
  return `${operation} ${list.join(" ")}${undoes === null ? "" : ` (undoes ${undoes})`}`;
}
