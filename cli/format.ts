// `lugh format`: erases the storage of a node, for one that cannot be read. What lies there can be kept before.

import { existsSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import type { Command, Invocation } from "cli/command";
import { Failure } from "cli/failure";
import type { Output } from "cli/output";
import { type Ask, openConversation, readNodeName } from "cli/request";
import { Fields } from "wire/shape";
import { formatNodeName } from "wire/topics";

/** A hundred sectors, each erased at its worst, and what is written then. */
const patienceMillis = 60_000;

/** Of 4 KB: no flash of a node is larger. */
const piecesMaximum = 16_384;

export const format: Command = {
  name: "format",
  summary: "erase the storage of a node in safe mode, after keeping what lies there",
  arguments: ["NODE"],
  options: {
    keep: { summary: "write what lies on the flash to this file before: it may be evidence", value: "FILE" },
    yes: { summary: "do not ask" },
    broker: brokerOption,
  },
  explanation: [
    "A node whose storage cannot be read comes up in safe mode and changes nothing there. This erases it: settings, journal, and",
    "readings that wait to be sent are gone for good. The new journal begins with a record of it. Afterwards, lugh reboot NODE.",
    "Only nodes of a simulator that was started with --insecure-commands do it; those of npm start are.",
    "",
    "Example: lugh format toledo/node-1 --keep node-1.flash",
  ].join("\n"),
  async run(invocation, output) {
    const [text = ""] = invocation.positionals;
    const name = readNodeName(text);
    const node = formatNodeName(name);
    const file = invocation.text("keep");
    if (file !== undefined && existsSync(file))
      throw new Failure("usage", `Cannot keep the flash in ${file}: there is such a file already`);
    await beSure(node, invocation);
    await withBroker(chooseBroker(invocation.text("broker")), async (link) => {
      const ask = await openConversation(link, name, patienceMillis);
      const keptBytes = await keep(ask, file, output);
      const was = new Fields(await ask("format"), "result").text("was", 64);
      if (output.isJson) output.json({ node, was, keptBytes });
      else output.line(`${node}: storage, which was ${was}, is new; lugh reboot ${node} brings the node back`);
    });
  },
};

async function beSure(node: string, invocation: Invocation): Promise<void> {
  if (invocation.isSet("yes")) return;
  const cure = "say --yes to erase it without being asked";
  if (process.stdin.isTTY !== true) throw new Failure("usage", `Cannot format ${node}: nobody can be asked; ${cure}`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Erase all that ${node} keeps? Type the node's name: `);
  terminal.close();
  if (answer.trim() !== node)
    throw new Failure("usage", `Cannot format ${node}: wanted its name, found "${answer.trim()}"`);
}

/** How many bytes were kept; null: nobody wanted it. */
async function keep(ask: Ask, file: string | undefined, output: Output): Promise<number | null> {
  if (file === undefined) return null;
  const pieces: Uint8Array[] = [];
  let address: number | null = 0;
  while (address !== null && pieces.length < piecesMaximum) {
    const fields: Fields = new Fields(await ask("image", { address }), "result");
    pieces.push(fields.bytes("bytes"));
    address = fields.countOrNull("next");
  }
  if (address !== null) throw new Failure("failed", `Cannot keep the flash: wanted its end before ${address}`);
  const bytes = Buffer.concat(pieces);
  writeFileSync(file, bytes);
  output.progress(`${bytes.length} bytes of the flash are in ${file}`);
  return bytes.length;
}
