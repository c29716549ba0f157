// The page: listens to the broker, keeps the fleet, and draws what changed a few times a second.

import "dashboard/page/base.css";
import "uplot/dist/uPlot.min.css";
import "dashboard/page/fleet.css";
import "dashboard/page/node.css";
import { AlarmPanel } from "dashboard/page/alarms";
import { Commands } from "dashboard/page/commands";
import { byId } from "dashboard/page/dom";
import { FleetTable } from "dashboard/page/fleet-table";
import { Frames } from "dashboard/page/frames";
import { maxNodes } from "dashboard/page/limits";
import { Link } from "dashboard/page/link";
import { filters, readMessage } from "dashboard/page/messages";
import { Fleet } from "dashboard/page/model";
import { NodeView } from "dashboard/page/node-view";
import { Problems } from "dashboard/page/problems";
import { routeOf } from "dashboard/page/route";
import type { FaultKind } from "dashboard/page/services";
import { loadSettings, unknownSettings } from "dashboard/page/settings";
import { SummaryLine } from "dashboard/page/summary";
import { watchTheme } from "dashboard/page/theme";
import type { PlainValue } from "wire/plain";

/** A fault of the page itself must be seen: values that no longer change look exactly like a calm grid. */
function confess(error: unknown): void {
  byId("broken-why").textContent = String(error);
  byId("broken").hidden = false;
}

window.addEventListener("error", ({ error }) => confess(error));
window.addEventListener("unhandledrejection", ({ reason }) => confess(reason));

/** A clock that never goes back, near UTC. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

const problems = new Problems();
const frames = new Frames(draw);
const theme = watchTheme(() => frames.request());
const settings = await loadSettings().catch((error: unknown) => {
  problems.add("settings", String(error));
  return unknownSettings;
});
const fleet = new Fleet(settings.nodes);
const summary = new SummaryLine();
const table = new FleetTable(fleet, () => frames.request());
const alarms = new AlarmPanel();
const link = new Link(new URL("mqtt", location.href.replace(/^http/, "ws")).href, filters, {
  received(topic, payload, isRetained) {
    const message = readMessage(topic, payload, isRetained);
    if (message.kind === "misunderstood") problems.add(message.what, `${topic}: ${message.found}`);
    else if (!fleet.apply(message, now())) problems.add(`Cannot show more than ${maxNodes} nodes`, topic);
    else if (message.kind === "reply") commands.receive(message.node, message.reply);
  },
  changed: () => frames.request(),
  failed: (what) => problems.add(what, "this page"),
});
const commands = new Commands((topic, payload) => link.publish(topic, payload));
let nodeView: NodeView | null = null;

function draw(): void {
  const nowMillis = now();
  summary.draw(fleet.summary(nowMillis), link.state, settings, nowMillis);
  byId("outage").hidden = link.state === "connected";
  if (nodeView === null) {
    table.draw(nowMillis, theme());
    alarms.draw(fleet.incidents, fleet.notices, nowMillis);
  } else nodeView.draw(fleet.nodes.get(nodeView.name), nowMillis, theme());
  problems.draw();
}

function openRoute(): void {
  const route = routeOf(location.hash);
  nodeView?.destroy();
  nodeView = route === null ? null : new NodeView(route.node, (service, kind) => void injectFault(service, kind));
  byId("fleet-view").hidden = route !== null;
  byId("node-view").hidden = route === null;
  document.title = route === null ? "LughOS fleet" : `${route.node} · LughOS`;
  frames.request();
}

/** Tells in the node's view how it ended; the view may be another by then, and is asked. */
async function injectFault(service: string, kind: FaultKind): Promise<void> {
  const view = nodeView;
  if (view === null) return;
  const startMillis = now();
  const title = `${kind} into ${service}`;
  try {
    const reply = await commands.send(view.name, "fault", { service, kind });
    const took = `${Math.round(now() - startMillis)} ms`;
    if (reply.ok) view.answer(`✓ ${title}: done (${took})${resultText(reply.result)}`, true);
    else view.answer(`✕ ${title}: refused (${reply.code}) ${reply.message}`, false);
  } catch (error) {
    view.answer(`✕ ${title}: ${error instanceof Error ? error.message : String(error)}`, false);
  }
}

/** What a command brought, in words; most bring nothing. */
function resultText(result: PlainValue): string {
  return result === null ? "" : ` ${JSON.stringify(result)}`;
}

byId("versions").textContent = Object.entries(settings.versions)
  .map(([name, version]) => `${name} ${version}`)
  .join(" · ");
window.addEventListener("hashchange", () => {
  openRoute();
  byId("content").focus();
});
openRoute();
frames.start();
