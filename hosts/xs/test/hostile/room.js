// What the programs know of the machine they attack, so that the same program fills a small one and a large one.
export const natives = globalThis.lughNatives;

/** Bytes of memory that this machine was given, and a share of them. */
export const room = (share) => Math.floor(natives.memoryBytes() * share);

/** A string of so many letters, or a little less; long pieces are repeated, because each repetition is charged. */
export function text(letters, unit = "a") {
  const piece = unit.repeat(Math.ceil(64 / unit.length));
  return letters < piece.length * 8
    ? unit.repeat(Math.max(1, Math.floor(letters / unit.length)))
    : piece.repeat(Math.floor(letters / piece.length));
}

/** An array of so many numbers. */
export function numbers(length) {
  const list = [];
  for (let i = 0; i < length; i++) list.push((i * 7919) % 1009);
  return list;
}

/** An object with so many names. */
export function wide(count) {
  const object = {};
  for (let i = 0; i < count; i++) object[`n${i}`] = i;
  return object;
}

/** Repeats for ever. */
export function always(act) {
  for (;;) act();
}
