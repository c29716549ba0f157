// JSON: text that nests, that is wide, that is long; and objects whose text is larger than they are.
// biome-ignore-all lint: they do on purpose what nobody should
import { numbers, room, text, wide } from "hostile/room";

/** Two references to one object, so often that the text doubles with each. */
function dag(depth) {
  let node = { value: 1 };
  for (let i = 0; i < depth; i++) node = { a: node, b: node };
  return node;
}

const nestedList = (depth) => {
  let list = [];
  for (let i = 0; i < depth; i++) list = [list];
  return list;
};

/** The text of so many different members of an object, without the object itself, which takes longer to build. */
const names = (count) =>
  numbers(count)
    .map((_, i) => `"n${i}":0`)
    .join();

export default {
  growth: {
    shared: () => JSON.stringify(dag(40)),
    keep() {
      const list = new Array(50).fill(text(500, "0123456789"));
      const all = [];
      for (;;) all.push(JSON.stringify(list));
    },
    parseWide: () => JSON.parse(`[${text(room(1 / 4), "1,")}1]`),
    parseObjects: () => JSON.parse(`[${text(room(1 / 4), "{},")}1]`),
    indent() {
      const list = [nestedList(100)];
      const all = [];
      for (;;) all.push(JSON.stringify(list, null, 10));
    },
    escapes() {
      let all = '"';
      for (;;) all = JSON.stringify(all);
    },
    amplify: () => JSON.stringify(new Array(room(1 / 200)).fill(text(room(1 / 8)))),
  },
  "stack-overflow": {
    replacerGrows: () => JSON.stringify({ x: 1 }, () => ({ x: {} })),
    // The engine leaves each undefined element on its stack.
    stringifyUndefined: () => JSON.stringify(new Array(400).fill(undefined)),
  },
  "out-of-memory stack-overflow": {
    toJsonGrows() {
      const grow = () => ({ deeper: { toJSON: grow } });
      return JSON.stringify({ toJSON: grow });
    },
  },
  "out-of-budget": {
    parseAgain() {
      const source = JSON.stringify(numbers(room(1 / 800)));
      for (;;) JSON.parse(source);
    },
    parseText() {
      const source = JSON.stringify(text(room(1 / 8)));
      for (;;) JSON.parse(source);
    },
    parseEscapes() {
      const source = `"${text(room(1 / 8), "\\u00e9")}"`;
      for (;;) JSON.parse(source);
    },
    parseSpaces() {
      const source = `${text(room(1 / 4), " ")}1`;
      for (;;) JSON.parse(source);
    },
    parseSameName() {
      const source = `{${text(room(1 / 16), '"a":1,')}"a":1}`;
      for (;;) JSON.parse(source);
    },
    parseWide() {
      const source = JSON.stringify(wide(room(1 / 800)));
      for (;;) JSON.parse(source);
    },
    parseLongName() {
      const source = `{"${text(room(1 / 8))}":1}`;
      for (;;) JSON.parse(source);
    },
    parseWrongLate() {
      const source = `[${text(room(1 / 32), "1,")}x]`;
      for (;;) {
        try {
          JSON.parse(source);
        } catch {}
      }
    },
    parseWideWrongLate() {
      const source = `{${names(room(1 / 800))}x`;
      for (;;) {
        try {
          JSON.parse(source);
        } catch {}
      }
    },
    stringifyText() {
      const value = text(room(1 / 8));
      for (;;) JSON.stringify(value);
    },
    stringifyEscapes() {
      const value = text(room(1 / 64), "\u0001");
      for (;;) JSON.stringify(value);
    },
    stringifyQuotes() {
      const value = text(room(1 / 32), '"');
      for (;;) JSON.stringify(value);
    },
    stringifyNumbers() {
      const value = numbers(room(1 / 400)).map((n) => n / 3);
      for (;;) JSON.stringify(value);
    },
    stringifyNested() {
      const value = nestedList(100);
      for (;;) JSON.stringify(value);
    },
    stringifyNames() {
      const value = wide(room(1 / 800));
      const names = Object.keys(value);
      for (;;) JSON.stringify(value, names);
    },
    stringifyNamesMissing() {
      const names = Object.keys(wide(room(1 / 800)));
      for (;;) JSON.stringify({}, names);
    },
    stringifySameNames() {
      const names = new Array(room(1 / 400)).fill("a");
      for (;;) JSON.stringify({ a: 1 }, names);
    },
    sharedSmall() {
      const value = dag(8);
      for (;;) JSON.stringify(value);
    },
  },
  threw: {
    cyclic() {
      const value = {};
      value.value = value;
      return JSON.stringify(value);
    },
    parseNumberLong: () => JSON.parse(text(room(1 / 4), "9")),
    bigint: () => JSON.stringify(1n),
    wrong: () => JSON.parse("{"),
    wrongDeep: () => JSON.parse(`${"[".repeat(50)}x`),
  },
};
