// What happens to a service at a desk, as lines for people: when, what, with whom, and the message as far as it fits.

import { readFileSync } from "node:fs";
import { type Colour, type Output, printable } from "cli/output";
import type { SessionEvent } from "sim/run/session";

/** What is longer is cut: a waveform block has a thousand characters. --json has all of it. */
const messageCharacters = 160;
const elementsShown = 6;

type Line = readonly [what: string, colour: Colour | undefined, text: string];

export function printEvent(event: SessionEvent, output: Output): void {
  if (output.isJson) {
    output.json(jsonValue(event));
    return;
  }
  const [what, colour, text] = describe(event);
  const time = `${(event.micros / 1e6).toFixed(3).padStart(9)} s`;
  const head = what.padEnd(9);
  output.line(`${output.paint("dim", time)}  ${colour === undefined ? head : output.paint(colour, head)} ${text}`);
}

function describe(event: SessionEvent): Line {
  switch (event.event) {
    case "send":
    case "call":
      return [event.event, undefined, `${names(event.channel, event.type)}${formatMessage(event.message)}`];
    case "answer": {
      const { channel, type, refuse, reply, by } = event;
      const what = refuse === undefined ? formatMessage(reply) || " (no body)" : ` refused ${refuse}${cureFor(by)}`;
      return ["answer", refuse === undefined ? undefined : "yellow", `${names(channel, type)}${what}`];
    }
    case "publish":
      return ["publish", undefined, `${printable(event.topic)}${formatMessage(event.message)}`];
    case "log":
      return [event.level === "info" ? "log" : event.level, levelColour(event.level), logText(event)];
    case "granted":
      return ["granted", "dim", `${event.permission} ${printable(event.name)}, by ${granters[event.by]}`];
    case "refused":
      return ["refused", "red", printable(event.text)];
    case "fault":
      return ["fault", "red", faultText(event)];
  }
}

const granters = { flag: "its flag", "allow-all": "--allow-all", person: "you" };

function cureFor(by: string): string {
  return by === "nobody" ? ": nobody answers there; give answers with --answers FILE" : "";
}

function levelColour(level: string): Colour {
  return level === "error" ? "red" : level === "warning" ? "yellow" : "dim";
}

function logText({ service, text }: { readonly service: string; readonly text: string }): string {
  return `${printable(service)}: ${printable(text)}`;
}

/** Its stack in lines of their own, and the line of the source. */
function faultText({ kind, type, reason, file, line }: SessionEvent & { event: "fault" }): string {
  const [first = "", ...stack] = reason.split("\n");
  const inHand = type === "" ? "as it started" : `at "${printable(type)}"`;
  const source = file === undefined || line === undefined ? [] : [`${line} | ${readLine(file, line)}`];
  return [
    `${kind} ${inHand}: ${printable(first)}`,
    ...[...stack, ...source].map((each) => `  ${printable(each.trim())}`),
  ].join(`\n${" ".repeat(23)}`);
}

function readLine(file: string, line: number): string {
  return readFileSync(file, "utf8").split("\n")[line - 1]?.trim() ?? "";
}

function names(channel: string, type: string): string {
  return `${printable(channel)} ${printable(type)}`;
}

function formatMessage(message: unknown): string {
  if (message === undefined) return "";
  const text = printable(formatValue(message));
  return ` ${text.length > messageCharacters ? `${text.slice(0, messageCharacters)}…` : text}`;
}

/** As JSON, but buffers by their kind and first elements. */
function formatValue(value: unknown): string {
  if (ArrayBuffer.isView(value)) {
    const elements = [...(value as unknown as Iterable<number>)];
    const more = elements.length > elementsShown ? ", …" : "";
    return `${value.constructor.name}(${elements.length}) [${elements.slice(0, elementsShown).join(", ")}${more}]`;
  }
  if (Array.isArray(value)) return `[${value.map(formatValue).join(",")}]`;
  if (typeof value !== "object" || value === null)
    return typeof value === "number" ? String(value) : JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, field]) => `${JSON.stringify(name)}:${formatValue(field)}`)
    .join(",")}}`;
}

function jsonValue(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<number>)];
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, jsonValue(field)]));
}
