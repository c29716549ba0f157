// Bytes as hexadecimal digits, for people and documents.

import { WireError } from "wire/error";

export function formatHex(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    text += (byte < 16 ? "0" : "") + byte.toString(16);
  }
  return text;
}

/** Blanks between the digits are skipped; anything else throws a WireError. */
export function parseHex(text: string): Uint8Array {
  const digits = text.split(/\s+/).join("");
  const bytes = new Uint8Array(digits.length >> 1);
  for (let index = 0; index < bytes.length; index++) {
    const pair = digits.slice(index * 2, index * 2 + 2);
    const value = Number(`0x${pair}`);
    if (!Number.isInteger(value))
      throw new WireError(`Cannot read hexadecimal digits: wanted two of 0-9 a-f, found "${pair}"`, index);
    bytes[index] = value;
  }
  if (digits.length % 2 === 1)
    throw new WireError("Cannot read hexadecimal digits: wanted whole bytes, found one digit more", bytes.length);
  return bytes;
}
