// What a node said about itself when it was born, and what is known about its clock and its connection.

import { Cell, element } from "dashboard/page/dom";
import { count, dateTime, micros, rate, unknown, volts } from "dashboard/page/format";
import { type NodeRecord, statusOf } from "dashboard/page/node-record";
import { showUptime } from "dashboard/page/shown";
import type { Birth } from "wire/birth";

interface Fact {
  readonly title: string;
  show(node: NodeRecord, nowMillis: number): string;
}

const facts: readonly Fact[] = [
  { title: "Session", show: ({ birth }) => (birth === null ? unknown : String(birth.session)) },
  { title: "Announced", show: ({ birth }) => (birth === null ? unknown : dateTime(birth.timeMicros)) },
  {
    title: "Uptime",
    show: (node, nowMillis) => (statusOf(node, nowMillis) === "alive" ? showUptime(node, nowMillis) : unknown),
  },
  { title: "Model", show: ({ birth }) => birth?.model ?? unknown },
  { title: "Firmware", show: ({ birth }) => birth?.firmware ?? unknown },
  { title: "Engine", show: ({ birth }) => birth?.engine ?? unknown },
  { title: "Scheduler", show: ({ report }) => report?.scheduler ?? unknown },
  { title: "Declared voltage", show: showDeclared },
  {
    title: "Metrics",
    show: ({ birth }) =>
      birth?.metrics.map(({ name, unit }) => (unit === "" ? name : `${name} (${unit})`)).join(", ") ?? unknown,
  },
  {
    title: "Commands",
    show: ({ birth }) =>
      birth?.insecureCommands ? "INSECURE: anyone may change it" : "only those that change nothing",
  },
  {
    title: "Mode",
    show: ({ birth }) => (birth?.isSafeMode === true ? showSafeMode(birth) : "normal"),
  },
  { title: "Last reading", show: ({ reading }) => (reading === null ? unknown : dateTime(reading.timeMicros)) },
  { title: "Clock within", show: showTimeQuality },
  { title: "Sequence", show: ({ reading }) => (reading === null ? unknown : count(reading.sequence)) },
  { title: "Storage", show: showStorage },
  { title: "Flash lasts", show: showLifetime },
  { title: "Waiting in storage", show: ({ report }) => (report === null ? unknown : count(report.outbox.stored)) },
  { title: "Given up", show: ({ report }) => (report === null ? unknown : count(report.outbox.dropped)) },
  { title: "Journal", show: showJournal },
  { title: "Messages a second", show: (node, nowMillis) => rate(node.messages.perSecond(nowMillis)) },
];

export class FactsTable {
  readonly root = element("table", { class: "facts" });
  readonly #cells: readonly Cell[];

  constructor() {
    const body = element("tbody");
    this.#cells = facts.map(({ title }) => {
      const box = element("td");
      body.append(element("tr", {}, element("th", { scope: "row" }, title), box));
      return new Cell(box);
    });
    this.root.append(element("caption", { class: "visually-hidden" }, "Facts about the node"), body);
  }

  draw(node: NodeRecord, nowMillis: number): void {
    for (const [index, fact] of facts.entries()) this.#cells[index]?.set(fact.show(node, nowMillis));
  }
}

function showDeclared({ birth }: NodeRecord): string {
  if (birth === null) return unknown;
  const { text, unit } = volts(birth.declaredVolts);
  return text + unit;
}

function showTimeQuality({ reading }: NodeRecord): string {
  if (reading === null) return unknown;
  return reading.timeQualityMicros === null ? "unknown: the clock was never set" : micros(reading.timeQualityMicros);
}

function showSafeMode({ safeModeReason = "" }: Birth): string {
  const why = safeModeReason === "" ? "" : ` (${safeModeReason})`;
  return `SAFE${why}: only what reaches it and mends it runs; lugh reboot ends it`;
}

function showStorage({ report }: NodeRecord): string {
  if (report?.storage == null) return unknown;
  const { state: word, reason } = report.storage;
  return reason === "" ? word : `${word}: ${reason}`;
}

/** At the rate at which its sectors really were erased. */
function showLifetime({ report }: NodeRecord): string {
  const years = report?.storage?.flashLifetimeYears ?? null;
  return years === null ? unknown : `${count(Math.floor(years))} years at this rate`;
}

/** The head is what an auditor writes down: its beginning tells two apart. */
function showJournal({ report }: NodeRecord): string {
  if (report?.journal == null) return unknown;
  return `${count(report.journal.records)} records, head ${report.journal.head.slice(0, 12)}…`;
}
