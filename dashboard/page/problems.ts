// What could not be understood: counted a kind, shown in a small panel, and never a reason to stop.

import { byId, element } from "dashboard/page/dom";
import { count } from "dashboard/page/format";
import { maxProblemKinds, maxTextCharacters } from "dashboard/page/limits";

export class Problems {
  readonly #counts = new Map<string, { times: number; example: string }>();
  #total = 0;
  #drawnTotal = 0;

  /** `what` is the kind of trouble; `where` an example of it, of which the first is kept. */
  add(what: string, where: string): void {
    this.#total += 1;
    const kind = what.slice(0, maxTextCharacters);
    const known = this.#counts.get(kind);
    if (known !== undefined) known.times += 1;
    else if (this.#counts.size < maxProblemKinds)
      this.#counts.set(kind, { times: 1, example: where.slice(0, maxTextCharacters) });
  }

  draw(): void {
    if (this.#total === this.#drawnTotal) return;
    this.#drawnTotal = this.#total;
    byId("problems").hidden = false;
    byId("problem-count").textContent = count(this.#total);
    const items = [...this.#counts].map(([what, { times, example }]) =>
      element("li", {}, `${count(times)} × ${what}, first at ${example}`),
    );
    byId("problem-list").replaceChildren(...items);
  }
}
