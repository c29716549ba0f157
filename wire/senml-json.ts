// SenML in JSON (RFC 8428 §5): the same records as in CBOR, with text labels and `vd` in base64url.

import { formatBase64Url, parseBase64Url } from "wire/base64url";
import { WireError } from "wire/error";
import { cborLimits } from "wire/limits";
import { setField } from "wire/plain";
import { checkRecordCount, type SenmlRecord } from "wire/senml";
import { checkSenmlValue, isMandatoryExtension, type SenmlValue } from "wire/senml-fields";

/** Reads a pack in JSON. Throws a WireError for what is not one. */
export function parseSenmlJson(text: string): SenmlRecord[] {
  if (text.length > cborLimits.bytes)
    throw new WireError(`Cannot read SenML: wanted at most ${cborLimits.bytes} characters, found ${text.length}`);
  const pack = parseJson(text);
  if (!Array.isArray(pack)) throw new WireError("Cannot read SenML: wanted an array of records, found no array");
  checkRecordCount(pack.length);
  return pack.map(readRecord);
}

export function formatSenmlJson(records: readonly SenmlRecord[]): string {
  checkRecordCount(records.length);
  return JSON.stringify(records.map(writeRecord));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WireError(`Cannot read SenML: wanted JSON, found ${(error as Error).message}`);
  }
}

function readRecord(value: unknown, index: number): SenmlRecord {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new WireError(`Cannot read SenML record ${index}: wanted an object, found another value`);
  const record: { [label: string]: SenmlValue } = {};
  for (const [label, field] of Object.entries(value)) {
    if (isMandatoryExtension(label))
      throw new WireError(
        `Cannot read SenML record ${index}: wanted known fields, found "${label}", which must be understood`,
      );
    const isBytes = label === "vd" && typeof field === "string";
    setField(record, label, checkSenmlValue(label, isBytes ? parseBase64Url(field) : field, index));
  }
  return record;
}

function writeRecord(record: SenmlRecord, index: number): object {
  const object: { [label: string]: unknown } = {};
  for (const label of Object.keys(record)) {
    const value = checkSenmlValue(label, record[label], index);
    setField(object, label, ArrayBuffer.isView(value) ? formatBase64Url(value) : value);
  }
  return object;
}
