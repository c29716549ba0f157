// One row of the fleet table. Rows are reused for other nodes as the table scrolls, so a row remembers nothing of its
// node but what it has drawn.

import { type Column, columns } from "dashboard/page/columns";
import { Cell, element } from "dashboard/page/dom";
import { highHertz, highVoltageShare, lowHertz, lowVoltageShare, sparkSeconds } from "dashboard/page/limits";
import { isCurrent, type NodeRecord, presentSeconds } from "dashboard/page/node-record";
import { linkTo } from "dashboard/page/route";
import type { Quantity } from "dashboard/page/series";
import { type Range, Sparkline } from "dashboard/page/sparkline";
import type { Theme } from "dashboard/page/theme";

const sparkWidthPixels = 72;
const sparkHeightPixels = 22;

export class Row {
  readonly root = element("tr");
  readonly #link = element("a");
  readonly #cells: readonly { column: Column; cell: Cell; spark: Sparkline | null }[];
  #node: NodeRecord | null = null;
  #currency = "";
  #drawnSparks = "";

  constructor() {
    this.#cells = columns.map((column) => this.#cell(column));
  }

  get node(): NodeRecord | null {
    return this.#node;
  }

  draw(node: NodeRecord, index: number, nowMillis: number, theme: Theme): void {
    if (node !== this.#node) this.#take(node);
    const currency = String(isCurrent(node, nowMillis));
    if (currency !== this.#currency) {
      this.root.dataset.current = currency;
      this.#currency = currency;
    }
    const position = String(index + 2); // The heading is row 1.
    if (this.root.ariaRowIndex !== position) this.root.ariaRowIndex = position;
    for (const { column, cell, spark } of this.#cells) {
      if (spark !== null) continue;
      const shown = column.show(node, nowMillis);
      cell.set(shown.text, shown.tone, shown.unit);
    }
    this.#drawSparks(node, currency, nowMillis, theme);
  }

  /** Lines move once a second, or when the colours change. */
  #drawSparks(node: NodeRecord, currency: string, nowMillis: number, theme: Theme): void {
    const untilSeconds = Math.ceil(presentSeconds(node, nowMillis));
    const drawing = `${untilSeconds} ${currency} ${theme.version}`;
    if (drawing === this.#drawnSparks) return;
    this.#drawnSparks = drawing;
    for (const { column, spark } of this.#cells) {
      if (spark === null || column.spark === undefined) continue;
      spark.draw(node.series, {
        quantity: column.spark,
        untilSeconds,
        spanSeconds: sparkSeconds,
        normal: normalRange(node, column.spark),
        colour: currency === "true" ? theme.colours[column.spark] : theme.colours.faint,
      });
    }
  }

  #take(node: NodeRecord): void {
    this.#node = node;
    this.#drawnSparks = "";
    this.#link.href = linkTo(node.name);
  }

  #cell(column: Column): { column: Column; cell: Cell; spark: Sparkline | null } {
    const isName = column.key === "name";
    const box = isName ? element("th", { scope: "row" }) : element("td");
    box.className = `${column.align} column-${column.key}`;
    this.root.append(box);
    if (isName) box.append(this.#link);
    if (column.spark === undefined)
      return { column, cell: new Cell(isName ? this.#link : box, isName ? "plain" : "with-unit"), spark: null };
    const spark = new Sparkline(sparkWidthPixels, sparkHeightPixels);
    box.append(spark.root);
    return { column, cell: new Cell(box), spark };
  }
}

function normalRange(node: NodeRecord, quantity: Quantity): Range | null {
  if (quantity === "f") return { low: lowHertz, high: highHertz };
  const declared = node.birth?.declaredVolts;
  return declared === undefined ? null : { low: declared * lowVoltageShare, high: declared * highVoltageShare };
}
