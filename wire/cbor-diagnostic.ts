// Prints CBOR for people, in the diagnostic notation of RFC 8949 §8 (with bignums as the integers they are, as its
// Appendix A does). Recursion here is bounded by the depth limit under which the item was read.

import { type CborItem, decodeAny } from "wire/cbor-any";
import { formatHex } from "wire/hex";
import { type CborLimits, cborLimits } from "wire/limits";

/** Diagnostic notation of one whole document; throws a WireError as `decodeAny` does. */
export function diagnose(bytes: Uint8Array, limits: CborLimits = cborLimits): string {
  return formatItem(decodeAny(bytes, limits));
}

export function formatItem(item: CborItem): string {
  switch (item.kind) {
    case "integer":
      return item.value.toString();
    case "float":
      return formatFloat(item.value);
    case "simple":
      return formatSimple(item.value);
    case "bytes":
      return formatChunks(item.chunks.map(formatByteString), item.isIndefinite, "''_");
    case "text":
      return formatChunks(item.chunks.map(formatText), item.isIndefinite, '""_');
    case "array":
      return `[${item.isIndefinite ? "_ " : ""}${item.items.map(formatItem).join(", ")}]`;
    case "map":
      return `{${item.isIndefinite ? "_ " : ""}${formatPairs(item.items)}}`;
    case "tag":
      return formatTag(item.tag, item.items[0] as CborItem);
  }
}

function formatPairs(items: readonly CborItem[]): string {
  let text = "";
  for (let index = 0; index < items.length; index += 2)
    text += `${index > 0 ? ", " : ""}${formatItem(items[index] as CborItem)}: ${formatItem(items[index + 1] as CborItem)}`;
  return text;
}

function formatTag(tag: number | bigint, content: CborItem): string {
  const isBignum = (tag === 2 || tag === 3) && content.kind === "bytes" && !content.isIndefinite;
  if (!isBignum) return `${tag}(${formatItem(content)})`;
  const digits = formatHex(content.chunks[0] as Uint8Array);
  const magnitude = BigInt(digits === "" ? 0 : `0x${digits}`);
  return (tag === 2 ? magnitude : BigInt(-1) - magnitude).toString();
}

/** A float always shows a point or that it is no number, so that nobody takes it for an integer. */
function formatFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = `${value}`;
  if (!Number.isFinite(value) || text.includes(".")) return text;
  const exponentAt = text.indexOf("e");
  return exponentAt < 0 ? `${text}.0` : `${text.slice(0, exponentAt)}.0${text.slice(exponentAt)}`;
}

function formatSimple(value: number): string {
  switch (value) {
    case 20:
      return "false";
    case 21:
      return "true";
    case 22:
      return "null";
    case 23:
      return "undefined";
    default:
      return `simple(${value})`;
  }
}

function formatByteString(bytes: Uint8Array): string {
  return `h'${formatHex(bytes)}'`;
}

function formatText(text: string): string {
  return JSON.stringify(text);
}

function formatChunks(chunks: readonly string[], isIndefinite: boolean, empty: string): string {
  if (!isIndefinite) return chunks[0] as string;
  return chunks.length === 0 ? empty : `(_ ${chunks.join(", ")})`;
}
