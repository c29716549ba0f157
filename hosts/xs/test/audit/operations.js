// Everything that a service can do to an object it holds, other than calling a method: each is tried on every target.
// biome-ignore-all lint: they hold and do on purpose what nobody should
import { natives } from "audit/natives";

const own = () => ({ mine: 1 });
const nothing = () => undefined;

/** Smuggles an object into a subclass, so that the subclass stamps its private fields on it. */
class Carrier {
  constructor(object) {
    return object;
  }
}

class Stamp extends Carrier {
  #mark = 42;
  visible = 1;
  read() {
    return this.#mark;
  }
}

const stampWithout = (object) =>
  new (class extends Carrier {
    #only = 1;
    static read = (it) => it.#only;
  })(object);

const keysOf = (object) => Reflect.ownKeys(object);
const each = (object, act) => {
  for (const key of keysOf(object)) {
    try {
      act(key);
    } catch {}
  }
};

const churn = () => {
  for (let i = 0; i < 40; i++) new Array(40).fill(i).map(String);
};

export const operations = {
  assignNew: (o) => {
    o.added = 1;
  },
  assignEach: (o) => each(o, (key) => (o[key] = 7)),
  assignIndex: (o) => {
    o[0] = 7;
  },
  assignFarIndex: (o) => {
    o[4294967294] = 7;
  },
  assignLength: (o) => {
    o.length = 0;
  },
  assignSymbol: (o) => {
    o[Symbol.iterator] = nothing;
  },
  assignPrototype: (o) => {
    o.__proto__ = own();
  },
  increment: (o) => each(o, (key) => o[key]++),
  append: (o) => {
    o[o.length] = 1;
  },
  logical: (o) => {
    o.added ??= own();
  },
  destructure: (o) => {
    [o.added, o[0]] = [1, 2];
  },
  removeEach: (o) => each(o, (key) => delete o[key]),
  removeMissing: (o) => delete o.missing,
  removeIndex: (o) => delete o[0],
  reflectRemove: (o) => each(o, (key) => Reflect.deleteProperty(o, key)),
  defineNew: (o) => Object.defineProperty(o, "added", { value: 1 }),
  defineEach: (o) => each(o, (key) => Object.defineProperty(o, key, { value: 7 })),
  defineSame: (o) => each(o, (key) => Object.defineProperty(o, key, Object.getOwnPropertyDescriptor(o, key))),
  defineLoose: (o) => each(o, (key) => Object.defineProperty(o, key, { writable: true, configurable: true })),
  defineGetter: (o) => each(o, (key) => Object.defineProperty(o, key, { get: nothing })),
  defineFunction: (o) => each(o, (key) => Object.defineProperty(o, key, { value: () => 1 })),
  defineMany: (o) => Object.defineProperties(o, { added: { value: 1 }, 0: { value: 2 } }),
  defineGetterOld: (o) => o.__defineGetter__("added", nothing),
  defineSetterOld: (o) => o.__defineSetter__("added", nothing),
  reflectDefine: (o) => each(o, (key) => Reflect.defineProperty(o, key, { value: 7 })),
  reflectSet: (o) => each(o, (key) => Reflect.set(o, key, 7)),
  reflectSetOnto: (o) => each(o, (key) => Reflect.set(own(), key, 7, o)),
  reflectSetFrom: (o) => Reflect.set(Object.create(o), "added", 7, o),
  setPrototypeNull: (o) => Object.setPrototypeOf(o, null),
  setPrototypeOwn: (o) => Object.setPrototypeOf(o, own()),
  setPrototypeSame: (o) => Object.setPrototypeOf(o, Object.getPrototypeOf(o)),
  reflectSetPrototype: (o) => Reflect.setPrototypeOf(o, own()),
  preventExtensions: (o) => Object.preventExtensions(o),
  reflectPreventExtensions: (o) => Reflect.preventExtensions(o),
  seal: (o) => Object.seal(o),
  freeze: (o) => Object.freeze(o),
  isFrozen: (o) => Object.isFrozen(o) && Object.isSealed(o),
  assignOnto: (o) => Object.assign(o, { added: 1, 0: 2 }),
  assignFrom: (o) => Object.assign({}, o),
  spread: (o) => ({ ...o }),
  iterate: (o) => [...o],
  forIn: (o) => {
    for (const _ in o);
  },
  forOf: (o) => {
    for (const _ of o) break;
  },
  entries: (o) => Object.entries(o).sort(),
  inherit: (o) => {
    const child = Object.create(o);
    child.added = 1;
    each(o, (key) => (child[key] = 7));
    return child;
  },
  inheritClass: (o) =>
    new (class extends o {
      added = 1;
    })(),
  superAssign: (o) => {
    const home = {
      write() {
        super.added = 1;
        super[0] = 1;
      },
    };
    Object.setPrototypeOf(home, o);
    home.write.call(o);
  },
  stamp: (o) => new Stamp(o),
  stampWithout,
  stampTwice: (o) => [new Stamp(o), stampWithout(o)],
  call: (o) => o(),
  callWithItself: (o) => o(o, o),
  callOnItself: (o) => o.call(o, 1),
  construct: (o) => new o(),
  constructWithItself: (o) => new o(o),
  constructFor: (o) => Reflect.construct(Object, [], o),
  bind: (o) => o.bind(own(), 1)(),
  asNewTarget: (o) => Reflect.construct(Array, [1, 2], o),
  rename: (o) => Object.defineProperty(o, "name", { value: "other" }),
  weakKey: (o) => new WeakMap([[o, own()]]),
  weakMember: (o) => new WeakSet([o]),
  mapKey: (o) => new Map([[o, o]]).get(o),
  setMember: (o) => new Set([o]).has(o),
  stringify: (o) => JSON.stringify(o),
  stringifyInside: (o) => JSON.stringify({ deep: [o] }),
  replacer: (o) => JSON.stringify({ a: 1 }, o),
  revive: (o) =>
    JSON.parse("[1,{}]", function revive() {
      return this === o ? 1 : o;
    }),
  toText: (o) => `${o}`,
  toNumber: (o) => +o,
  compare: (o) => o == 1 || o < 2,
  instanceOf: (o) => ({}) instanceof o,
  hasIn: (o) => "added" in o,
  tag: (o) => o`text`,
  resolve: (o) => Promise.resolve(o).then(nothing),
  settle: (o) => new Promise(o),
  awaitIt: async (o) => {
    await o;
  },
  all: (o) => Promise.all(o),
  proxied: (o) => {
    const proxy = new Proxy(o, {});
    proxy.added = 1;
    each(o, (key) => (proxy[key] = 7));
  },
  proxiedFreeze: (o) => Object.freeze(new Proxy(o, {})),
  handler: (o) => new Proxy({}, o).x,
  speciesOf: (o) => [1].map.call(o, nothing),
  concatenate: (o) => [].concat(o, [1]),
  flatten: (o) => [[o]].flat(9),
  sortCopy: (o) => [o, o].sort(),
  apply: (o) => Math.max.apply(null, o),
  accessors: (o) =>
    each(o, (key) => {
      const { get, set } = Object.getOwnPropertyDescriptor(o, key);
      get?.call(own());
      set?.call(o, 7);
    }),
  throwIt: (o) => {
    throw o;
  },
  yieldAll: (o) => [
    ...(function* () {
      yield* o;
    })(),
  ],
  next: (o) => o.next(1),
  finish: (o) => o.return(1),
  send: (o) => natives.encode(o),
  keep: (o) => {
    globalThis.kept = [o, own()];
    churn();
  },
  keepAsPrototype: (o) => {
    globalThis.kept = Object.create(o, { own: { value: [own()] } });
    churn();
  },
  keepInMap: (o) => {
    globalThis.kept = new Map([[o, own()]]);
    churn();
  },
  replaceGlobal: (o) => {
    for (const name of ["Array", "Map", "globalThis", "undefined", "kept"]) {
      try {
        globalThis[name] = o;
      } catch {}
    }
  },
  globalPrototype: (o) => Object.setPrototypeOf(globalThis, o),
  defineOnGlobals: (o) => Object.defineProperty(Object.getPrototypeOf(globalThis), "Map", { value: o }),
};
