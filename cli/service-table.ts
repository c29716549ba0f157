// The services of one node, from its answer to "ps". The answer is another program's: it is read field by field.

import { Failure } from "cli/failure";
import { type Output, printable } from "cli/output";
import { type Column, printTable } from "cli/table";
import { formatDuration, formatMemory } from "cli/units";
import { WireError } from "wire/error";
import { sentenceLengthMaximum, servicesMaximum, wordLengthMaximum } from "wire/limits";
import type { PlainValue } from "wire/plain";
import { Fields } from "wire/shape";

interface ServiceRow {
  readonly name: string;
  readonly state: string;
  readonly version: string;
  readonly generation: number;
  readonly restarts: number;
  readonly dispatches: number;
  readonly runMicros: number;
  readonly bytes: number;
  readonly memoryBytes: number;
  readonly queued: number;
  readonly lastFault: string | null;
}

export function printServices(node: string, result: PlainValue, output: Output): void {
  const { scheduler, uptimeMicros, isSafeMode, safeModeReason, services } = readStatistics(node, result);
  if (output.isJson) output.json({ node, ...(result as object) });
  else {
    output.line(`${output.paint("bold", node)}  up ${formatDuration(uptimeMicros)}, scheduler ${printable(scheduler)}`);
    if (isSafeMode) {
      const why = safeModeReason === null ? "" : ` (${printable(safeModeReason)})`;
      output.line(output.paint("red", `SAFE MODE${why}: it measures nothing; lugh reboot ${node} brings it back`));
    }
    printTable(columns(output), services, output);
  }
}

function readStatistics(
  node: string,
  result: PlainValue,
): {
  scheduler: string;
  uptimeMicros: number;
  isSafeMode: boolean;
  safeModeReason: string | null;
  services: ServiceRow[];
} {
  try {
    const fields = new Fields(result, "ps");
    return {
      scheduler: fields.text("scheduler", wordLengthMaximum),
      uptimeMicros: fields.count("uptimeMicros"),
      isSafeMode: fields.has("isSafeMode") && fields.boolean("isSafeMode"),
      safeModeReason: fields.has("safeModeReason") ? fields.textOrNull("safeModeReason", sentenceLengthMaximum) : null,
      services: fields.list("services", servicesMaximum, readService),
    };
  } catch (error) {
    if (error instanceof WireError)
      throw new Failure("bad-reply", `Cannot read what ${node} answers: ${error.message}`);
    throw error;
  }
}

function readService(value: unknown, path: string): ServiceRow {
  const fields = new Fields(value, path);
  return {
    name: fields.text("name", wordLengthMaximum),
    state: fields.text("state", wordLengthMaximum),
    version: fields.text("version", wordLengthMaximum),
    generation: fields.count("generation"),
    restarts: fields.count("restarts"),
    dispatches: fields.count("dispatches"),
    runMicros: fields.number("runMicros"),
    bytes: fields.count("bytes"),
    memoryBytes: fields.count("memoryBytes"),
    queued: fields.count("queued"),
    lastFault: fields.textOrNull("lastFault", sentenceLengthMaximum),
  };
}

function columns({ paint }: Output): readonly Column<ServiceRow>[] {
  return [
    { title: "SERVICE", cell: ({ name }) => printable(name) },
    {
      title: "STATE",
      cell: ({ state }) => printable(state),
      paint: ({ state }, text) => paint(state === "running" ? "green" : "red", text),
    },
    { title: "VERSION", cell: ({ version }) => printable(version) },
    { title: "GENERATION", cell: ({ generation }) => String(generation), isNumber: true },
    {
      title: "RESTARTS",
      cell: ({ restarts }) => String(restarts),
      isNumber: true,
      paint: ({ restarts }, text) => (restarts > 0 ? paint("yellow", text) : text),
    },
    { title: "DISPATCHES", cell: ({ dispatches }) => String(dispatches), isNumber: true },
    { title: "RUN", cell: ({ runMicros }) => formatDuration(runMicros), isNumber: true },
    { title: "MEMORY", cell: ({ bytes, memoryBytes }) => formatMemory(bytes, memoryBytes), isNumber: true },
    { title: "QUEUED", cell: ({ queued }) => String(queued), isNumber: true },
    { title: "LAST FAULT", cell: ({ lastFault }) => (lastFault === null ? "" : shorten(printable(lastFault))) },
  ];
}

/** The whole of it is in --json and in the log. */
function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
