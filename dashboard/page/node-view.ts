// One node in depth: what it measures, what its services do, what it suffered, what it said about itself.

import { Chart } from "dashboard/page/charts";
import { byId, Cell, element } from "dashboard/page/dom";
import { FactsTable } from "dashboard/page/facts";
import { highHertz, highVoltageShare, lowHertz, lowVoltageShare } from "dashboard/page/limits";
import { EventList, FaultList, LogList } from "dashboard/page/node-lists";
import { isCurrent, type NodeRecord, statusOf } from "dashboard/page/node-record";
import { type InjectFault, ServicesTable } from "dashboard/page/services";
import { showStatus } from "dashboard/page/shown";
import type { Theme } from "dashboard/page/theme";
import { Tiles } from "dashboard/page/tiles";

/** Volts from which the chart counts in kilovolts. */
const kilovoltsFrom = 1_000;

/** Answers of fault injections kept on the screen. */
const maxAnswers = 6;

export class NodeView {
  readonly name: string;
  readonly #root = byId("node-view");
  readonly #status = new Cell(element("span", { class: "node-status" }));
  readonly #tiles = new Tiles();
  readonly #voltageBox = element("section", { class: "panel chart", "aria-label": "Chart of the voltages" });
  readonly #frequencyBox = element("section", { class: "panel chart", "aria-label": "Chart of the frequency" });
  readonly #services: ServicesTable;
  readonly #answers = element("ol", { class: "answers", "aria-live": "polite", hidden: "" });
  readonly #events = new EventList();
  readonly #faults = new FaultList();
  readonly #log = new LogList();
  readonly #facts = new FactsTable();
  #charts: readonly Chart[] = [];

  constructor(name: string, inject: InjectFault) {
    this.name = name;
    this.#services = new ServicesTable(inject);
    const back = element("a", { href: "#/" }, "← Fleet");
    this.#root.replaceChildren(
      element("div", { class: "node-head" }, back, element("h1", {}, name), this.#status.root),
      this.#tiles.root,
      element("div", { class: "charts" }, this.#voltageBox, this.#frequencyBox),
      panel("Services", element("div", { class: "scroll" }, this.#services.root), this.#answers),
      panel("Faults", this.#faults.root),
      element(
        "div",
        { class: "columns" },
        panel("Events", this.#events.root),
        panel("Log", this.#log.root),
        panel("Birth", this.#facts.root),
      ),
    );
  }

  draw(node: NodeRecord | undefined, nowMillis: number, theme: Theme): void {
    if (node === undefined) {
      this.#status.set("○ never seen: no node of this name has announced itself", "unknown");
      return;
    }
    this.#root.dataset.current = String(isCurrent(node, nowMillis));
    const { text, tone } = showStatus(node, nowMillis);
    this.#status.set(text, tone);
    this.#tiles.draw(node, nowMillis);
    this.#drawCharts(node, nowMillis, theme);
    this.#services.draw(node, node.birth?.insecureCommands === true && statusOf(node, nowMillis) !== "dead");
    this.#events.draw(node.events);
    this.#faults.draw(node.faults);
    this.#log.draw(node.log);
    this.#facts.draw(node, nowMillis);
  }

  /** Tells how a command ended; the newest first. */
  answer(text: string, isGood: boolean): void {
    this.#answers.prepend(element("li", { "data-tone": isGood ? "alive" : "bad" }, text));
    while (this.#answers.childElementCount > maxAnswers) this.#answers.lastElementChild?.remove();
    this.#answers.hidden = false;
  }

  destroy(): void {
    for (const chart of this.#charts) chart.destroy();
    this.#root.replaceChildren();
  }

  /** The charts are made when the first reading has come, because then it is known whether they count kilovolts. */
  #drawCharts(node: NodeRecord, nowMillis: number, theme: Theme): void {
    if (node.reading === null) return;
    if (this.#charts.length === 0) {
      this.#charts = [makeVoltageChart(this.#voltageBox, node), makeFrequencyChart(this.#frequencyBox)];
    }
    for (const chart of this.#charts) chart.draw(node, nowMillis, theme);
  }
}

function makeVoltageChart(box: HTMLElement, node: NodeRecord): Chart {
  const declared = node.birth?.declaredVolts ?? Number.NaN;
  const counts = Number.isNaN(declared) ? (node.reading?.u1 ?? 0) : declared;
  const scale = counts >= kilovoltsFrom ? kilovoltsFrom : 1;
  const unit = scale === 1 ? "V" : "kV";
  return new Chart(box, {
    title: `Voltages, ${unit}`,
    unit,
    quantities: ["u1", "u2", "u3"],
    decimals: scale === 1 ? 1 : 3,
    leastSpan: (counts / scale) * 0.02,
    limits: [(declared * lowVoltageShare) / scale, (declared * highVoltageShare) / scale],
    scale,
  });
}

function makeFrequencyChart(box: HTMLElement): Chart {
  return new Chart(box, {
    title: "Frequency, Hz",
    unit: "Hz",
    quantities: ["f"],
    decimals: 3,
    leastSpan: 0.05,
    limits: [lowHertz, highHertz],
    scale: 1,
  });
}

function panel(title: string, ...children: readonly HTMLElement[]): HTMLElement {
  const bar = element("div", { class: "bar" }, element("h2", {}, title));
  return element("section", { class: "panel", "aria-label": title }, bar, ...children);
}
