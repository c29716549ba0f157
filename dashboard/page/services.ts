// The services of one node: what each does, costs and suffered. In a node that takes insecure commands, and only there,
// each row can also inject a fault, to see the node mend itself.

import { arrange, Cell, element } from "dashboard/page/dom";
import { bytes, count, micros, unknown } from "dashboard/page/format";
import type { NodeRecord } from "dashboard/page/node-record";
import type { ServiceState } from "wire/state";

/** What the operation "fault" can do to a service (services/command). */
export const faultKinds = ["throw", "spin", "memory", "stack", "kill"] as const;
export type FaultKind = (typeof faultKinds)[number];

export type InjectFault = (service: string, kind: FaultKind) => void;

interface Column {
  readonly title: string;
  readonly align: "left" | "right" | "wrapped";
  /** Coloured once the service has faulted. */
  readonly isScar?: true;
  show(service: ServiceState): string;
}

const columns: readonly Column[] = [
  { title: "Version", align: "left", show: (service) => service.version },
  { title: "State", align: "left", show: (service) => service.state },
  { title: "Restarts", align: "right", isScar: true, show: (service) => count(service.restarts) },
  { title: "Generation", align: "right", show: (service) => count(service.generation) },
  { title: "Last fault", align: "wrapped", isScar: true, show: (service) => service.lastFault ?? unknown },
  { title: "Dispatches", align: "right", show: (service) => count(service.dispatches) },
  { title: "Run time", align: "right", show: (service) => micros(service.runMicros) },
  { title: "Memory", align: "right", show: (service) => bytes(service.bytes) },
  { title: "Queue", align: "right", show: (service) => count(service.queued) },
  { title: "Refused", align: "right", show: (service) => count(service.refused) },
];

export class ServicesTable {
  readonly root = element("table", { class: "services" });
  readonly #body = element("tbody");
  readonly #inject: InjectFault;
  #rows = new Map<string, ServiceRow>();

  constructor(inject: InjectFault) {
    this.#inject = inject;
    const titles = columns.map(({ title, align }) => element("th", { scope: "col", class: align }, title));
    const faults = element("th", { scope: "col", class: "left faults" }, "Inject a fault");
    const head = element("tr", {}, element("th", { scope: "col", class: "left" }, "Service"), ...titles, faults);
    this.root.append(
      element("caption", { class: "visually-hidden" }, "Services of the node"),
      element("thead", {}, head),
      this.#body,
    );
  }

  draw(node: NodeRecord, mayInject: boolean): void {
    this.root.dataset.insecure = String(mayInject);
    const rows = new Map<string, ServiceRow>();
    for (const service of node.report?.services ?? []) {
      const row = this.#rows.get(service.name) ?? new ServiceRow(service.name, this.#inject);
      row.draw(service);
      rows.set(service.name, row);
    }
    this.#rows = rows;
    arrange(
      this.#body,
      [...rows.values()].map((row) => row.root),
    );
  }
}

class ServiceRow {
  readonly root = element("tr");
  readonly #cells: readonly Cell[];

  constructor(name: string, inject: InjectFault) {
    this.root.append(element("th", { scope: "row", class: "left" }, name));
    this.#cells = columns.map(({ align }) => {
      const box = element("td", { class: align });
      this.root.append(box);
      return new Cell(box);
    });
    const buttons = faultKinds.map((kind) => {
      const button = element("button", { type: "button", "aria-label": `Inject ${kind} into ${name}` }, kind);
      button.addEventListener("click", () => inject(name, kind));
      return button;
    });
    this.root.append(element("td", { class: "left faults" }, ...buttons));
  }

  draw(service: ServiceState): void {
    const tone = service.lastFault === null ? "" : "warn";
    for (const [index, column] of columns.entries()) {
      this.#cells[index]?.set(column.show(service), column.isScar ? tone : "");
    }
  }
}
