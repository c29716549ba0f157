function* counting() {
  yield 1;
}
export const next = counting();
