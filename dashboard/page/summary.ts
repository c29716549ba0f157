// The line at the top: the fleet in ten numbers, the broker link, the record's time, and the warning that must not be missed.

import { byId, Cell } from "dashboard/page/dom";
import { clockTime, count, rate, unknown } from "dashboard/page/format";
import type { LinkState } from "dashboard/page/link";
import type { Summary } from "dashboard/page/model";
import type { PageSettings } from "dashboard/settings";

const linkSigns: Readonly<Record<LinkState, string>> = {
  connected: "● connected",
  connecting: "◐ connecting",
  disconnected: "✕ disconnected",
};

const linkTones: Readonly<Record<LinkState, string>> = {
  connected: "alive",
  connecting: "stale",
  disconnected: "dead",
};

export class SummaryLine {
  readonly #alive = new Cell(byId("count-alive"));
  readonly #stale = new Cell(byId("count-stale"));
  readonly #dead = new Cell(byId("count-dead"));
  readonly #never = new Cell(byId("count-unknown"));
  readonly #events = new Cell(byId("count-events"));
  readonly #ongoing = new Cell(byId("count-ongoing"));
  readonly #rate = new Cell(byId("message-rate"));
  readonly #link = new Cell(byId("link-state"));
  readonly #clock = new Cell(byId("clock"));
  readonly #record = new Cell(byId("record-time"));

  draw(summary: Summary, link: LinkState, settings: PageSettings, nowMillis: number): void {
    const { counts } = summary;
    this.#alive.set(`${count(counts.alive)} / ${count(summary.nodes)}`, counts.alive === summary.nodes ? "alive" : "");
    this.#stale.set(count(counts.stale), counts.stale > 0 ? "stale" : "");
    this.#dead.set(count(counts.dead), counts.dead > 0 ? "dead" : "");
    this.#never.set(count(counts.unknown), counts.unknown > 0 ? "stale" : "");
    this.#events.set(count(summary.eventsLastMinute), summary.eventsLastMinute > 0 ? "warn" : "");
    this.#ongoing.set(count(summary.ongoingEvents), summary.ongoingEvents > 0 ? "bad" : "");
    this.#rate.set(rate(summary.messagesPerSecond));
    this.#link.set(linkSigns[link], linkTones[link]);
    this.#clock.set(clockTime(nowMillis * 1_000));
    this.#record.set(recordTime(summary.worldTime));
    byId("insecure").hidden = !(settings.insecureCommands || summary.isInsecure);
  }
}

/** "2025-04-28T12:33:20+02:00" as "2025-04-28 12:33:20 +02:00"; it came from the network and may be any text. */
function recordTime(text: string | null): string {
  if (text === null) return unknown;
  return text
    .slice(0, 40)
    .replace("T", " ")
    .replace(/([+-]\d\d:\d\d)( lap \d+)?$/, " $1$2");
}
