// Plain data: what crosses a wire and what a service may send, commit or store.

/** The typed arrays of the model. A Uint8Array is a byte string, the others carry a tag of RFC 8746. */
export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

export type PlainValue = null | boolean | number | string | NumberArray | PlainValue[] | PlainRecord;

/** An object with `Object.prototype` and own, enumerable values only. */
export interface PlainRecord {
  [name: string]: PlainValue;
}

/** Sets a field that the record does not have yet, whatever its name is. */
export function setField<Value>(record: { [name: string]: Value }, name: string, value: Value): void {
  // What is there already is inherited (`__proto__`, `toString`): assigning would call a setter, or throw where the
  // primordials are frozen.
  if (name in record)
    Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true });
  else record[name] = value;
}
