// The fields of SenML (RFC 8428, Tables 1 and 4): labels, integer keys in CBOR, types. In the order of their
// deterministic encoding, so that writing a record in this order is writing it sorted.

import { WireError } from "wire/error";

export type SenmlValue = number | string | boolean | Uint8Array;

export interface SenmlField {
  readonly label: string;
  /** Key in CBOR. */
  readonly key: number;
  readonly type: "number" | "text" | "boolean" | "bytes";
}

export const senmlFields: readonly SenmlField[] = Object.freeze([
  { label: "n", key: 0, type: "text" },
  { label: "u", key: 1, type: "text" },
  { label: "v", key: 2, type: "number" },
  { label: "vs", key: 3, type: "text" },
  { label: "vb", key: 4, type: "boolean" },
  { label: "s", key: 5, type: "number" },
  { label: "t", key: 6, type: "number" },
  { label: "ut", key: 7, type: "number" },
  { label: "vd", key: 8, type: "bytes" },
  { label: "bver", key: -1, type: "number" },
  { label: "bn", key: -2, type: "text" },
  { label: "bt", key: -3, type: "number" },
  { label: "bu", key: -4, type: "text" },
  { label: "bv", key: -5, type: "number" },
  { label: "bs", key: -6, type: "number" },
] as const);

/** The field of a label; null for extensions. */
export function findField(label: string): SenmlField | null {
  for (const field of senmlFields) if (field.label === label) return field;
  return null;
}

/** The label of an integer key in CBOR; null for keys that the RFC's table does not have. */
export function findLabel(key: number | bigint): string | null {
  for (const field of senmlFields) if (field.key === key) return field.label;
  return null;
}

/** RFC 8428 §4.4: whoever does not know a label that ends with "_" must refuse the pack. */
export function isMandatoryExtension(label: string): boolean {
  return label.endsWith("_");
}

/** Answers the value, or throws a WireError when the field cannot hold it. Extensions hold whatever a field can. */
export function checkSenmlValue(label: string, value: unknown, index: number): SenmlValue {
  const type = classify(value);
  const wanted = findField(label)?.type ?? type;
  if (type !== "none" && type === wanted) return value as SenmlValue;
  throw new WireError(
    `Cannot accept "${label}" of SenML record ${index}: wanted ${wanted === "none" ? "a value" : wanted}, found another`,
  );
}

function classify(value: unknown): SenmlField["type"] | "none" {
  if (typeof value === "number") return Number.isFinite(value) ? "number" : "none";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "boolean";
  return ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === "Uint8Array" ? "bytes" : "none";
}
