// Reads any well-formed CBOR (RFC 8949 §3): foreign documents, other keys than texts, tags, indefinite lengths, 64-bit
// integers. For SenML, whose keys are integers and whose senders may not be deterministic, and for people who look at
// bytes (`wire/cbor-diagnostic`). Our own bodies and payloads go through the strict `wire/cbor` instead.

import * as cbor from "wire/cbor-reader";
import { CborReader } from "wire/cbor-reader";
import { WireError } from "wire/error";
import { type CborLimits, cborLimits } from "wire/limits";

/** One item as it stood in the bytes. `isIndefinite` says that its length was not announced. */
export type CborItem =
  | { readonly kind: "integer"; readonly value: number | bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "simple"; readonly value: number }
  | { readonly kind: "bytes"; readonly chunks: readonly Uint8Array[]; readonly isIndefinite: boolean }
  | { readonly kind: "text"; readonly chunks: readonly string[]; readonly isIndefinite: boolean }
  | { readonly kind: "array"; readonly items: readonly CborItem[]; readonly isIndefinite: boolean }
  /** `items` are keys and values in turn. */
  | { readonly kind: "map"; readonly items: readonly CborItem[]; readonly isIndefinite: boolean }
  | { readonly kind: "tag"; readonly tag: number | bigint; readonly items: readonly CborItem[] };

/** An item whose parts are still to come: members of a container, chunks of a string, the content of a tag. */
interface OpenItem {
  readonly item: CborItem;
  readonly parts: unknown[];
  /** Infinity until the break, for an indefinite length. */
  left: number;
}

/** The one item of a whole document. Throws a WireError with the offset where it is not well-formed or exceeds `limits`. */
export function decodeAny(bytes: Uint8Array, limits: CborLimits = cborLimits): CborItem {
  if (bytes.length > limits.bytes)
    throw new WireError(
      `Cannot decode CBOR: wanted at most ${limits.bytes} bytes, found ${bytes.length}`,
      limits.bytes,
    );
  const reader = new CborReader(bytes);
  const open: OpenItem[] = [];
  for (let items = 1; ; items++) {
    if (items > limits.items) reader.refuse(`${limits.items} items at most`, "more");
    reader.readHead();
    let item: CborItem;
    if (reader.isBreak) item = endIndefinite(reader, open.pop());
    else {
      const begun = beginItem(reader);
      if (begun.left > 0) {
        if (open.length === limits.depth) reader.refuse(`depth ${limits.depth} at most`, "a deeper item");
        open.push(begun);
        continue;
      }
      item = begun.item;
    }
    for (;;) {
      const top = open[open.length - 1];
      if (top === undefined) {
        if (reader.remainingBytes === 0) return item;
        throw new WireError(
          `Cannot decode CBOR at byte ${reader.position}: wanted the end, found more`,
          reader.position,
        );
      }
      addPart(reader, top, item);
      top.left -= 1;
      if (top.left > 0) break;
      item = top.item;
      open.pop();
    }
  }
}

function endIndefinite(reader: CborReader, ended: OpenItem | undefined): CborItem {
  if (ended === undefined || ended.left !== Infinity) return reader.refuse("an item", "a break");
  if (ended.item.kind === "map" && ended.parts.length % 2 === 1) reader.refuse("a value for the last key", "a break");
  return ended.item;
}

function addPart(reader: CborReader, parent: OpenItem, item: CborItem): void {
  const { kind } = parent.item;
  if (kind !== "bytes" && kind !== "text") parent.parts.push(item);
  else if (item.kind === kind && !item.isIndefinite) parent.parts.push(item.chunks[0]);
  else reader.refuse(`a definite chunk of ${kind}`, item.kind);
}

function beginItem(reader: CborReader): OpenItem {
  const isIndefinite = reader.information === cbor.indefinite;
  switch (reader.major) {
    case cbor.majorUnsigned:
      return { item: { kind: "integer", value: readArgument(reader) }, parts: [], left: 0 };
    case cbor.majorNegative: {
      const argument = readArgument(reader);
      const value = typeof argument === "bigint" ? BigInt(-1) - argument : -1 - argument;
      return { item: { kind: "integer", value }, parts: [], left: 0 };
    }
    case cbor.majorBytes: {
      const chunks = isIndefinite ? [] : [reader.readBytes()];
      return { item: { kind: "bytes", chunks, isIndefinite }, parts: chunks, left: isIndefinite ? Infinity : 0 };
    }
    case cbor.majorText: {
      const chunks = isIndefinite ? [] : [reader.readText()];
      return { item: { kind: "text", chunks, isIndefinite }, parts: chunks, left: isIndefinite ? Infinity : 0 };
    }
    case cbor.majorArray:
      return beginContainer(reader, "array", 1);
    case cbor.majorMap:
      return beginContainer(reader, "map", 2);
    case cbor.majorTag: {
      const items: CborItem[] = [];
      return { item: { kind: "tag", tag: readArgument(reader), items }, parts: items, left: 1 };
    }
    default: {
      const kind = reader.information > 24 ? "float" : "simple";
      return { item: { kind, value: kind === "float" ? reader.float : reader.argument }, parts: [], left: 0 };
    }
  }
}

function beginContainer(reader: CborReader, kind: "array" | "map", partsEach: number): OpenItem {
  const isIndefinite = reader.information === cbor.indefinite;
  const left = isIndefinite ? Infinity : reader.argument * partsEach;
  if (!isIndefinite && left > reader.remainingBytes)
    reader.refuse("a count that fits into the input", `${reader.argument} members in ${reader.remainingBytes} bytes`);
  const items: CborItem[] = [];
  return { item: { kind, items, isIndefinite }, parts: items, left };
}

/** A number where it is exact, otherwise a bigint. */
function readArgument(reader: CborReader): number | bigint {
  if (Number.isSafeInteger(reader.argument)) return reader.argument;
  return BigInt(reader.argumentHigh) * BigInt(0x100000000) + BigInt(reader.argumentLow);
}
