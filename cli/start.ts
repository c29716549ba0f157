// `lugh start`, which is what `npm start` runs: broker, fleet and dashboard with everything at its default.
// Its settings come from the environment, as npm passes no options on.

import { type Command, readInteger } from "cli/command";

const portMaximum = 65_535;
const nodesMaximum = 1000;

export const start: Command = {
  name: "start",
  summary: "start a broker, a fleet of 24 nodes and the dashboard (npm start)",
  arguments: [],
  options: {},
  explanation: [
    "The fleet follows the collapse of the Iberian grid on 28 April 2025. Until signed commands exist, its nodes take",
    "commands from anyone who reaches the broker, which listens on this machine only.",
    "",
    "Environment:",
    "  LUGH_HTTP_PORT  port of the dashboard and of health (default 8080)",
    "  LUGH_MQTT_PORT  port of the broker (default 1883)",
    "  LUGH_NODES      how many nodes (default 24)",
    "  LUGH_STORAGE    folder that keeps the nodes' flash as files, to go on with it next time (default: none)",
  ].join("\n"),
  async run(_invocation, output) {
    const setting = (name: string, otherwise: number, minimum: number, maximum: number): number => {
      const text = process.env[name];
      return text === undefined || text === "" ? otherwise : readInteger(name, text, minimum, maximum);
    };
    const options = {
      site: "toledo",
      nodes: setting("LUGH_NODES", 24, 1, nodesMaximum),
      world: "blackout",
      at: undefined,
      broker: { port: setting("LUGH_MQTT_PORT", 1883, 0, portMaximum) },
      httpPort: setting("LUGH_HTTP_PORT", 8080, 0, portMaximum),
      insecureCommands: true,
      storage: process.env.LUGH_STORAGE || undefined,
    };
    const { runSimulation } = await import("cli/simulation");
    await runSimulation(options, output);
  },
};
