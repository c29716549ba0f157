// Names: each is kept for the life of the machine, and objects look for theirs one by one.
// biome-ignore-all lint: they do on purpose what nobody should
import { room, text, wide } from "hostile/room";

/** Strings whose sums are alike: "b" then "a" weighs what "a" then "c" does. */
function* alike(length) {
  for (let i = 0; ; i++) {
    let name = "";
    for (let bit = 0; bit < length; bit++) name += (i >> bit) & 1 ? "ac" : "ba";
    yield name;
  }
}

export default {
  growth: {
    computed() {
      const all = {};
      for (let i = 0; ; i++) all[`name${i}`] = i;
    },
    dropped() {
      for (let i = 0; ; i++) ({})[`name${i}`];
    },
    long() {
      const all = {};
      for (let i = 0; ; i++) all[`${text(1000)}${i}`] = i;
    },
    huge: () => ({ [text(room(1 / 2))]: 1, [`${text(room(1 / 2))}b`]: 1 }),
    onGlobal() {
      for (let i = 0; ; i++) globalThis[`name${i}`] = i;
    },
    onFunction() {
      const target = () => {};
      for (let i = 0; ; i++) target[`name${i}`] = i;
    },
    onArray() {
      const target = [];
      for (let i = 0; ; i++) target[`name${i}`] = i;
    },
    define() {
      const all = {};
      for (let i = 0; ; i++) Object.defineProperty(all, `name${i}`, { value: i, configurable: true });
    },
    accessors() {
      const all = {};
      for (let i = 0; ; i++) Object.defineProperty(all, `name${i}`, { get: () => i });
    },
    parsed() {
      for (let i = 0; ; i++) JSON.parse(`{"name${i}":1}`);
    },
    fromEntries() {
      for (let i = 0; ; i += 8) Object.fromEntries(Array.from({ length: 8 }, (_, j) => [`name${i + j}`, 1]));
    },
    reflected() {
      const all = {};
      for (let i = 0; ; i++) Reflect.set(all, `name${i}`, i);
    },
    asked() {
      for (let i = 0; ; i++) `name${i}` in {};
    },
    deleted() {
      const all = {};
      for (let i = 0; ; i++) {
        all[`name${i}`] = i;
        delete all[`name${i}`];
      }
    },
    functionNames() {
      for (let i = 0; ; i++) ({ [`name${i}`]: () => {} });
    },
    groups() {
      for (let i = 0; ; i++) new RegExp(`(?<name${i}>a)`).exec("a").groups;
    },
    alikeSums() {
      const all = {};
      for (const name of alike(16)) all[name] = 1;
    },
  },
  "out-of-memory out-of-budget": {
    alikeSumsDropped() {
      for (const name of alike(16)) ({})[name];
    },
  },
  "out-of-budget": {
    lookUpLast() {
      const object = wide(room(1 / 800));
      const last = Object.keys(object).pop();
      for (;;) object[last];
    },
    lookUpMissing() {
      const object = wide(room(1 / 200));
      for (;;) object.missing;
    },
    hasMissing() {
      const object = wide(room(1 / 200));
      for (;;) if ("missing" in object) return;
    },
    setLast() {
      const object = wide(room(1 / 200));
      object.last = 0;
      for (;;) object.last += 1;
    },
    deleteMissing() {
      const object = wide(room(1 / 200));
      for (;;) delete object.missing;
    },
    addAndDelete() {
      const object = wide(room(1 / 200));
      for (;;) {
        object.extra = 1;
        delete object.extra;
      }
    },
    keys() {
      const object = wide(room(1 / 400));
      for (;;) Object.keys(object);
    },
    entries() {
      const object = wide(room(1 / 800));
      for (;;) Object.entries(object);
    },
    forIn() {
      const object = wide(room(1 / 800));
      for (;;) for (const _ in object);
    },
    assign() {
      const object = wide(room(1 / 400));
      for (;;) Object.assign({}, object);
    },
    spread() {
      const object = wide(room(1 / 400));
      for (;;) ({ ...object });
    },
    rest() {
      const object = wide(room(1 / 400));
      for (;;) {
        const { n0: _, ...others } = object;
        if (others.missing) return;
      }
    },
    descriptors() {
      const object = wide(room(1 / 1000));
      for (;;) Object.getOwnPropertyDescriptors(object);
    },
    defineMany() {
      const object = wide(room(1 / 1000));
      const descriptors = Object.getOwnPropertyDescriptors(object);
      for (;;) Object.defineProperties({}, descriptors);
    },
    freeze() {
      const object = wide(room(1 / 400));
      for (;;) Object.isFrozen(Object.freeze(object));
    },
    ownKeys() {
      const object = wide(room(1 / 400));
      for (;;) Reflect.ownKeys(object);
    },
    stringify() {
      const object = wide(room(1 / 400));
      for (;;) JSON.stringify(object);
    },
    global() {
      for (let i = 0; i < room(1 / 200); i++) globalThis[`n${i}`] = i;
      for (;;) globalThis.missing;
    },
    globalByName() {
      for (let i = 0; i < room(1 / 200); i++) globalThis[`n${i}`] = i;
      globalThis.last = 0;
      for (;;) if (last > 0) return;
    },
    manyNames() {
      for (let i = 0; i < room(1 / 200); i++) ({})[`n${i}`];
      for (;;) for (let i = 0; i < 100; i++) if (`n${i}` in {}) return;
    },
    alikeNames() {
      const names = [];
      for (const name of alike(12)) {
        if (names.push(name) > room(1 / 1600)) break;
        ({})[name];
      }
      const object = {};
      for (;;) for (const name of names) if (name in object) return;
    },
    hasOwn() {
      const object = wide(room(1 / 200));
      for (;;) if (Object.hasOwn(object, "missing")) return;
    },
    enumerable() {
      const object = wide(room(1 / 200));
      for (;;) if (Object.prototype.propertyIsEnumerable.call(object, "missing")) return;
    },
  },
};
