// Counts what gets lost and says when to tell of it: at once, and then once a minute at most. A log line for each loss
// would be one more thing to lose.

const tellIntervalMicros = 60_000_000;

export class Losses {
  #total = 0;
  #told = 0;
  #toldMicros = -Infinity;

  get total(): number {
    return this.#total;
  }

  /** Answers how many to tell of now; 0 when it is not yet time to tell. */
  add(nowMicros: number, count = 1): number {
    this.#total += count;
    if (nowMicros - this.#toldMicros < tellIntervalMicros) return 0;
    const untold = this.#total - this.#told;
    this.#told = this.#total;
    this.#toldMicros = nowMicros;
    return untold;
  }
}
