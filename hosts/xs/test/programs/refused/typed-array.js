export const samples = new Int32Array(4);
