// CRC-32 as of IEEE 802.3 (reflected polynomial 0xedb88320), which finds every torn or flipped run of up to 32 bits. It is
// against accidents; what an adversary may have written is checked by digests and signatures.

/** Of every half byte: a table of 256 would cost each machine that changes nothing 4 KB to read through. */
const halves: readonly number[] = Object.freeze([
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320,
  0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
]);

/** `from` is the sum of what came before. */
export function crc32(bytes: Uint8Array, from = 0): number {
  let sum = ~from;
  for (let index = 0; index < bytes.length; index++) {
    sum ^= bytes[index] as number;
    sum = (sum >>> 4) ^ (halves[sum & 15] as number);
    sum = (sum >>> 4) ^ (halves[sum & 15] as number);
  }
  return ~sum >>> 0;
}
