export const pool = new ArrayBuffer(4);
