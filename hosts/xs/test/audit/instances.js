// One instance of every kind that a preloaded module may hold, and of every kind that the scan of the root refuses.
//
// What is refused stands here because the hardware has to contain it too, should the scan ever miss one.
// biome-ignore-all lint: they hold and do on purpose what nobody should

const symbol = Symbol("own");
let variable = 1;

class Base {
  #secret = [1];
  static shared = { inner: [1, 2] };
  static #count = 0;
  visible = 1;
  get secret() {
    return this.#secret;
  }
  set secret(value) {
    this.#secret = value;
  }
  static count() {
    Base.#count += 1;
    return Base.#count;
  }
}

class Derived extends Base {
  method() {
    return super.secret;
  }
}

class List extends Array {
  extra = { deep: [1] };
}

class Wrong extends TypeError {
  details = { code: [7] };
}

function counter() {
  let count = 0;
  return { next: () => ++count, read: () => count };
}

function list() {
  return arguments;
}

const tagged = (strings) => strings;

/** The scan lets these pass. */
export const allowed = {
  plain: { a: 1, b: { c: [1, { d: 2 }] }, [symbol]: 3 },
  bare: Object.assign(Object.create(null), { x: 1 }),
  array: [3, 1, 2, [4, 5]],
  empty: [],
  holes: [1, , 3],
  sparse: Object.assign([], { 1000: 1 }),
  frozen: Object.freeze([9, 8, 7]),
  sealed: Object.seal({ x: 1 }),
  strings: ["one", `t${"w"}o`, "three"],
  mixed: [null, undefined, true, 1.5, 10n ** 30n, "text", symbol],
  accessors: {
    get value() {
      return variable;
    },
    set value(next) {
      variable = next;
    },
  },
  arrow: () => variable++,
  declared: function declared(a, b) {
    return [this, a, b];
  },
  generator: function* generator() {
    yield variable;
  },
  asynchronous: async () => variable,
  asyncGenerator: async function* () {
    yield variable;
  },
  bound: counter.bind(null, 1),
  method: {
    method() {
      return super.toString;
    },
  },
  Base,
  Derived,
  List,
  Wrong,
  instance: new Base(),
  derived: new Derived(),
  subclassed: List.from([2, 1]),
  error: new RangeError("shared", { cause: { why: [1] } }),
  wrong: new Wrong("shared"),
  aggregate: new AggregateError([new Error("inner")], "shared"),
  counter: counter(),
  number: Object(1),
  boolean: Object(true),
  text: Object("text"),
  symbol: Object(symbol),
  bigint: Object(10n ** 30n),
  template: tagged`a${1}b`,
  raw: tagged`c${1}d`.raw,
  descriptor: Object.getOwnPropertyDescriptor(
    {
      get x() {
        return 1;
      },
    },
    "x",
  ),
  namespaceOfMath: Math,
};

function suspended() {
  const it = (function* () {
    try {
      yield [1];
      yield [2];
    } finally {
      variable++;
    }
  })();
  it.next();
  return it;
}

function suspendedAsync() {
  const it = (async function* () {
    yield [1];
    yield [2];
  })();
  return it;
}

function withResolvers() {
  const it = {};
  it.promise = new Promise((resolve, reject) => Object.assign(it, { resolve, reject }));
  return it;
}

const buffer = new ArrayBuffer(16, { maxByteLength: 64 });

/** And these it refuses. */
export const refused = {
  map: new Map([
    ["a", { value: 1 }],
    [1, [1]],
  ]),
  emptyMap: new Map(),
  set: new Set([1, "a", [1]]),
  weakMap: new WeakMap([[allowed.plain, { value: 1 }]]),
  weakSet: new WeakSet([allowed.array]),
  buffer,
  fixed: new ArrayBuffer(8),
  bytes: new Uint8Array([3, 1, 2]),
  floats: new Float64Array([0.5, 1.5]),
  bigints: new BigInt64Array(2),
  clamped: new Uint8ClampedArray(buffer, 1, 3),
  view: new DataView(buffer, 4),
  pattern: /a(?<name>b)?/g,
  matches: "aab".matchAll(/a/g),
  iterator: [1, 2, 3][Symbol.iterator](),
  mapIterator: new Map([[1, 2]]).entries(),
  setIterator: new Set([1, 2]).values(),
  textIterator: "text"[Symbol.iterator](),
  generatorObject: suspended(),
  asyncGeneratorObject: suspendedAsync(),
  resolved: Promise.resolve([1]),
  pending: withResolvers(),
  proxy: new Proxy({ target: [1] }, {}),
  trapped: new Proxy(() => 1, { get: (target, name) => target[name] }),
  revocable: Proxy.revocable({}, {}),
  sloppy: list(1, 2),
};

/** Changes what it can of its own module: each machine has its own variable, and the audit must not mistake it. */
export const touchVariable = () => {
  variable += 1;
  return variable;
};
