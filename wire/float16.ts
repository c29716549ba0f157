// Half-precision floats (IEEE 754 binary16), which RFC 8949 §4.2.1 demands where they hold the value and which
// neither engine reads or writes by itself. Both ways are exact: nothing is rounded here.

/** The number that 16 bits stand for. */
export function readHalf(bits: number): number {
  const fraction = bits & 0x3ff;
  const exponent = (bits >> 10) & 0x1f;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

/** The 16 bits that stand for the same number as these 32 bits of binary32 (not NaN); -1 when none do. */
export function narrowToHalf(singleBits: number): number {
  const sign = (singleBits >>> 16) & 0x8000;
  const biased = (singleBits >>> 23) & 0xff;
  const fraction = singleBits & 0x7fffff;
  if (biased === 0xff) return sign | 0x7c00;
  if (biased === 0 && fraction === 0) return sign;
  const exponent = biased - 127;
  if (exponent > 15 || exponent < -24) return -1;
  if (exponent >= -14) return fraction & 0x1fff ? -1 : sign | ((exponent + 15) << 10) | (fraction >> 13);
  // Below 2^-14 the leading one becomes part of the fraction, in units of 2^-24.
  const shift = -1 - exponent;
  const whole = 0x800000 | fraction;
  return whole & ((1 << shift) - 1) ? -1 : sign | (whole >> shift);
}
