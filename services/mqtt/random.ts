// Chance for a service, which has none: a sequence that differs from node to node and from start to start, so that the
// nodes of a fleet do not all come back to their broker in the same instant. It is no secret and decides nothing else.

/** Answers numbers of 0 up to, not including, 1 (Marsaglia's xorshift, seeded by the FNV-1a hash of a text). */
export function createRandom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (let index = 0; index < seed.length; index++) state = Math.imul(state ^ seed.charCodeAt(index), 0x01000193);
  state = state === 0 ? 1 : state;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}
