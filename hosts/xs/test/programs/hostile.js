// Programs that try to take more than their machine was given. Each must come back as a status of that machine alone.
const natives = globalThis.lughNatives;
const numbers = [1, 2, 3];
/** More than a root's first heap holds. */
const ledger = Array.from({ length: 8000 }, (_, entry) => ({ entry }));

function recurse(depth) {
  return recurse(depth + 1) + 1;
}

async function restless() {
  for (;;) await null;
}

export default {
  spin() {
    for (;;);
  },
  spinInCatch() {
    for (;;) {
      try {
        for (;;);
      } catch {}
    }
  },
  spinInFinally() {
    for (;;) {
      try {
        throw 1;
      } finally {
        // biome-ignore lint/complexity/noUselessContinue: without it the exception would go on
        // biome-ignore lint/correctness/noUnsafeFinally: it swallows every exception on purpose
        continue;
      }
    }
  },
  spinInPromises() {
    restless();
  },
  spinInGenerator() {
    function* endless() {
      for (;;) yield 1;
    }
    for (const _ of endless());
  },
  throwError() {
    throw new RangeError("too far");
  },
  throwThroughCallback() {
    const fail = (value) => {
      if (value > 2) throw new RangeError("too far");
      return value;
    };
    const sum =
      [1, 2].map((value) => {
        return fail(value);
      }).length + fail(3);
    return sum;
  },
  throwNumber() {
    throw 7;
  },
  rejectUnhandled() {
    Promise.reject(new TypeError("nobody cares"));
  },
  growArray() {
    const all = [];
    for (;;) all.push({});
  },
  growString() {
    let text = "x";
    for (;;) text += text;
  },
  growBuffer() {
    const all = [];
    for (;;) all.push(new Uint8Array(1000));
  },
  hugeBuffer() {
    new ArrayBuffer(1 << 30);
  },
  hugeArray() {
    new Array(1 << 28).fill(0);
  },
  growNames() {
    const all = {};
    for (let i = 0; ; i++) all[`name${i}`] = i;
  },
  growSymbols() {
    for (;;) Symbol("s");
  },
  growClosures() {
    let chain = null;
    for (;;) {
      const former = chain;
      chain = () => former;
    }
  },
  growMap() {
    const all = new Map();
    for (let i = 0; ; i++) all.set(i, i);
  },
  growJson() {
    const wide = [];
    for (let i = 0; i < 50; i++) wide.push("0123456789".repeat(50));
    const all = [];
    for (;;) all.push(JSON.stringify(wide));
  },
  recurse() {
    return recurse(0);
  },
  recurseInSort() {
    const deep = () => [2, 1].sort(deep);
    return deep();
  },
  recurseInToString() {
    const value = { toString: () => `${value}` };
    return `${value}`;
  },
  recurseInProxy() {
    const proxy = new Proxy({}, {});
    Object.setPrototypeOf(proxy, proxy);
    return proxy.x;
  },
  deepJson() {
    return JSON.parse("[".repeat(20000));
  },
  catastrophicRegExp() {
    return /^(a+)+$/.test(`${"a".repeat(40)}b`);
  },
  bigintPower() {
    let n = 3n;
    for (;;) {
      n **= 9n;
      if (n === 0n) return 0;
    }
  },
  multiplyLong() {
    const large = 3n ** 9000n;
    for (;;) if (large * large === 0n) return 0;
  },
  scanLong() {
    const text = "a".repeat(20000);
    for (;;) if (text.indexOf("b") >= 0) return 0;
  },
  copyStrings() {
    let text = "a".repeat(10000);
    for (;;) text = `b${text}`.slice(0, 10000);
  },
  sortLong() {
    const list = [];
    for (let i = 0; i < 600; i++) list.push(i % 7);
    for (;;) list.sort(() => 1);
  },
  searchLong() {
    return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);
  },
  joinLong() {
    return Array.prototype.join.call({ length: 2 ** 31 }, "");
  },
  reverseLong() {
    return Array.prototype.reverse.call({ length: 2 ** 53 - 1 });
  },
  copyLong() {
    return Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 1, 0);
  },
  padLong() {
    return "x".padEnd(1 << 30, "ab").length;
  },
  compile() {
    return new Function("return 1")();
  },
  compileThroughConstructor() {
    return (async () => {}).constructor("return 1")();
  },
  writeFrozen() {
    numbers[0] = 9;
  },
  writePrototype() {
    Array.prototype.push = null;
  },
  defineOnGlobal() {
    Object.defineProperty(Object.getPrototypeOf(globalThis), "Map", { value: 1 });
  },
  stampPrivateField() {
    class Base {
      constructor(object) {
        // biome-ignore lint/correctness/noConstructorReturn: it smuggles a shared object into a subclass on purpose
        return object;
      }
    }
    class Stamp extends Base {
      // biome-ignore lint/correctness/noUnusedPrivateClassMembers: stamping it is the attack
      #mark = 42;
    }
    new Stamp(Array.prototype);
  },
  fillShared() {
    numbers.fill(9);
  },
  /** As an engine would that has a hole: no way is known to make this one do it. */
  writeRoot() {
    natives.writeTo(numbers);
  },
  writeRootFarther() {
    natives.writeTo(ledger[ledger.length - 1]);
  },
  firstNumber() {
    return numbers[0];
  },
  weakKey() {
    new WeakMap().set(Array.prototype, 1);
  },
};
