// What may cross between machines: plain data, copied, as deterministic CBOR (docs/WIRE.md, "Bodies").

/** Data that can be sent: no functions, no cycles, no class instances, no `undefined`. Depth ≤ 16, ≤ 65,536 encoded bytes. */
export type Plain = null | boolean | number | string | PlainBytes | readonly Plain[] | PlainObject;

export type PlainBytes =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

export interface PlainObject {
  readonly [key: string]: Plain;
}
