// Typed arrays in CBOR (RFC 8746 §2.1), little-endian only: every processor we run on keeps them so, and one byte form
// is what determinism asks for. A Uint8Array is a plain byte string without a tag.

import type { NumberArray } from "wire/plain";

/** Tag of a typed array; 0 for a Uint8Array, which has none; -1 for views that are not in our model. */
export function tagTypedArray(view: ArrayBufferView): number {
  // The class name and not `instanceof`: arrays may come from another realm (a worker, a page, a test runner).
  switch ((view as NumberArray)[Symbol.toStringTag] as string) {
    case "Uint8Array":
      return 0;
    case "Uint16Array":
      return 69;
    case "Uint32Array":
      return 70;
    case "Int8Array":
      return 72;
    case "Int16Array":
      return 77;
    case "Int32Array":
      return 78;
    case "Float32Array":
      return 85;
    case "Float64Array":
      return 86;
    default:
      return -1;
  }
}

/** Bytes of one element under this tag; 0 when the tag is not one of ours. */
export function measureElement(tag: number): number {
  switch (tag) {
    case 72:
      return 1;
    case 69:
    case 77:
      return 2;
    case 70:
    case 78:
    case 85:
      return 4;
    case 86:
      return 8;
    default:
      return 0;
  }
}

/** Looks at `bytes`, which own their whole buffer, as the array that `tag` names; the length fits (`measureElement`). */
export function viewTypedArray(tag: number, bytes: Uint8Array): NumberArray {
  switch (tag) {
    case 69:
      return new Uint16Array(bytes.buffer);
    case 70:
      return new Uint32Array(bytes.buffer);
    case 72:
      return new Int8Array(bytes.buffer);
    case 77:
      return new Int16Array(bytes.buffer);
    case 78:
      return new Int32Array(bytes.buffer);
    case 85:
      return new Float32Array(bytes.buffer);
    default:
      return new Float64Array(bytes.buffer);
  }
}
