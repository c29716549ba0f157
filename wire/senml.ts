// Sensor Measurement Lists (RFC 8428) in CBOR and JSON. A pack is a list of records that inherit base fields from the
// records before them; `resolveSenml` gives each record all it means. Records carry the labels of the JSON form in
// both encodings; labels beyond the RFC's table are extensions and stay as they are.
//
// Reading is tolerant, as the RFC asks: any well-formed CBOR, decimal fractions, unknown labels, except those that end
// with "_", which say that one must understand them. Writing is deterministic.

import { type CborItem, decodeAny } from "wire/cbor-any";
import { CborWriter } from "wire/cbor-writer";
import { WireError } from "wire/error";
import { cborLimits, senmlRecordsMaximum } from "wire/limits";
import { setField } from "wire/plain";
import {
  checkSenmlValue,
  findField,
  findLabel,
  isMandatoryExtension,
  type SenmlValue,
  senmlFields,
} from "wire/senml-fields";
import { compareTextKeys } from "wire/utf8";

/** One record, as RFC 8428 §4 describes its fields. Times in seconds, `vd` as bytes in both encodings. */
export interface SenmlRecord {
  readonly bver?: number;
  readonly bn?: string;
  readonly bt?: number;
  readonly bu?: string;
  readonly bv?: number;
  readonly bs?: number;
  readonly n?: string;
  readonly u?: string;
  readonly v?: number;
  readonly vs?: string;
  readonly vb?: boolean;
  readonly vd?: Uint8Array;
  readonly s?: number;
  readonly t?: number;
  readonly ut?: number;
  readonly [extension: string]: SenmlValue | undefined;
}

/** Reads a pack in CBOR (RFC 8428 §6). Throws a WireError for what is not one. */
export function decodeSenml(bytes: Uint8Array): SenmlRecord[] {
  const pack = decodeAny(bytes);
  if (pack.kind !== "array")
    throw new WireError(`Cannot read SenML: wanted an array of records, found ${pack.kind}`, 0);
  checkRecordCount(pack.items.length);
  return pack.items.map(readRecord);
}

/** Writes a pack in deterministic CBOR: keys 0 to 8, then -1 to -6, then the labels of extensions. */
export function encodeSenml(records: readonly SenmlRecord[]): Uint8Array {
  checkRecordCount(records.length);
  let index = 0;
  const writer = new CborWriter(cborLimits.bytes, () => `SenML record ${index}`);
  writer.openArray(records.length);
  for (const record of records) {
    writeRecord(writer, record, index);
    index += 1;
  }
  return writer.finish();
}

export function checkRecordCount(count: number): void {
  if (count >= 1 && count <= senmlRecordsMaximum) return;
  throw new WireError(`Cannot accept SenML: wanted 1 to ${senmlRecordsMaximum} records, found ${count}`);
}

function writeRecord(writer: CborWriter, record: SenmlRecord, index: number): void {
  const labels = Object.keys(record).filter((label) => record[label] !== undefined);
  writer.openMap(labels.length);
  for (const { label, key } of senmlFields) {
    if (record[label] === undefined) continue;
    writer.number(key);
    writeValue(writer, checkSenmlValue(label, record[label], index));
  }
  const extensions = labels.filter((label) => findField(label) === null);
  for (const label of extensions.sort(compareTextKeys)) {
    writer.text(label);
    writeValue(writer, checkSenmlValue(label, record[label], index));
  }
}

function writeValue(writer: CborWriter, value: SenmlValue): void {
  if (typeof value === "number") writer.number(value);
  else if (typeof value === "string") writer.text(value);
  else if (typeof value === "boolean") writer.boolean(value);
  else writer.byteString(value);
}

function readRecord(item: CborItem, index: number): SenmlRecord {
  if (item.kind !== "map") throw new WireError(`Cannot read SenML record ${index}: wanted a map, found ${item.kind}`);
  const record: { [label: string]: SenmlValue } = {};
  for (let at = 0; at < item.items.length; at += 2) {
    const label = readLabel(item.items[at] as CborItem, index);
    if (label === null) continue;
    if (Object.hasOwn(record, label))
      throw new WireError(`Cannot read SenML record ${index}: wanted each label once, found "${label}" again`);
    setField(record, label, checkSenmlValue(label, readValue(item.items[at + 1] as CborItem), index));
  }
  return record;
}

/** The label; null for an integer that the RFC's table does not have, which is to be ignored. */
function readLabel(key: CborItem, index: number): string | null {
  if (key.kind === "integer") return findLabel(key.value);
  const label = key.kind === "text" ? key.chunks.join("") : "";
  const isExtension = label !== "" && findField(label) === null;
  if (!isExtension)
    throw new WireError(
      `Cannot read SenML record ${index}: wanted an integer or an extension's text as key, found ${key.kind} "${label}"`,
    );
  if (isMandatoryExtension(label))
    throw new WireError(
      `Cannot read SenML record ${index}: wanted known fields, found "${label}", which must be understood`,
    );
  return label;
}

/** The value, or undefined for what no field can hold. */
function readValue(item: CborItem): SenmlValue | undefined {
  switch (item.kind) {
    case "integer":
      return Number(item.value);
    case "float":
      return item.value;
    case "text":
      return item.isIndefinite ? undefined : item.chunks[0];
    case "bytes":
      return item.isIndefinite ? undefined : item.chunks[0];
    case "simple":
      return item.value === 20 ? false : item.value === 21 ? true : undefined;
    case "tag":
      return item.tag === 4 ? readDecimalFraction(item.items[0] as CborItem) : undefined;
    default:
      return undefined;
  }
}

/** RFC 8949 §3.4.4: mantissa × 10^exponent, rounded once, as the parser of decimal numbers does. */
function readDecimalFraction(content: CborItem): number | undefined {
  if (content.kind !== "array" || content.items.length !== 2) return undefined;
  const [exponent, mantissa] = content.items as [CborItem, CborItem];
  if (exponent.kind !== "integer" || mantissa.kind !== "integer") return undefined;
  return Number(`${mantissa.value}e${exponent.value}`);
}
