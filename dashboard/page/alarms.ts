// The side panel: incidents first, loud; then births, deaths and restarts, quiet. Both lists are bounded, and an entry is
// drawn again only when it changed.

import { arrange, byId, Cell, element } from "dashboard/page/dom";
import { clockTime, clockTimeMillis, count, duration, eventNames, eventSigns, quantity } from "dashboard/page/format";
import type { EventRecord, Incident, Incidents } from "dashboard/page/incidents";
import { maxListed } from "dashboard/page/limits";
import type { Notice } from "dashboard/page/model";
import { linkTo } from "dashboard/page/route";

/** Entries drawn of each list: more than a screen and less than a thousand elements. */
const maxIncidentsDrawn = 60;
const maxNoticesDrawn = 60;

/** Between two announcements: a collapse brings hundreds in a second, and a voice that reads them all tells nothing. */
const announceMillis = 5_000;

export class AlarmPanel {
  readonly #list = byId("incidents");
  readonly #noticeList = byId("notices");
  readonly #none = byId("no-incidents");
  #entries = new Map<number, IncidentEntry>();
  #noticeEntries = new Map<number, HTMLElement>();
  #announcedKey = 0;
  #announcedMillis = Number.NEGATIVE_INFINITY;

  draw(incidents: Incidents, notices: readonly Notice[], nowMillis: number): void {
    const shown = incidents.list.slice(0, maxIncidentsDrawn);
    this.#none.hidden = shown.length > 0;
    const entries = new Map(
      shown.map((incident) => [incident.key, this.#entries.get(incident.key) ?? new IncidentEntry(incident)]),
    );
    for (const entry of entries.values()) entry.draw();
    arrange(
      this.#list,
      [...entries.values()].map((entry) => entry.root),
    );
    this.#entries = entries;
    this.#drawNotices(notices.slice(0, maxNoticesDrawn));
    this.#announceNewest(shown, nowMillis);
  }

  #drawNotices(notices: readonly Notice[]): void {
    byId("no-notices").hidden = notices.length > 0;
    const entries = new Map(
      notices.map((notice) => [notice.key, this.#noticeEntries.get(notice.key) ?? noticeEntry(notice)]),
    );
    arrange(this.#noticeList, [...entries.values()]);
    this.#noticeEntries = entries;
  }

  /** For readers of the screen; politely, so it waits until they have finished. */
  #announceNewest(incidents: readonly Incident[], nowMillis: number): void {
    if (nowMillis - this.#announcedMillis < announceMillis) return;
    const newest = incidents.reduce<Incident | null>((best, each) => (each.key > (best?.key ?? 0) ? each : best), null);
    if (newest === null || newest.key <= this.#announcedKey) return;
    byId("announcement").textContent = `${eventNames[newest.kind]}, ${nodesText(nodesOf(newest))}`;
    this.#announcedKey = newest.key;
    this.#announcedMillis = nowMillis;
  }
}

class IncidentEntry {
  readonly root: HTMLElement;
  readonly #incident: Incident;
  readonly #details = element("details");
  readonly #nodes = new Cell(element("span", { class: "incident-nodes" }));
  readonly #time = new Cell(element("time"));
  readonly #extreme = new Cell(element("span", { class: "incident-extreme" }));
  readonly #progress = new Cell(element("span", { class: "incident-progress" }));
  readonly #events = element("ul", { class: "incident-events" });
  #drawnVersion = -1;

  constructor(incident: Incident) {
    this.#incident = incident;
    const sign = element("span", { class: "incident-sign", "aria-hidden": "true" }, eventSigns[incident.kind]);
    const name = element("strong", {}, eventNames[incident.kind]);
    const first = element("span", { class: "incident-line" }, sign, name, this.#nodes.root, this.#time.root);
    const second = element("span", { class: "incident-line" }, this.#extreme.root, this.#progress.root);
    this.#details.append(element("summary", {}, first, second), this.#events);
    this.#details.addEventListener("toggle", () => this.#drawEvents());
    this.root = element("li", { class: "incident", "data-kind": incident.kind }, this.#details);
  }

  draw(): void {
    const incident = this.#incident;
    if (incident.version === this.#drawnVersion) return;
    this.#drawnVersion = incident.version;
    this.#time.set(clockTime(incident.startMicros));
    this.#nodes.set(nodesText(nodesOf(incident)));
    this.#extreme.set(`${extremeWord(incident.kind)} ${quantity(incident.worst, incident.unit)}`);
    const longest = incident.longestMicros > 0 ? `longest ${duration(incident.longestMicros / 1_000)}` : "end not seen";
    this.#progress.set(
      incident.ongoing > 0 ? `● ongoing at ${count(incident.ongoing)}` : longest,
      incident.ongoing > 0 ? "bad" : "",
    );
    this.root.dataset.ongoing = String(incident.ongoing > 0);
    if (this.#details.open) this.#drawEvents();
  }

  #drawEvents(): void {
    const shown = this.#details.open ? [...this.#incident.events].slice(0, maxListed) : [];
    const more = this.#details.open ? this.#incident.events.size - shown.length : 0;
    const items = shown.map((record) =>
      element("li", {}, element("a", { href: linkTo(record.node) }, record.node), ` ${eventText(record)}`),
    );
    if (more > 0) items.push(element("li", {}, `and ${count(more)} more`));
    this.#events.replaceChildren(...items);
  }
}

/** "L1 L2, 12.03 kV, 1.2 s": the rest of the line after the node's name. */
export function eventText(record: EventRecord): string {
  const lines = record.unit === "V" ? `${record.lines.map((line) => `L${line}`).join(" ")}, ` : "";
  const history = record.isHistorical ? ", told later" : "";
  return `${lines}${quantity(record.extreme, record.unit)}, ${progressText(record)}${history}`;
}

export function progressText(record: EventRecord): string {
  if (record.progress === "ongoing") return "ongoing";
  return record.durationMicros === null ? "end not seen" : duration(record.durationMicros / 1_000);
}

/** What the extreme of each kind is called. */
export function extremeWord(kind: EventRecord["kind"]): string {
  if (kind === "swell" || kind === "over-frequency") return "highest";
  return kind === "under-frequency" ? "lowest" : "residual";
}

/** A node may suffer several events of one kind within one incident. */
function nodesOf(incident: Incident): number {
  const names = new Set<string>();
  for (const { node } of incident.events) names.add(node);
  return names.size;
}

function nodesText(nodes: number): string {
  return nodes === 1 ? "1 node" : `${count(nodes)} nodes`;
}

function noticeEntry(notice: Notice): HTMLElement {
  const time = element("time", {}, clockTimeMillis(notice.atMillis * 1_000).slice(0, 8));
  const node = element("a", { href: linkTo(notice.node) }, notice.node);
  return element("li", { class: "notice", "data-tone": notice.tone }, time, " ", node, ` ${notice.text}`);
}
