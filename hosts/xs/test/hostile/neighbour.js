// Lives beside every hostile program, and looks each time whether anything of its own or of what is shared has changed.
const list = [3, 1, 2];
const object = { inner: { value: 1 } };
let counter = 0;
let mine;

function isSound() {
  const sorted = [...list].sort((a, b) => a - b).join();
  const text = JSON.stringify({ sorted, value: object.inner.value, max: Math.max(...list) });
  return text === '{"sorted":"1,2,3","value":1,"max":3}' && new Map([[1, 2]]).get(1) === 2 && "abc".includes("b");
}

export default {
  check() {
    mine ??= { count: 0 };
    mine.count += 1;
    counter += 1;
    if (mine.count !== counter || !isSound()) throw new Error("harmed");
  },
};
