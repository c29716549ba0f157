// How much of a file is believed. What a configuration declares costs nothing until the bytes are there: every table is sized
// by the bytes of the data, and these limits bound the bytes.

export const limits = Object.freeze({
  /** A day of 12 channels at 250 S/s, or 40 s at 256 kS/s. Unpacked it stays below what one Node process may hold. */
  fileBytes: 256 * 1024 * 1024,
  /** Configurations are lines of text; the largest seen, of 300 channels, has 30 KB. */
  configurationBytes: 16 * 1024 * 1024,
  /** Of samples and channels together: 8 bytes each once read. */
  values: 64 * 1024 * 1024,
  /** The standard gives channel numbers six digits. */
  channels: 999_999,
  /** And sample numbers ten. */
  samples: 9_999_999_999,
});
