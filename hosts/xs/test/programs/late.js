// A module that is not preloaded: its top level runs in the machine, so it may hold what a root may not.
const table = new Map([
  [1, 2],
  [3, 4],
]);

export default {
  total() {
    let total = 0;
    for (const value of table.values()) total += value;
    return total;
  },
};
