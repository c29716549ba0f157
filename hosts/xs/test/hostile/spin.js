// Loops without an end, in every place where the language calls back.
// biome-ignore-all lint: they do on purpose what nobody should
import { always } from "hostile/room";

const forever = () => {
  for (;;);
};

const endless = { [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }) }) };

export default {
  "out-of-budget": {
    empty: forever,
    labelled() {
      outer: for (;;) {
        for (;;) continue outer;
      }
    },
    counting() {
      for (let i = 0; i >= 0; i += 1) if (i < 0) return i;
    },
    doWhile() {
      let i = 0;
      do i ^= 1;
      while (i < 2);
    },
    callBack: () => always(() => null),
    callEmpty() {
      const nothing = () => {};
      for (;;) nothing();
    },
    hostCall() {
      for (;;) Math.abs(1);
    },
    tailCall() {
      const step = () => step();
      return step();
    },
    each: () => [1, 2, 3].forEach(forever),
    iterator() {
      for (const _ of endless);
    },
    iteratorReturn() {
      const stubborn = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return: forever }) };
      for (const _ of stubborn) break;
    },
    getter: () =>
      ({
        get x() {
          return forever();
        },
      }).x,
    setter() {
      const object = {
        set x(_value) {
          forever();
        },
      };
      object.x = 1;
    },
    valueOf: () => +{ valueOf: forever },
    toText: () => `${{ toString: forever }}`,
    toPrimitive: () => `${{ [Symbol.toPrimitive]: forever }}`,
    toJson: () => JSON.stringify({ toJSON: forever }),
    hasInstance: () => ({}) instanceof { [Symbol.hasInstance]: forever },
    species() {
      class Odd extends Array {
        static get [Symbol.species]() {
          return forever();
        }
      }
      return new Odd(1, 2).map((x) => x);
    },
    spreadable: () =>
      [].concat({
        get [Symbol.isConcatSpreadable]() {
          return forever();
        },
      }),
    comparator: () => [2, 1].sort(forever),
    typedComparator: () => new Uint8Array([2, 1]).sort(forever),
    replacer: () => "a".replace("a", forever),
    replacerOfAll: () => "aa".replaceAll("a", forever),
    reviver: () => JSON.parse("[1]", forever),
    jsonReplacer: () => JSON.stringify([1], forever),
    mapper: () => Array.from([1], forever),
    reducer: () => [1, 2].reduce(forever),
    finder: () => [1, 2].findLast(forever),
    executor: () => new Promise(forever),
    constructor() {
      class Slow {
        constructor() {
          forever();
        }
      }
      return Reflect.construct(Slow, []);
    },
    defaultParameter() {
      const call = (_x = forever()) => 1;
      return call();
    },
    destructuring() {
      const { x = forever() } = {};
      return x;
    },
    staticBlock: () =>
      class {
        static {
          forever();
        }
      },
    fieldInitializer: () =>
      new (class {
        x = forever();
      })(),
    computedName: () => ({ [forever()]: 1 }),
    tag: () => forever`text`,
    optionalCall: () => forever?.(),
  },
};
