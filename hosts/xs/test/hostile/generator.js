// Generators and iterators: what takes all of an endless one must be stopped while it takes.
// biome-ignore-all lint: they do on purpose what nobody should
function* endless() {
  for (;;) yield 1;
}

function* nested() {
  yield* nested();
}

function* stubborn() {
  for (;;) {
    try {
      yield 1;
    } finally {
      continue;
    }
  }
}

export default {
  "out-of-budget": {
    walk() {
      for (const _ of endless());
    },
    delegate() {
      function* through() {
        yield* endless();
      }
      for (const _ of through());
    },
    returnNeverEnds() {
      for (;;) {
        const it = stubborn();
        it.next();
        it.return();
      }
    },
    makeAndDrop() {
      for (;;) endless().next();
    },
  },
  "out-of-memory out-of-budget": {
    mapFrom: () => new Map({ [Symbol.iterator]: () => ({ next: () => ({ value: [{}, 1] }) }) }),
    setFrom: () => new Set({ [Symbol.iterator]: () => ({ next: () => ({ value: {} }) }) }),
    fromEntries() {
      let i = 0;
      return Object.fromEntries({ [Symbol.iterator]: () => ({ next: () => ({ value: [`k${i++}`, 1] }) }) });
    },
  },
  growth: {
    spread: () => [...endless()],
    from: () => Array.from(endless()),
    typed: () => new Uint8Array(endless()),
    rest() {
      const [...all] = endless();
      return all;
    },
    keepGenerators() {
      const all = [];
      for (;;) {
        const it = endless();
        it.next();
        all.push(it);
      }
    },
  },
  "stack-overflow": {
    arguments: () => Math.max(...endless()),
    delegateItself: () => [...nested()],
    chain() {
      let it = endless();
      for (let i = 0; i < 100000; i++) {
        const inner = it;
        it = (function* () {
          yield* inner;
        })();
        it.next();
      }
    },
  },
};
