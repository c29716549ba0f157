// The fleet as a live table. Only the rows in sight exist, between two spacers, so the cost of a frame does not grow with
// the fleet; aria-rowcount and aria-rowindex tell readers of the screen the truth.

import { type Column, columns } from "dashboard/page/columns";
import { arrange, byId, element } from "dashboard/page/dom";
import { orderMillis } from "dashboard/page/limits";
import type { Fleet } from "dashboard/page/model";
import { type NodeRecord, statusOf } from "dashboard/page/node-record";
import { Row } from "dashboard/page/row";
import type { Theme } from "dashboard/page/theme";

/** The style sheet gives rows this height. */
const rowPixels = 32;

/** Rows drawn beyond each edge, so that scrolling does not show empty ones. */
const overscanRows = 6;

export class FleetTable {
  readonly #fleet: Fleet;
  readonly #pane = byId("table-pane");
  readonly #table = element("table", { class: "fleet" });
  readonly #body = element("tbody");
  readonly #above = spacer();
  readonly #below = spacer();
  readonly #empty = byId("empty");
  readonly #headings = new Map<string, HTMLElement>();
  readonly #spareRows: Row[] = [];
  #rows = new Map<NodeRecord, Row>();
  #order: readonly NodeRecord[] = [];
  #orderedMillis = Number.NEGATIVE_INFINITY;
  #sort = { key: "name", isDescending: false };
  #text = "";
  #states = "all";

  constructor(fleet: Fleet, changed: () => void) {
    this.#fleet = fleet;
    const caption = element(
      "caption",
      { class: "visually-hidden" },
      "Nodes of the fleet with their state and last readings",
    );
    this.#table.append(caption, this.#columnGroup(), this.#head(changed), this.#body);
    this.#pane.append(this.#table);
    this.#pane.tabIndex = 0; // What scrolls must be reachable by keyboard.
    this.#pane.addEventListener("scroll", changed, { passive: true });
    this.#watchFilters(changed);
  }

  draw(nowMillis: number, theme: Theme): void {
    const top = this.#pane.scrollTop;
    const height = this.#pane.clientHeight;
    // While the keyboard is in a row the order holds, so that the focus stays where its reader put it.
    const mayOrder = !this.#body.contains(document.activeElement);
    if (nowMillis - this.#orderedMillis >= orderMillis && (mayOrder || this.#order.length === 0))
      this.#arrangeOrder(nowMillis);
    const first = Math.max(0, Math.min(Math.floor(top / rowPixels) - overscanRows, this.#order.length));
    const last = Math.min(this.#order.length, Math.ceil((top + height) / rowPixels) + overscanRows);
    this.#above.style.height = `${first * rowPixels}px`;
    this.#below.style.height = `${(this.#order.length - last) * rowPixels}px`;
    this.#drawRows(first, last, nowMillis, theme);
  }

  #drawRows(first: number, last: number, nowMillis: number, theme: Theme): void {
    const shown = this.#order.slice(first, last);
    const rows = new Map<NodeRecord, Row>();
    for (const node of shown) {
      const row = this.#rows.get(node);
      if (row === undefined) continue;
      rows.set(node, row);
      this.#rows.delete(node);
    }
    this.#spareRows.push(...this.#rows.values());
    const elements = shown.map((node, index) => {
      const row = rows.get(node) ?? this.#spareRows.pop() ?? new Row();
      rows.set(node, row);
      row.draw(node, first + index, nowMillis, theme);
      return row.root;
    });
    this.#rows = rows;
    arrange(this.#body, [this.#above, ...elements, this.#below]);
  }

  #arrangeOrder(nowMillis: number): void {
    this.#orderedMillis = nowMillis;
    const column = columns.find((candidate) => candidate.key === this.#sort.key);
    if (column === undefined) return;
    const keyed = [...this.#fleet.nodes.values()]
      .filter((node) => this.#isWanted(node, nowMillis))
      .map((node) => ({ node, key: column.sortKey(node, nowMillis) }));
    keyed.sort((one, other) => compare(one.key, other.key) || compare(one.node.sortName, other.node.sortName));
    if (this.#sort.isDescending) keyed.reverse();
    this.#order = keyed.map(({ node }) => node);
    this.#table.ariaRowCount = String(this.#order.length + 1);
    this.#empty.hidden = this.#order.length > 0;
    this.#empty.textContent =
      this.#fleet.nodes.size === 0 ? "No node has announced itself yet." : "No node matches the filter.";
    byId("shown").textContent =
      this.#order.length === this.#fleet.nodes.size ? "" : `${this.#order.length} of ${this.#fleet.nodes.size} shown`;
  }

  #isWanted(node: NodeRecord, nowMillis: number): boolean {
    if (this.#text !== "" && !node.name.toLowerCase().includes(this.#text)) return false;
    if (this.#states === "all") return true;
    if (this.#states === "event") return node.events.some(({ progress }) => progress === "ongoing");
    const status = statusOf(node, nowMillis);
    return this.#states === "trouble" ? status !== "alive" : status === this.#states;
  }

  #watchFilters(changed: () => void): void {
    const filter = byId("filter-text");
    const states = byId("filter-state");
    const reorder = (): void => {
      this.#orderedMillis = Number.NEGATIVE_INFINITY;
      changed();
    };
    filter.addEventListener("input", () => {
      if (filter instanceof HTMLInputElement) this.#text = filter.value.trim().toLowerCase();
      reorder();
    });
    states.addEventListener("change", () => {
      if (states instanceof HTMLSelectElement) this.#states = states.value;
      reorder();
    });
  }

  #columnGroup(): HTMLElement {
    return element("colgroup", {}, ...columns.map((column) => element("col", { class: `column-${column.key}` })));
  }

  #head(changed: () => void): HTMLElement {
    const headings = columns.map((column) => this.#heading(column, changed));
    return element("thead", {}, element("tr", { "aria-rowindex": "1" }, ...headings));
  }

  #heading(column: Column, changed: () => void): HTMLElement {
    const heading = element("th", { scope: "col", class: `${column.align} column-${column.key}`, title: column.hint });
    if (column.spark !== undefined) {
      heading.append(column.title);
      return heading;
    }
    const button = element("button", { type: "button" }, column.title);
    button.addEventListener("click", () => {
      const isSame = this.#sort.key === column.key;
      this.#sort = { key: column.key, isDescending: isSame && !this.#sort.isDescending };
      this.#markSorted();
      this.#orderedMillis = Number.NEGATIVE_INFINITY;
      changed();
    });
    heading.append(button);
    this.#headings.set(column.key, heading);
    if (column.key === this.#sort.key) heading.ariaSort = "ascending";
    return heading;
  }

  #markSorted(): void {
    for (const [key, heading] of this.#headings) {
      const direction = this.#sort.isDescending ? "descending" : "ascending";
      if (key === this.#sort.key) heading.ariaSort = direction;
      else heading.removeAttribute("aria-sort");
    }
  }
}

function compare(one: number | string, other: number | string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function spacer(): HTMLElement {
  return element("tr", { class: "spacer", "aria-hidden": "true" }, element("td"));
}
