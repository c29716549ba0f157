// The one error of everything that crosses a wire. It is thrown once, where the fault is seen, and caught at the edge
// (the service or tool that owns the socket), which counts it and goes on: bad input is never a fault of the program.

/** Bytes or values that are not what the wire's specification (docs/WIRE.md) allows. */
export class WireError extends Error {
  // A field and not an assignment: on frozen primordials `this.name = …` would throw.
  override readonly name = "WireError";
  /** Where in the input, in bytes from its start; -1 where a value and not bytes is at fault. */
  readonly offset: number;

  constructor(message: string, offset = -1) {
    super(message);
    this.offset = offset;
  }
}
