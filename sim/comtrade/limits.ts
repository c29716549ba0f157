// How much of a file is believed. What a configuration declares costs nothing until the bytes are there: every table is sized
// by the bytes of the data, and these limits bound the bytes.

export const limits = Object.freeze({
  /** Unpacked: the text of a record that reaches `values` below, at 4 bytes a value. */
  fileBytes: 256 * 1024 * 1024,
  /** Configurations are lines of text; the largest seen, of 300 channels, has 30 KB. */
  configurationBytes: 16 * 1024 * 1024,
  /**
   * Of samples and channels together, the stamp among them: 12 channels at 250 S/s for five hours, or at 256 kS/s for 20 s. Once
   * read they take 8 bytes each, 512 MB in all, which a desk can spare and a Node process can hold.
   */
  values: 64 * 1024 * 1024,
  /** The standard gives channel numbers six digits. */
  channels: 999_999,
  /** And sample numbers ten. */
  samples: 9_999_999_999,
});
