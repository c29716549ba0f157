function makeLookup() {
  const cache = new Map();
  return (key) => cache.get(key);
}
export const lookup = makeLookup();
