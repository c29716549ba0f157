// Sentences for people, cut to what the wire takes.

import { sentenceLengthMaximum } from "wire/limits";

/** Never cuts a character in two: a lone half could not be encoded. */
export function cutSentence(text: string): string {
  if (text.length <= sentenceLengthMaximum) return text;
  const last = text.charCodeAt(sentenceLengthMaximum - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalf ? sentenceLengthMaximum - 1 : sentenceLengthMaximum);
}
