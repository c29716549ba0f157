// The four numbers of a node, large. Under each stands what it means: its share of the declared voltage, its distance from
// the nominal frequency, or, when it is not current, its age.

import { Cell, element } from "dashboard/page/dom";
import { volts, wholeDuration } from "dashboard/page/format";
import { nominalHertz } from "dashboard/page/limits";
import { isCurrent, type NodeRecord, readingAgeMillis } from "dashboard/page/node-record";
import { type Quantity, quantities } from "dashboard/page/series";
import { showFrequency, showVoltage } from "dashboard/page/shown";

const titles: Readonly<Record<Quantity, string>> = { u1: "U1", u2: "U2", u3: "U3", f: "Frequency" };

export class Tiles {
  readonly root = element("div", { class: "tiles" });
  readonly #tiles: readonly { quantity: Quantity; value: Cell; meaning: Cell }[];

  constructor() {
    this.#tiles = quantities.map((quantity) => {
      const value = new Cell(element("p", { class: "value" }), "with-unit");
      const meaning = new Cell(element("p", { class: "meaning" }));
      const title = element("h2", {}, titles[quantity]);
      this.root.append(element("section", { class: "panel tile" }, title, value.root, meaning.root));
      return { quantity, value, meaning };
    });
  }

  draw(node: NodeRecord, nowMillis: number): void {
    const ageMillis = readingAgeMillis(node, nowMillis);
    const hasCurrent = isCurrent(node, nowMillis);
    for (const { quantity, value, meaning } of this.#tiles) {
      const shown = quantity === "f" ? showFrequency(node) : showVoltage(node, quantity);
      value.set(shown.text, hasCurrent ? shown.tone : "", shown.unit);
      if (hasCurrent) meaning.set(meaningOf(node, quantity));
      else meaning.set(ageMillis === null ? "no reading yet" : `not current: ${wholeDuration(ageMillis)} old`);
    }
  }
}

function meaningOf(node: NodeRecord, quantity: Quantity): string {
  const value = node.reading?.[quantity] ?? null;
  if (value === null) return "could not be measured";
  if (quantity === "f") {
    const millihertz = Math.round((value - nominalHertz) * 1_000);
    return `${millihertz < 0 ? "−" : "+"}${Math.abs(millihertz)} mHz from ${nominalHertz} Hz`;
  }
  const declared = node.birth?.declaredVolts;
  if (declared === undefined) return "";
  const { text, unit } = volts(declared);
  return `${((value / declared) * 100).toFixed(1)} % of ${text}${unit} declared`;
}
