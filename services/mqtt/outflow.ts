// Bytes on their way to the socket port. Packets of one turn go as one write, since each write is a message of its own,
// and what the port has no room for waits here: a byte left out would make garbage of the stream.

/** Of one write: several packets of the usual size, and far below the largest body. */
const writeMaximumBytes = 16_384;

/** More than this behind a peer that does not read is a lost connection; the session sends it again on the next. */
const waitingMaximumBytes = 131_072;

export class Outflow {
  #waiting: Uint8Array[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  get isOverfull(): boolean {
    return this.#bytes > waitingMaximumBytes;
  }

  push(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
  }

  /** The connection is another: what waited belongs to the old one. */
  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }

  /** Writes until all is gone or `write` has no room. A block may begin and end anywhere: this is a stream. */
  flush(write: (bytes: Uint8Array) => boolean): void {
    while (this.#bytes > 0) {
      const block = this.#gather(Math.min(this.#bytes, writeMaximumBytes));
      if (!write(block)) return;
      this.#drop(block.length);
    }
  }

  #gather(length: number): Uint8Array {
    const block = new Uint8Array(length);
    let at = 0;
    for (let index = 0; at < length; index++) {
      const piece = (this.#waiting[index] as Uint8Array).subarray(0, length - at);
      block.set(piece, at);
      at += piece.length;
    }
    return block;
  }

  #drop(length: number): void {
    this.#bytes -= length;
    let left = length;
    while (left > 0) {
      const first = this.#waiting[0] as Uint8Array;
      if (first.length > left) this.#waiting[0] = first.subarray(left);
      else this.#waiting.shift();
      left -= Math.min(left, first.length);
    }
  }
}
