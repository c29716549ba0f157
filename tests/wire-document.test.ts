// Is docs/WIRE.md true? Its examples are what the code writes and reads, its limits and topics those of the code, and its
// CDDL has exactly the fields that the code knows.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { hex, toHex } from "tests/wire-vectors";
import { decodeBirth, decodeDeath, encodeBirth, encodeDeath } from "wire/birth";
import { diagnose } from "wire/cbor-diagnostic";
import { decodeCommand, decodeReply, encodeCommand, encodeReply } from "wire/command";
import { decodeEvent, encodeEvent } from "wire/event";
import { decodeFault, encodeFault } from "wire/fault";
import * as limits from "wire/limits";
import { decodeLog, encodeLog } from "wire/log";
import { decodeState, encodeState } from "wire/state";
import { decodeTelemetry, encodeTelemetry } from "wire/telemetry";
import { deliveryRules, topicKinds } from "wire/topics";

const document = readFileSync(resolve(import.meta.dirname, "../docs/WIRE.md"), "utf8");
const name = { site: "toledo", node: "node-1" };

/** The two functions of each payload that has examples. */
const codecs: { readonly [kind: string]: readonly [(value: never) => Uint8Array, (bytes: Uint8Array) => unknown] } = {
  telemetry: [(value) => encodeTelemetry(name, value), (bytes) => withoutDefaults(decodeTelemetry(name, bytes))],
  birth: [encodeBirth, decodeBirth],
  death: [encodeDeath, decodeDeath],
  event: [encodeEvent, decodeEvent],
  fault: [encodeFault, decodeFault],
  state: [encodeState, decodeState],
  log: [encodeLog, decodeLog],
  command: [encodeCommand, decodeCommand],
  reply: [encodeReply, decodeReply],
};

function withoutDefaults({ historical, ...telemetry }: { historical: boolean }): object {
  return historical ? { historical, ...telemetry } : telemetry;
}

interface Block {
  readonly kind: string;
  readonly lines: readonly string[];
}

const blocks: Block[] = [...document.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind = "", text = ""]) => ({
  kind,
  lines: text.trimEnd().split("\n"),
}));
const examples = blocks.filter(({ kind }) => kind !== "cddl");
const cddl = blocks
  .filter(({ kind }) => kind === "cddl")
  .flatMap(({ lines }) => lines.map((line) => line.replace(/;.*$/, "")));

test.each(examples.map(({ kind, lines }) => [kind, ...lines] as const))(
  "the example of %s %s has these bytes and this notation",
  (kind, value = "", form = "", notation = "") => {
    const [encodeIt, decodeIt] = codecs[kind] as (typeof codecs)[string];
    expect(toHex(encodeIt(JSON.parse(value) as never))).toBe(form);
    expect(decodeIt(hex(form))).toEqual(JSON.parse(value));
    expect(diagnose(hex(form))).toBe(notation);
  },
);

test("every payload has an example", () => {
  expect([...new Set(examples.map(({ kind }) => kind))].sort()).toEqual(Object.keys(codecs).sort());
});

/** Rows of all tables whose first cell is code, as cells without marks. */
const rows = [...document.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, first = "", rest = ""]) => [
  first,
  ...rest.split("|").map((cell) => cell.trim()),
]);

test("the table of topics says what the code does", () => {
  const listed = rows.filter(([kind = ""]) => (topicKinds as readonly string[]).includes(kind));
  expect(listed.map(([kind, , qos, retained]) => [kind, qos, retained])).toEqual(
    topicKinds.map((kind) => [kind, `${deliveryRules[kind].qos}`, deliveryRules[kind].retain ? "yes" : "no"]),
  );
});

test("the table of limits has every limit of the code with its value", () => {
  const inCode = Object.entries(limits).flatMap(([key, value]) =>
    typeof value === "number"
      ? [[key, `${value}`]]
      : Object.entries(value).map(([part, bound]) => [`${key}.${part}`, `${bound}`]),
  );
  const listed = rows
    .filter(([key = ""]) => inCode.some(([known]) => known === key))
    .map(([key, value]) => [key, value]);
  // The length of names stands with the topics.
  const unlisted = inCode.filter(([key]) => key !== "nameLengthMaximum");
  expect([...listed].sort()).toEqual([...unlisted].sort());
  expect(document).toContain(`1 to ${limits.nameLengthMaximum} of \`a-z\``);
});

/** Field names that a rule of the CDDL has, at any depth. */
function fieldsOfRule(rule: string): string[] {
  const text = cddl.join("\n");
  const start = text.indexOf(`\n${rule} = `);
  const end = text.slice(start + 1).search(/\n[a-z-]+ = /);
  const body = text.slice(start + 1, end < 0 ? undefined : start + 1 + end);
  return [...new Set([...body.matchAll(/(\w+): /g)].map(([, field = ""]) => field))].sort();
}

function fieldsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(fieldsOf);
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner];
}

test.each(["birth", "death", "event", "fault", "state", "log", "command", "reply"])(
  "the CDDL of %s names the fields of its examples and no others",
  (rule) => {
    const values = examples
      .filter(({ kind }) => kind === rule)
      .map(({ lines: [value = ""] }) => JSON.parse(value) as { argument?: unknown });
    for (const value of values) if (rule === "command") value.argument = null; // its inside is the operation's
    expect(fieldsOfRule(rule)).toEqual([...new Set(values.flatMap(fieldsOf))].sort());
  },
);
