// Base64 with the URL-safe alphabet (RFC 4648 §5), without padding, as SenML's JSON form carries bytes.

import { WireError } from "wire/error";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export function formatBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index;
    const group = ((bytes[index] as number) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    for (let digit = 0; digit <= left && digit < 4; digit++)
      text += alphabet.charAt((group >> (18 - 6 * digit)) & 0x3f);
  }
  return text;
}

/** Takes padding or none. Throws a WireError for other characters and for bits that belong to no byte. */
export function parseBase64Url(text: string): Uint8Array {
  let length = text.length;
  if (length % 4 === 0) while (length > 0 && length > text.length - 2 && text.charAt(length - 1) === "=") length -= 1;
  const bytes = new Uint8Array((length * 3) >> 2);
  let bits = 0;
  let pending = 0;
  let written = 0;
  for (let index = 0; index < length; index++) {
    const digit = alphabet.indexOf(text.charAt(index));
    if (digit < 0)
      throw new WireError(`Cannot read base64url: wanted A-Z a-z 0-9 - _, found "${text.charAt(index)}"`, index);
    bits = ((bits << 6) | digit) & 0x3fff;
    pending += 6;
    if (pending < 8) continue;
    pending -= 8;
    bytes[written++] = bits >> pending;
  }
  if (pending === 6 || (bits & ((1 << pending) - 1)) !== 0)
    throw new WireError("Cannot read base64url: wanted whole bytes, found stray bits", length);
  return bytes;
}
