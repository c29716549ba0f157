// The clock of a worker in virtual time, moved in steps: it stops whenever a stand-in receives something, so that what is
// answered is answered at that moment.

import type { SimWorker } from "sim/worker";

export class VirtualClock {
  readonly #worker: SimWorker;
  #micros = 0;
  #received = 0;

  constructor(worker: SimWorker) {
    this.#worker = worker;
  }

  /** Of the worker. */
  get micros(): number {
    return this.#micros;
  }

  /** To be told of every message that a stand-in receives. */
  noteMessage(): void {
    this.#received++;
  }

  /**
   * Goes on until `toMicros`. `work` is done at each stop, and says when it has something to do next; with `isOver` the rest
   * of the way is left.
   */
  async advance(toMicros: number, work: () => Promise<number>, isOver: () => boolean = () => false): Promise<void> {
    for (let next = await work(); !isOver(); next = await work()) {
      const before = this.#received;
      const to = Math.max(this.#micros, Math.min(toMicros, next));
      const { micros } = await this.#worker.ask({ op: "advance", to, pauses: true });
      this.#micros = Number(micros);
      if (this.#received === before && this.#micros >= toMicros && next > toMicros) return;
    }
  }
}
