// The clock of a live node at a desk, as sim/ tells it: it stands still while a person is asked, so that no deadline passes
// and no sample is missed because somebody had to think.

export class DeskClock {
  readonly #originMicros = (Date.now() - performance.now()) * 1000;
  readonly #startedMillis = performance.now();
  #heldMillis = 0;
  #heldSinceMillis = 0;
  #holds = 0;

  utcMicros(): number {
    return this.#originMicros + this.#millis() * 1000;
  }

  /** Since this clock was made. */
  micros(): number {
    return Math.round((this.#millis() - this.#startedMillis) * 1000);
  }

  /** Stands still until the work is done; of several that overlap, until the last is. */
  async hold<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#holds++ === 0) this.#heldSinceMillis = performance.now();
    try {
      return await work();
    } finally {
      if (--this.#holds === 0) this.#heldMillis += performance.now() - this.#heldSinceMillis;
    }
  }

  get isHeld(): boolean {
    return this.#holds > 0;
  }

  #millis(): number {
    return (this.#holds > 0 ? this.#heldSinceMillis : performance.now()) - this.#heldMillis;
  }
}
