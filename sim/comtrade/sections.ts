// Takes a combined file (.cff) apart: text sections behind lines such as `--- file type: CFG ---`, and at last the data, which may be
// binary and then has its length in that line. Writers differ in dashes, colons and blanks, so all of them are taken.

import { toFileType } from "sim/comtrade/configuration";
import type { FileType } from "sim/comtrade/record";
import { type Part, quote, refuseByte, refuseFile, refuseLine } from "sim/comtrade/refusal";

export interface Sections {
  readonly configuration: Part;
  readonly samples: Part;
  /** Of the line in front of the data; null: it does not say. */
  readonly fileType: FileType | null;
  readonly header: Part | null;
  readonly information: Part | null;
}

interface Mark {
  readonly kind: string;
  readonly fileType: FileType | null;
  readonly lengthBytes: number | null;
}

/** A line of a mark is short: longer ones are data, and are not decoded. */
const markBytesMaximum = 120;

export function splitSections(whole: Part): Sections {
  const { file, bytes } = whole;
  const parts = new Map<string, Part>();
  let fileType: FileType | null = null;
  let open: { mark: Mark; begin: number; line: number } | undefined;
  const close = (end: number): void => {
    if (open === undefined) return;
    const { mark, begin, line } = open;
    parts.set(mark.kind, { file, bytes: bytes.subarray(begin, end), firstLine: line, firstByte: begin });
    open = undefined;
  };
  let line = 1;
  for (let begin = 0; begin < bytes.length; line++) {
    const end = endOfLine(bytes, begin);
    const mark = readMark(whole, begin, end, line);
    if (mark === null && open === undefined && !isBlank(bytes, begin, end))
      refuseLine(whole, line, 'a line such as "--- file type: CFG ---"', quote(textOf(bytes, begin, end)));
    if (mark !== null) {
      close(begin);
      if (parts.has(mark.kind)) refuseLine(whole, line, `one section ${mark.kind}`, "another one");
      open = { mark, begin: end, line: line + 1 };
      if (mark.kind === "DAT") fileType = mark.fileType;
    }
    begin = end;
    const lengthBytes = mark?.lengthBytes ?? null;
    if (lengthBytes === null) continue;
    if (end + lengthBytes > bytes.length)
      refuseByte(whole, end, `${lengthBytes} bytes of data`, `${bytes.length - end} (is the file cut?)`);
    begin = end + lengthBytes;
    close(begin);
  }
  close(bytes.length);
  const configuration = parts.get("CFG") ?? refuseFile(file, "a section CFG", "none");
  const samples = parts.get("DAT") ?? refuseFile(file, "a section DAT", "none (is the file cut?)");
  return {
    configuration,
    samples,
    fileType,
    header: parts.get("HDR") ?? null,
    information: parts.get("INF") ?? null,
  };
}

/** One byte past the end of the line, its LF included. */
function endOfLine(bytes: Uint8Array, begin: number): number {
  const found = bytes.indexOf(10, begin);
  return found === -1 ? bytes.length : found + 1;
}

function readMark(whole: Part, begin: number, end: number, line: number): Mark | null {
  if (whole.bytes[begin] !== 0x2d || end - begin > markBytesMaximum) return null;
  const text = textOf(whole.bytes, begin, end);
  const match = /^-{2,}\s*file type:?\s+(CFG|INF|HDR|DAT)\b(?:\s+([a-z0-9]+))?\s*(?::\s*(\d{1,12}))?\s*-{2,}$/i.exec(
    text,
  );
  if (match === null) return null;
  const [, kind = "", type, length] = match;
  const fileType = type === undefined ? null : toFileType(type);
  if (type !== undefined && fileType === null)
    return refuseLine(whole, line, "ASCII, BINARY, BINARY32 or FLOAT32 as the type of the data", quote(type));
  return { kind: kind.toUpperCase(), fileType, lengthBytes: length === undefined ? null : Number(length) };
}

function textOf(bytes: Uint8Array, begin: number, end: number): string {
  return new TextDecoder("iso-8859-1").decode(bytes.subarray(begin, Math.min(end, begin + markBytesMaximum))).trim();
}

/** What stands before the first section and behind data of stated length: line ends, and marks of the end. */
function isBlank(bytes: Uint8Array, begin: number, end: number): boolean {
  return bytes.subarray(begin, end).every((byte) => byte <= 32);
}
