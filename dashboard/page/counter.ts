// Counts over a sliding window of whole seconds, for rates and for "in the last minute".

export class SlidingCounter {
  /** One slot a second, and one for the second that is not over yet. */
  readonly #slots: Uint32Array;
  #second = Number.NEGATIVE_INFINITY;
  #firstSecond = Number.NaN;
  #total = 0;

  constructor(windowSeconds: number) {
    this.#slots = new Uint32Array(windowSeconds + 1);
  }

  add(nowMillis: number): void {
    this.#turn(nowMillis);
    if (Number.isNaN(this.#firstSecond)) this.#firstSecond = this.#second;
    const slot = this.#second % this.#slots.length;
    this.#slots[slot] = (this.#slots[slot] ?? 0) + 1;
    this.#total += 1;
  }

  /** How many in the window, the second that runs included. */
  total(nowMillis: number): number {
    this.#turn(nowMillis);
    return this.#total;
  }

  /** How many a second, over the whole seconds of the window since the first one counted. */
  perSecond(nowMillis: number): number {
    this.#turn(nowMillis);
    const seconds = Math.min(this.#slots.length - 1, this.#second - this.#firstSecond);
    const current = this.#slots[this.#second % this.#slots.length] ?? 0;
    return seconds > 0 ? (this.#total - current) / seconds : 0;
  }

  /** Empties the slots that the window has left behind. */
  #turn(nowMillis: number): void {
    const second = Math.floor(nowMillis / 1_000);
    const passed = Math.min(second - this.#second, this.#slots.length);
    for (let step = 0; step < passed; step += 1) {
      const slot = (second - step) % this.#slots.length;
      this.#total -= this.#slots[slot] ?? 0;
      this.#slots[slot] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}
