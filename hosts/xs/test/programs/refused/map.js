const table = new Map([[1, 2]]);
export const read = (key) => table.get(key);
