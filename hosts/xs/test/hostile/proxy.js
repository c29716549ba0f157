// Proxies, getters and other ways to run code where nobody expects it.
// biome-ignore-all lint: they do on purpose what nobody should
import { room, wide } from "hostile/room";

const forever = () => {
  for (;;);
};

const trap = (name, act) => () => act(new Proxy(function target() {}, { [name]: forever }));

export default {
  "out-of-budget": {
    get: trap("get", (proxy) => proxy.x),
    set: trap("set", (proxy) => {
      proxy.x = 1;
    }),
    has: trap("has", (proxy) => "x" in proxy),
    deleteProperty: trap("deleteProperty", (proxy) => delete proxy.x),
    ownKeys: trap("ownKeys", (proxy) => Object.keys(proxy)),
    getOwnPropertyDescriptor: trap("getOwnPropertyDescriptor", (proxy) => Object.hasOwn(proxy, "x")),
    defineProperty: trap("defineProperty", (proxy) => Object.defineProperty(proxy, "x", { value: 1 })),
    getPrototypeOf: trap("getPrototypeOf", (proxy) => proxy instanceof Object),
    setPrototypeOf: trap("setPrototypeOf", (proxy) => Object.setPrototypeOf(proxy, null)),
    isExtensible: trap("isExtensible", (proxy) => Object.isExtensible(proxy)),
    preventExtensions: trap("preventExtensions", (proxy) => Object.freeze(proxy)),
    apply: trap("apply", (proxy) => proxy()),
    construct: trap("construct", (proxy) => new proxy()),
    handlerGetter: () =>
      new Proxy(
        {},
        {
          get get() {
            return forever();
          },
        },
      ).x,
    spreadOwnKeys: trap("ownKeys", (proxy) => ({ ...proxy })),
    forInOwnKeys: trap("ownKeys", (proxy) => {
      for (const _ in proxy);
    }),
    stringify: trap("ownKeys", (proxy) =>
      JSON.stringify([Object.create(proxy), { deep: new Proxy({}, { ownKeys: forever }) }]),
    ),
    isPrototypeOfCircle() {
      const target = {};
      const proxy = new Proxy(target, {});
      Object.setPrototypeOf(target, proxy);
      return Array.prototype.isPrototypeOf(proxy);
    },
    instanceOfCircle() {
      const target = {};
      const proxy = new Proxy(target, {});
      Object.setPrototypeOf(target, proxy);
      return proxy instanceof Array;
    },
    asPrototype: trap("get", (proxy) => Object.create(proxy).x),
    revokeAgain() {
      for (;;) Proxy.revocable({}, {}).revoke();
    },
    ownKeysMany() {
      const keys = Object.keys(wide(Math.min(3000, room(1 / 600))));
      const proxy = new Proxy({}, { ownKeys: () => keys });
      for (;;) Reflect.ownKeys(proxy);
    },
    ownKeysManyOfTarget() {
      const target = wide(Math.min(3000, room(1 / 1000)));
      const proxy = new Proxy(target, { ownKeys: (it) => Reflect.ownKeys(it) });
      for (;;) Reflect.ownKeys(proxy);
    },
    ownKeysVast() {
      let count = 0;
      const keys = new Proxy([], { get: (_target, name) => (name === "length" ? 2 ** 31 - 1 : `k${count++ % 100}`) });
      for (;;) {
        try {
          Reflect.ownKeys(new Proxy({}, { ownKeys: () => keys }));
        } catch {}
      }
    },
    callThrough() {
      const call = new Proxy(() => 1, {});
      for (;;) call();
    },
    getThrough() {
      const object = new Proxy({ x: 1 }, {});
      for (;;) object.x;
    },
  },
  threw: {
    keysTwice: () => Reflect.ownKeys(new Proxy({}, { ownKeys: () => ["a", "a"] })),
    keysLie: () => Reflect.ownKeys(new Proxy(Object.freeze({ a: 1 }), { ownKeys: () => [] })),
    revoked() {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy.x;
    },
    prototypeLies: () => Object.getPrototypeOf(new Proxy(Object.freeze({}), { getPrototypeOf: () => Array.prototype })),
    trapThrows: () =>
      new Proxy(
        {},
        {
          get() {
            throw new Error("in trap");
          },
        },
      ).x,
    cycle() {
      const a = {};
      const b = Object.create(a);
      Object.setPrototypeOf(a, b);
    },
  },
  growth: {
    chain() {
      let proxy = {};
      for (;;) proxy = new Proxy(proxy, {});
    },
    descriptors() {
      const all = [];
      const object = {
        get x() {
          return 1;
        },
      };
      for (;;) all.push(Object.getOwnPropertyDescriptor(object, "x"));
    },
  },
};
