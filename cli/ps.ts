// `lugh ps`: which nodes there are, and what runs on one.

import { brokerOption, chooseBroker } from "cli/broker-address";
import { withBroker } from "cli/broker-link";
import type { Command } from "cli/command";
import { listenToFleet, type NodeView, statusOf } from "cli/fleet-view";
import type { Output } from "cli/output";
import { readNodeName, request } from "cli/request";
import { printServices } from "cli/service-table";
import { type Column, printTable } from "cli/table";
import { formatDuration } from "cli/units";
import type { NodeState } from "wire/state";
import { formatNodeName } from "wire/topics";

export const ps: Command = {
  name: "ps",
  summary: "list the nodes of a broker, or the services of one node",
  arguments: ["[NODE]"],
  options: { broker: brokerOption },
  explanation: [
    "Without NODE it listens for two seconds and shows every node that announced itself: alive, stale (silent) or dead,",
    "and the state that it published last. With NODE, such as toledo/node-1, it asks that node for its services.",
  ].join("\n"),
  async run(invocation, output) {
    const address = chooseBroker(invocation.text("broker"));
    const [text] = invocation.positionals;
    const name = text === undefined ? undefined : readNodeName(text);
    await withBroker(address, async (link) => {
      if (name === undefined) printFleet((await listenToFleet(link)).nodes, output);
      else printServices(formatNodeName(name), await request(link, name, "ps"), output);
    });
  },
};

function printFleet(nodes: readonly NodeView[], output: Output): void {
  if (output.isJson) output.json({ nodes: nodes.map(describeNode) });
  else if (nodes.length === 0) output.progress("No node announced itself to this broker; npm start brings up a fleet.");
  else printTable(fleetColumns(output), nodes, output);
}

function describeNode(view: NodeView): object {
  const { name, birth, state, liveness } = view;
  return { node: name, status: statusOf(view), session: liveness.session < 0 ? null : liveness.session, birth, state };
}

function fleetColumns({ paint }: Output): readonly Column<NodeView>[] {
  const restarts = ({ state }: NodeView): number =>
    state?.services.reduce((sum, service) => sum + service.restarts, 0) ?? 0;
  return [
    { title: "NODE", cell: ({ name }) => name },
    {
      title: "STATUS",
      cell: statusOf,
      paint: (view, text) => paint(statusOf(view) === "alive" ? "green" : "red", text),
    },
    {
      title: "SESSION",
      cell: ({ liveness }) => (liveness.session < 0 ? "-" : String(liveness.session)),
      isNumber: true,
    },
    { title: "FIRMWARE", cell: ({ birth }) => birth?.firmware ?? "-" },
    { title: "SERVICES", cell: countServices, isNumber: true },
    {
      title: "MODE",
      cell: ({ birth }) => (birth === null ? "-" : birth.isSafeMode === true ? "safe" : "normal"),
      paint: ({ birth }, text) => (birth?.isSafeMode === true ? paint("red", text) : text),
    },
    {
      title: "RESTARTS",
      cell: (view) => (view.state === null ? "-" : String(restarts(view))),
      isNumber: true,
      paint: (view, text) => (restarts(view) > 0 ? paint("yellow", text) : text),
    },
    {
      title: "FLASH",
      cell: formatFlash,
      isNumber: true,
      paint: (view, text) => (view.state?.storage?.state === "ready" ? text : paint("yellow", text)),
    },
    { title: "UPTIME", cell: formatUptime, isNumber: true },
    {
      title: "TOLD",
      cell: ({ state }) => (state === null ? "-" : `${formatDuration(ageMicros(state))} ago`),
      isNumber: true,
    },
  ];
}

function ageMicros({ timeMicros }: NodeState): number {
  return Math.max(0, Date.now() * 1000 - timeMicros);
}

/** A node that is heard has been up since it told of it too; of another one nobody knows. */
function formatUptime(view: NodeView): string {
  const { state } = view;
  if (state === null) return "-";
  return formatDuration(state.uptimeMicros + (statusOf(view) === "alive" ? ageMicros(state) : 0));
}

/** "9", or "8/9" while one is dead. */
function countServices({ birth, state }: NodeView): string {
  if (state === null) return birth === null ? "-" : String(birth.services.length);
  const running = state.services.filter((service) => service.state === "running").length;
  return running === state.services.length ? String(running) : `${running}/${state.services.length}`;
}

/** How long it will last; or what is wrong with it. Of one that has been written little nobody can say. */
function formatFlash({ state }: NodeView): string {
  if (state?.storage == null) return "-";
  const { state: word, flashLifetimeYears } = state.storage;
  if (word !== "ready") return word;
  return flashLifetimeYears === null ? "-" : `${Math.floor(flashLifetimeYears)} y`;
}
