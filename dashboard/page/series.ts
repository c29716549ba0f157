// The readings of one node over the last minutes, in time order, in a ring of fixed size.
//
// Readings may come late (a node that was cut off sends what it kept) or twice (QoS 1), so a reading is put where its
// time belongs and a second one of the same time is dropped. Values that were not measured are NaN: a gap, never a zero.

export const quantities = ["u1", "u2", "u3", "f"] as const;
export type Quantity = (typeof quantities)[number];
export type Values = Readonly<Record<Quantity, number | null>>;

export class Series {
  readonly #seconds: Float64Array;
  readonly #values: Readonly<Record<Quantity, Float32Array>>;
  #first = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#seconds = new Float64Array(capacity);
    const values = (): Float32Array => new Float32Array(capacity);
    this.#values = { u1: values(), u2: values(), u3: values(), f: values() };
  }

  get length(): number {
    return this.#length;
  }

  /** Time of the n-th oldest reading, in seconds of UTC; NaN beyond the end. */
  seconds(index: number): number {
    return this.#seconds[this.#slot(index)] ?? Number.NaN;
  }

  /** Value of the n-th oldest reading; NaN when it was not measured. */
  value(quantity: Quantity, index: number): number {
    return this.#values[quantity][this.#slot(index)] ?? Number.NaN;
  }

  /** Index of the first reading at or after the time. */
  from(seconds: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.seconds(middle) < seconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Puts a reading where its time belongs; false when it is a repetition or older than all that is held. */
  put(seconds: number, values: Values): boolean {
    const capacity = this.#seconds.length;
    const at = this.from(seconds);
    if (at < this.#length && this.seconds(at) === seconds) return false;
    if (this.#length === capacity) {
      if (at === 0) return false;
      this.#first = (this.#first + 1) % capacity;
      this.#length -= 1;
      this.#insert(at - 1, seconds, values);
    } else this.#insert(at, seconds, values);
    return true;
  }

  clear(): void {
    this.#first = 0;
    this.#length = 0;
  }

  #insert(at: number, seconds: number, values: Values): void {
    this.#length += 1;
    for (let index = this.#length - 1; index > at; index -= 1) this.#copy(index - 1, index);
    const slot = this.#slot(at);
    this.#seconds[slot] = seconds;
    for (const quantity of quantities) this.#values[quantity][slot] = values[quantity] ?? Number.NaN;
  }

  #copy(from: number, to: number): void {
    const source = this.#slot(from);
    const target = this.#slot(to);
    this.#seconds[target] = this.seconds(from);
    for (const quantity of quantities) {
      const values = this.#values[quantity];
      values[target] = values[source] ?? Number.NaN;
    }
  }

  #slot(index: number): number {
    return (this.#first + index) % this.#seconds.length;
  }
}
