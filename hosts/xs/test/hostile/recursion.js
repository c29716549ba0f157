// Recursion, in JavaScript and through every built-in that calls back: neither stack may be outgrown.
// biome-ignore-all lint: they do on purpose what nobody should
import { room } from "hostile/room";

function straight(depth) {
  return straight(depth + 1) + 1;
}

const even = (n) => odd(n + 1) + 1;
const odd = (n) => even(n + 1) + 1;

const nestedJson = () => JSON.parse("[".repeat(100) + "]".repeat(100));

/** A chain of objects, each the prototype of the next. */
function chain(length) {
  let object = {};
  for (let i = 0; i < length; i++) object = Object.create(object);
  return object;
}

export default {
  "stack-overflow": {
    straight: () => straight(0),
    mutual: () => even(0),
    arrow() {
      const again = (n) => 1 + again(n + 1);
      return again(0);
    },
    manyArguments() {
      const again = (a, b, c, d, e, f, g, h) => 1 + again(h, g, f, e, d, c, b, a);
      return again(1, 2, 3, 4, 5, 6, 7, 8);
    },
    manyLocals() {
      const again = (n) => {
        const [a, b, c, d, e, f, g, h] = [n, n, n, n, n, n, n, n];
        return again(a + b + c + d + e + f + g + h) + 1;
      };
      return again(0);
    },
    sort() {
      const deep = () => [2, 1].sort(deep);
      return deep();
    },
    forEach() {
      const deep = () => [1].forEach(deep);
      return deep();
    },
    map() {
      const deep = () => [1].map(deep);
      return deep();
    },
    reduce() {
      const deep = () => [1, 2].reduce(deep);
      return deep();
    },
    from() {
      const deep = () => Array.from([1], deep);
      return deep();
    },
    typedMap() {
      const deep = () => new Uint8Array(1).map(deep);
      return deep();
    },
    replace() {
      const deep = () => "a".replace("a", deep);
      return deep();
    },
    replaceByPattern() {
      const deep = () => "a".replace(/a/, deep);
      return deep();
    },
    toText() {
      const value = { toString: () => `${value}` };
      return `${value}`;
    },
    valueOf() {
      const value = { valueOf: () => +value };
      return +value;
    },
    toPrimitive() {
      const value = { [Symbol.toPrimitive]: () => value + 1 };
      return value + 1;
    },
    getter() {
      const value = {
        get x() {
          return value.x;
        },
      };
      return value.x;
    },
    setter() {
      const value = {
        set x(next) {
          value.x = next;
        },
      };
      value.x = 1;
    },
    toJson() {
      const value = { toJSON: () => JSON.stringify(value) };
      return JSON.stringify(value);
    },
    reviver() {
      const deep = () => JSON.parse("[1]", deep);
      return deep();
    },
    jsonReplacer() {
      const deep = () => JSON.stringify([1], deep);
      return deep();
    },
    parseDeep: () => JSON.parse("[".repeat(20000)),
    parseDeepObjects: () => JSON.parse('{"a":'.repeat(2000)),
    proxyGet() {
      const proxy = new Proxy({}, { get: () => proxy.x });
      return proxy.x;
    },
    proxyOfItself() {
      const proxy = new Proxy({}, {});
      Object.setPrototypeOf(proxy, proxy);
      return proxy.x;
    },
    proxyHandler() {
      const handler = {};
      const proxy = new Proxy({}, handler);
      Object.setPrototypeOf(handler, proxy);
      return proxy.x;
    },
    construct() {
      class Again {
        constructor() {
          new Again();
        }
      }
      return new Again();
    },
    fieldInitializer() {
      class Again {
        x = new Again();
      }
      return new Again();
    },
    reflect() {
      const deep = () => Reflect.apply(deep, null, []);
      return deep();
    },
    call() {
      const deep = () => deep.call();
      return 1 + deep();
    },
    apply() {
      const deep = () => 1 + deep.apply(null, [1, 2, 3]);
      return deep();
    },
    bound() {
      const deep = () => 1 + deep.bind(null)();
      return deep();
    },
    tag() {
      const deep = () => 1 + deep`x`;
      return deep();
    },
    hasInstance() {
      const odd = { [Symbol.hasInstance]: () => ({}) instanceof odd };
      return {} instanceof odd;
    },
    generator() {
      function* deep() {
        yield* deep();
      }
      return [...deep()];
    },
    spreadArguments() {
      const deep = (...all) => 1 + deep(...all, 1);
      return deep();
    },
    defaultParameter() {
      const deep = (x = deep()) => x;
      return deep();
    },
    superCall() {
      class Deep {
        get x() {
          return new (class extends Deep {
            get x() {
              return super.x;
            }
          })().x;
        }
      }
      return new Deep().x;
    },
    tailLike() {
      const deep = (n) => (n < 0 ? 0 : deep(n + 1) || 0);
      return deep(0) + 1;
    },
    flatMap() {
      const deep = () => [1].flatMap(deep);
      return deep();
    },
    species() {
      class Odd extends Array {
        static get [Symbol.species]() {
          return new Odd(1).map((x) => x);
        }
      }
      return new Odd(1).map((x) => x);
    },
    mapForEach() {
      const deep = () => new Map([[1, 1]]).forEach(deep);
      return deep();
    },
    errorCause() {
      const deep = () => {
        throw new Error("x", {
          get cause() {
            return deep();
          },
        });
      };
      return deep();
    },
    asyncBody() {
      const deep = async () => {
        await deep();
      };
      return deep();
    },
    promiseExecutor() {
      const deep = () => new Promise(deep);
      return deep();
    },
  },
  "out-of-memory stack-overflow out-of-budget": {
    joinNested() {
      let list = [];
      for (let i = 0; i < room(1 / 200); i++) list = [list];
      for (;;) list.join();
    },
    flatNested() {
      let list = [];
      for (let i = 0; i < room(1 / 200); i++) list = [list];
      for (;;) list.flat(Number.POSITIVE_INFINITY);
    },
    stringifyNested() {
      let list = [];
      for (let i = 0; i < room(1 / 200); i++) list = [list];
      for (;;) JSON.stringify(list);
    },
    boundChain() {
      let bound = () => 1;
      for (let i = 0; i < room(1 / 1000); i++) bound = bound.bind(null);
      for (;;) bound();
    },
    proxyChain() {
      let proxy = {};
      for (let i = 0; i < room(1 / 400); i++) proxy = new Proxy(proxy, {});
      for (;;) proxy.x;
    },
    proxyCallChain() {
      let proxy = () => 1;
      for (let i = 0; i < room(1 / 400); i++) proxy = new Proxy(proxy, {});
      for (;;) proxy();
    },
    getterChain() {
      let object = { x: 1 };
      for (let i = 0; i < room(1 / 1000); i++) {
        const inner = object;
        object = {
          get x() {
            return inner.x;
          },
        };
      }
      for (;;) object.x;
    },
    closureChain() {
      let call = () => 1;
      for (let i = 0; i < room(1 / 1000); i++) {
        const inner = call;
        call = () => inner() + 1;
      }
      for (;;) call();
    },
    thenChain() {
      let promise = Promise.resolve(1);
      for (let i = 0; i < room(1 / 1000); i++) promise = Promise.resolve().then(() => promise);
      for (;;) [nestedJson()];
    },
    prototypeChain() {
      const object = chain(room(1 / 100));
      for (;;) object.missing;
    },
    prototypeChainSet() {
      const object = chain(room(1 / 100));
      for (;;) {
        object.x = 1;
        delete object.x;
      }
    },
    prototypeChainInstanceOf() {
      const object = chain(room(1 / 100));
      class Other {}
      for (;;) if (object instanceof Other) return;
    },
    prototypeChainIsPrototypeOf() {
      const object = chain(room(1 / 100));
      for (;;) if (Array.prototype.isPrototypeOf(object)) return;
    },
    prototypeChainIndex() {
      const object = chain(room(1 / 100));
      for (;;) object[7];
    },
    /** Found to cost most: the engine asks at every prototype again which names were visited. */
    prototypeChainForIn() {
      const object = chain(room(1 / 200));
      for (;;) for (const _ in object);
    },
    prototypeChainCycle() {
      const object = chain(room(1 / 100));
      const root = {};
      for (;;) {
        Object.setPrototypeOf(root, object);
        Object.setPrototypeOf(root, null);
      }
    },
    heritageChain() {
      let Base = class {};
      for (let i = 0; i < room(1 / 1500); i++) Base = class extends Base {};
      for (;;) new Base();
    },
  },
};
