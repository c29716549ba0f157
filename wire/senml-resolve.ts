// What the records of a SenML pack mean by themselves (RFC 8428 §4.6): base fields applied, times absolute.
// The order of the pack is kept. The RFC also wants resolved records in chronological order, but its own resolved
// examples keep the order of the pack, which loses nothing: who needs the other order sorts by `t`.

import { WireError } from "wire/error";
import { setField } from "wire/plain";
import type { SenmlRecord } from "wire/senml";
import { findField, type SenmlValue, senmlFields } from "wire/senml-fields";

/** Version of RFC 8428; RFC 9100 makes higher ones sets of features, none of which we know. */
const defaultVersion = 10;

/** Times below 2^28 seconds are relative to the moment of reading (RFC 8428 §4.5.3). */
const relativeBelowSeconds = 2 ** 28;

/** Records without base fields. `nowSeconds` stands for "now" in relative times. Records of base fields only disappear. */
export function resolveSenml(pack: readonly SenmlRecord[], nowSeconds: number): SenmlRecord[] {
  const resolved: SenmlRecord[] = [];
  let base: Base = { name: "", time: 0, unit: undefined, value: undefined, sum: undefined, version: defaultVersion };
  pack.forEach((record, index) => {
    base = inherit(base, record);
    if (base.version > defaultVersion) refuse(index, `version ${defaultVersion} at most`, `${base.version}`);
    if (index > 0 && record.bver !== undefined && pack[0]?.bver !== record.bver)
      refuse(index, "one version in the pack", "two");
    if (hasOwnMeaning(record)) resolved.push(resolveRecord(record, base, nowSeconds, index));
  });
  return resolved;
}

interface Base {
  readonly name: string;
  readonly time: number;
  readonly unit: string | undefined;
  readonly value: number | undefined;
  readonly sum: number | undefined;
  readonly version: number;
}

function inherit(base: Base, record: SenmlRecord): Base {
  return {
    name: record.bn ?? base.name,
    time: record.bt ?? base.time,
    unit: record.bu ?? base.unit,
    value: record.bv ?? base.value,
    sum: record.bs ?? base.sum,
    version: record.bver ?? base.version,
  };
}

/** True when a regular field stands in it; extensions alone say nothing about a measurement. */
function hasOwnMeaning(record: SenmlRecord): boolean {
  return senmlFields.some((field) => field.key >= 0 && record[field.label] !== undefined);
}

function resolveRecord(record: SenmlRecord, base: Base, nowSeconds: number, index: number): SenmlRecord {
  const time = base.time + (record.t ?? 0);
  const unit = record.u ?? base.unit;
  const value = addBaseValue(record, base, index);
  const sum = record.s ?? (base.sum === undefined ? undefined : 0);
  const resolved: { [label: string]: SenmlValue } = { n: joinName(base.name, record.n, index) };
  if (unit !== undefined) resolved.u = unit;
  if (value !== undefined) resolved.v = value;
  if (record.vs !== undefined) resolved.vs = record.vs;
  if (record.vb !== undefined) resolved.vb = record.vb;
  if (sum !== undefined) resolved.s = (base.sum ?? 0) + sum;
  resolved.t = time < relativeBelowSeconds ? nowSeconds + time : time;
  if (record.ut !== undefined) resolved.ut = record.ut;
  if (record.vd !== undefined) resolved.vd = record.vd;
  if (base.version !== defaultVersion) resolved.bver = base.version;
  for (const label of Object.keys(record))
    if (findField(label) === null) setField(resolved, label, record[label] as SenmlValue);
  return resolved;
}

/** RFC 8428 §4.2: exactly one value, or none beside a sum. */
function addBaseValue(record: SenmlRecord, base: Base, index: number): number | undefined {
  const others = [record.vs, record.vb, record.vd].filter((value) => value !== undefined).length;
  const isNumber = record.v !== undefined || (base.value !== undefined && others === 0);
  if (others + (isNumber ? 1 : 0) > 1) refuse(index, "one value", "several");
  if (others === 0 && !isNumber && record.s === undefined && base.sum === undefined)
    refuse(index, "a value or a sum", "neither");
  return isNumber ? (base.value ?? 0) + (record.v ?? 0) : undefined;
}

/** RFC 8428 §4.5.1: letters, digits and - : . / _, the first a letter or a digit. */
function joinName(baseName: string, ownName: string | undefined, index: number): string {
  const name = baseName + (ownName ?? "");
  for (let at = 0; at < name.length; at++) {
    const unit = name.charCodeAt(at);
    const isAlphanumeric =
      (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
    if (!isAlphanumeric && (at === 0 || !"-:./_".includes(name[at] as string)))
      refuse(index, "a name of letters, digits and -:./_", `"${name}"`);
  }
  return name.length > 0 ? name : refuse(index, "a name", "none");
}

function refuse(index: number, wanted: string, found: string): never {
  throw new WireError(`Cannot resolve SenML record ${index}: wanted ${wanted}, found ${found}`);
}
