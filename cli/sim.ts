// `lugh sim`: a fleet of whole nodes on this machine, with the world and the broker of one's choice.

import { brokerOption, parseBroker } from "cli/broker-address";
import type { Command } from "cli/command";
import { Failure } from "cli/failure";
import { isName } from "wire/topics";

/** A thousand nodes at one reading a second is what one worker is meant for. */
const nodesMaximum = 1000;
const portMaximum = 65_535;

export const sim: Command = {
  name: "sim",
  summary: "simulate a fleet of nodes on this machine",
  arguments: [],
  options: {
    nodes: { summary: "how many nodes (default 24)", value: "NUMBER" },
    site: { summary: "name of their site (default toledo)", value: "NAME" },
    world: {
      summary: "the grid: blackout (default), steady, feeder, comtrade:FILE or csv:FILE",
      value: "WORLD",
    },
    at: { summary: "time of day at which the world begins (blackout: 12:32:00)", value: "HH:MM[:SS]" },
    channels: { summary: "analog channels of comtrade:FILE, lines 1 to 3 (default: its first)", value: "UA,UB,UC" },
    broker: { ...brokerOption, summary: "use this broker (default: one of its own)" },
    mqtt: { summary: "port of its own broker (default 1883; 0 takes any free one)", value: "PORT" },
    http: { summary: "serve the dashboard on this port (default: no dashboard)", value: "PORT" },
    storage: { summary: "keep the nodes' flash as files here, and go on with it next time", value: "FOLDER" },
    "insecure-commands": { summary: "let anyone who reaches the broker fault services of these nodes" },
  },
  explanation: "The nodes run the real kernel and services on the real engine, on wall time, until Ctrl-C.",
  async run(invocation, output) {
    const broker = invocation.text("broker");
    if (broker !== undefined && invocation.text("mqtt") !== undefined)
      throw new Failure("usage", "Cannot run lugh sim: wanted --broker or --mqtt, found both");
    const options = {
      site: readSite(invocation.text("site") ?? "toledo"),
      nodes: invocation.integer("nodes", 1, nodesMaximum) ?? 24,
      world: invocation.text("world") ?? "blackout",
      at: invocation.text("at"),
      channels: invocation.text("channels"),
      broker: broker === undefined ? { port: invocation.integer("mqtt", 0, portMaximum) ?? 1883 } : parseBroker(broker),
      httpPort: invocation.integer("http", 0, portMaximum) ?? null,
      insecureCommands: invocation.isSet("insecure-commands"),
      storage: invocation.text("storage"),
    };
    const { runSimulation } = await import("cli/simulation");
    await runSimulation(options, output).catch(nameOptions);
  },
};

function readSite(text: string): string {
  if (isName(text)) return text;
  throw new Failure("usage", `Cannot read --site: wanted a name of a-z, 0-9 and "-", found "${text}"`);
}

/** A taken port names the variable that moves it under npm start; here it is an option. */
function nameOptions(error: unknown): never {
  if (error instanceof Error)
    error.message = error.message.replace(/LUGH_(MQTT|HTTP)_PORT=/, (_, port: string) => `--${port.toLowerCase()} `);
  throw error;
}
