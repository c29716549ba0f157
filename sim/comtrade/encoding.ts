// Which characters the bytes of a configuration stand for. Only the revision of 2013 says (UTF-8); before, each maker wrote the
// code page of its country. Text that is no UTF-8 is judged by how its bytes above 127 lie.

import { type Part, refuseFile } from "sim/comtrade/refusal";

export interface DecodedText {
  readonly text: string;
  /** A label of the Encoding standard. */
  readonly encoding: string;
}

/** `encoding` names one (`windows-1251`); without it, UTF-8 if the bytes are, else what they look like. */
export function decodeText({ file, bytes }: Part, encoding?: string): DecodedText {
  const name = encoding ?? (isUtf8(bytes) ? "utf-8" : guessEncoding(bytes));
  try {
    const decoder = new TextDecoder(name, { fatal: encoding !== undefined });
    return { text: decoder.decode(withoutEnd(bytes)), encoding: name };
  } catch (error) {
    return refuseFile(file, `text in an encoding that exists, ${name}`, String(error), error);
  }
}

/** Without the blanks, line ends and marks of the end (SUB, as CP/M and DOS wrote it) behind a text. */
export function withoutEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] as number) <= 0x20) end -= 1;
  return bytes.subarray(0, end);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false; // The question was whether it decodes, and that is the answer.
  }
}

/**
 * Chinese text has its high bytes in pairs of GB 2312, most of them of its first level; words of Cyrillic letters are high
 * bytes throughout; in Western words a few stand among letters of ASCII.
 */
function guessEncoding(bytes: Uint8Array): string {
  if (isChinese(bytes)) return "gbk";
  return isCyrillic(bytes) ? "windows-1251" : "iso-8859-1";
}

function isChinese(bytes: Uint8Array): boolean {
  let pairs = 0;
  let firstLevel = 0;
  for (let index = 0; index < bytes.length; index++) {
    const lead = bytes[index] as number;
    if (lead < 0x80) continue;
    const trail = bytes[++index] ?? 0;
    if (lead < 0xa1 || lead > 0xf7 || trail < 0xa1 || trail > 0xfe) return false;
    pairs += 1;
    if (lead <= 0xd7) firstLevel += 1;
  }
  return firstLevel * 2 > pairs;
}

function isCyrillic(bytes: Uint8Array): boolean {
  let high = 0;
  let letters = 0;
  let wordHigh = 0;
  let wordLetters = 0;
  for (let index = 0; index <= bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte >= 0xa0) wordHigh += 1;
    if (byte >= 0xa0 || isAsciiLetter(byte)) {
      wordLetters += 1;
      continue;
    }
    if (wordHigh > 0) {
      high += wordHigh;
      letters += wordLetters;
    }
    wordHigh = 0;
    wordLetters = 0;
  }
  return high * 2 > letters;
}

function isAsciiLetter(byte: number): boolean {
  const upper = byte & 0xdf;
  return upper >= 0x41 && upper <= 0x5a;
}
