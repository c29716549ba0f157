// What the test hands in.
export const natives = globalThis.lughNatives;
