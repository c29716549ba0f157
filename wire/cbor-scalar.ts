// The strict half of reading CBOR: heads and scalars in their one deterministic form (RFC 8949 §4.2.1), and of those
// only what our data model has. Everything else is refused where it stands.

import type { CborReader } from "wire/cbor-reader";
import * as cbor from "wire/cbor-reader";
import { narrowToHalf } from "wire/float16";
import type { NumberArray } from "wire/plain";
import { measureElement, viewTypedArray } from "wire/typed-array";

type Scalar = null | boolean | number | string | NumberArray;

/** The value whose head was read last; not an array or a map. */
export function readScalar(reader: CborReader): Scalar {
  switch (reader.major) {
    case cbor.majorUnsigned:
      return checkInteger(reader, reader.argument);
    case cbor.majorNegative:
      return checkInteger(reader, -1 - reader.argument);
    case cbor.majorBytes:
      return reader.readBytes();
    case cbor.majorText:
      return reader.readText();
    case cbor.majorTag:
      return readTagged(reader);
    default:
      return readSimple(reader);
  }
}

function checkInteger(reader: CborReader, value: number): number {
  if (!Number.isSafeInteger(value)) reader.refuse("an integer within ±(2^53 - 1)", "a larger one");
  return value;
}

function readTagged(reader: CborReader): NumberArray {
  const tag = reader.argument;
  const elementBytes = measureElement(tag);
  if (elementBytes === 0) reader.refuse("a typed array's tag (69, 70, 72, 77, 78, 85, 86)", `tag ${tag}`);
  readShortestHead(reader);
  if (reader.major !== cbor.majorBytes) reader.refuse("the typed array's byte string", `major type ${reader.major}`);
  if (reader.argument % elementBytes !== 0)
    reader.refuse(`whole elements of ${elementBytes} bytes`, `${reader.argument} bytes`);
  return viewTypedArray(tag, reader.readBytes());
}

function readSimple(reader: CborReader): Scalar {
  switch (reader.information) {
    case 20:
      return false;
    case 21:
      return true;
    case 22:
      return null;
    case 25:
    case 26:
    case 27:
      return readFloat(reader);
    default:
      return reader.refuse("false, true, null or a float", `simple value ${reader.argument}`);
  }
}

function readFloat(reader: CborReader): number {
  const value = reader.float;
  const isHalf = reader.information === 25;
  if (Number.isNaN(value)) {
    if (!isHalf || reader.argumentLow !== 0x7e00) reader.refuse("NaN as f97e00", "another NaN");
    return value;
  }
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) reader.refuse("an integer", `the float ${value}.0`);
  const fitsShorter =
    reader.information === 26 ? narrowToHalf(reader.argumentLow) >= 0 : !isHalf && Math.fround(value) === value;
  if (fitsShorter) reader.refuse("the shortest float", `${value} in a longer one`);
  return value;
}

/** Reads a head and refuses arguments in more bytes than they need, and indefinite lengths. */
export function readShortestHead(reader: CborReader): void {
  reader.readHead();
  if (reader.information < 24 || reader.major === cbor.majorSimple) return;
  if (reader.information === cbor.indefinite) reader.refuse("a definite length", "an indefinite one");
  const isShortest =
    reader.information === 24
      ? reader.argument >= 24
      : reader.information === 25
        ? reader.argument >= 0x100
        : reader.information === 26
          ? reader.argument >= 0x10000
          : reader.argumentHigh > 0;
  if (!isShortest) reader.refuse("the shortest form", `${reader.argument} in a longer one`);
}
