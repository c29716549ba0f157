export const ready = Promise.resolve(1);
