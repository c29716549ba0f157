// Maps and sets: growth, walks that never end, and keys that fall into one chain.
// biome-ignore-all lint: they do on purpose what nobody should
import { room, text } from "hostile/room";

/** Strings with one hash: in the engine's, "bA" and "c " weigh the same (33 * 98 + 65 = 33 * 99 + 32). */
function alike(count) {
  const names = [];
  for (let i = 0; i < count; i++) {
    let name = "";
    for (let bit = 0; bit < 16; bit++) name += (i >> bit) & 1 ? "bA" : "c ";
    names.push(name);
  }
  return names;
}

function filled(count) {
  const map = new Map();
  for (let i = 0; i < count; i++) map.set(i, i);
  return map;
}

export default {
  growth: {
    map() {
      const all = new Map();
      for (let i = 0; ; i++) all.set(i, i);
    },
    set() {
      const all = new Set();
      for (let i = 0; ; i++) all.add(i);
    },
    objects() {
      const all = new Map();
      for (;;) all.set({}, {});
    },
    weakMap() {
      const weak = new WeakMap();
      const all = [];
      for (;;) {
        const key = {};
        all.push(key);
        weak.set(key, key);
      }
    },
    maps() {
      const all = [];
      for (;;) all.push(new Map());
    },
    nested() {
      let inner = new Map();
      for (;;) inner = new Map([[inner, inner]]);
    },
    manyWeakOnOne() {
      const key = {};
      const all = [];
      for (;;) all.push(new WeakMap([[key, 1]]));
    },
    addWhileWalking() {
      const all = new Set([0]);
      for (const value of all) all.add(value + 1);
    },
    addInForEach() {
      const all = new Map([[0, 0]]);
      all.forEach((value) => all.set(value + 1, value + 1));
    },
    copies() {
      const all = [];
      const map = filled(room(1 / 1000));
      for (;;) all.push(new Map(map));
    },
  },
  "out-of-memory out-of-budget": {
    alikeStrings() {
      const map = new Map();
      for (const name of alike(2 ** 16)) map.set(name, 1);
      for (;;) map.get("missing");
    },
  },
  "out-of-budget": {
    deleteAndAdd() {
      const map = filled(room(1 / 400));
      for (let i = 0; ; i++) {
        map.delete(0);
        map.set(0, i);
      }
    },
    clearAndFill() {
      const map = new Map();
      for (;;) {
        for (let i = 0; i < 64; i++) map.set(i, i);
        map.clear();
      }
    },
    alikeLookUp() {
      const names = alike(Math.min(4096, room(1 / 800)));
      const map = new Map(names.map((name) => [name, 1]));
      for (;;) map.get(names[0]);
    },
    longKeys() {
      const map = new Map([[text(room(1 / 4)), 1]]);
      const key = text(room(1 / 4));
      for (;;) if (!map.has(key)) return;
    },
    walk() {
      const map = filled(room(1 / 400));
      for (;;) for (const _ of map);
    },
    copy() {
      const map = filled(room(1 / 1000));
      for (;;) new Map(map);
    },
    forEach() {
      const map = filled(room(1 / 400));
      for (;;) map.forEach(() => 1);
    },
    weakAgain() {
      const weak = new WeakMap();
      for (;;) weak.set({}, 1);
    },
    manyWeakLookUp() {
      const key = {};
      const all = [];
      for (let i = 0; i < room(1 / 800); i++) all.push(new WeakMap([[key, i]]));
      for (;;) all[0].get(key);
    },
    iterators() {
      const map = filled(10);
      for (;;) map.entries().next();
    },
    bigintKeys() {
      const map = new Map();
      for (let i = 0n; ; i++) {
        map.set(i << 64n, i);
        map.delete(i << 64n);
      }
    },
  },
};
