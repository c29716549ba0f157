// Finds the files of a record: a combined .cff alone, or a .cfg with the .dat, .hdr and .inf beside it, in capitals or not. Each
// may be packed (.gz), which shows in its first bytes.

import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { limits } from "sim/comtrade/limits";
import { readCombined, readParts } from "sim/comtrade/read";
import type { ComtradeRecord } from "sim/comtrade/record";
import { type Part, refuseFile, wholeFile } from "sim/comtrade/refusal";

export interface OpenOptions {
  /** Of the configuration, such as `windows-1251`; by default it is looked at. */
  readonly encoding?: string | undefined;
}

/** `path` names the .cff, the .cfg or the .dat. Throws a ComtradeError. */
export function openRecord(path: string, { encoding }: OpenOptions = {}): ComtradeRecord {
  const kind = kindOf(path);
  if (kind === "cff") return readCombined(readPart(path), encoding);
  if (kind !== "cfg" && kind !== "dat") refuseFile(path, "a file whose name ends in .cfg, .cff or .dat", `"${kind}"`);
  return readParts(
    {
      configuration: readPart(kind === "cfg" ? path : requireBeside(path, "cfg")),
      samples: readPart(kind === "dat" ? path : requireBeside(path, "dat")),
      header: readPartBeside(path, "hdr"),
      information: readPartBeside(path, "inf"),
    },
    encoding,
  );
}

/** `dat` of `2.DAT.gz`. */
function kindOf(path: string): string {
  const name = basename(path).toLowerCase().replace(/\.gz$/, "");
  return name.slice(name.lastIndexOf(".") + 1);
}

function stemOf(path: string): string {
  return basename(path)
    .replace(/\.gz$/i, "")
    .replace(/\.[^.]*$/, "");
}

function readPartBeside(path: string, kind: string): Part | null {
  const found = findBeside(path, kind);
  return found === null ? null : readPart(found);
}

function requireBeside(path: string, kind: string): string {
  const stem = stemOf(path);
  return findBeside(path, kind) ?? refuseFile(path, `${stem}.${kind} or ${stem}.${kind}.gz beside it`, "neither");
}

/** The name as it stands first, then however it is capitalised. */
function findBeside(path: string, kind: string): string | null {
  const wanted = [`${stemOf(path)}.${kind}`, `${stemOf(path)}.${kind}.gz`];
  const folder = dirname(path);
  const names = namesIn(folder, path);
  for (const name of wanted) {
    const found = names.includes(name) ? name : names.find((each) => each.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return join(folder, found);
  }
  return null;
}

function namesIn(folder: string, path: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    return refuseFile(path, "a file", codeOf(error), error);
  }
}

function readPart(path: string): Part {
  const bytes = readBytes(path);
  return wholeFile(path, bytes[0] === 0x1f && bytes[1] === 0x8b ? unpack(path, bytes) : bytes);
}

function readBytes(path: string): Uint8Array {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const { size } = fstatSync(descriptor);
    if (size <= limits.fileBytes) return readFileSync(descriptor);
    return refuseFile(path, `at most ${limits.fileBytes} bytes`, `${size}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return refuseFile(path, "a file", codeOf(error), error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function unpack(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.fileBytes });
  } catch (error) {
    const isLarge = codeOf(error) === "ERR_BUFFER_TOO_LARGE";
    return isLarge
      ? refuseFile(path, `at most ${limits.fileBytes} bytes when unpacked`, "more", error)
      : refuseFile(path, "whole gzip data", codeOf(error), error);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
