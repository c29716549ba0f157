// Arguments, spreading and templates: more of them than any stack holds.
// biome-ignore-all lint: they do on purpose what nobody should
import { room, text } from "hostile/room";

const many = (length) => new Array(length).fill(1);
const count = (...all) => all.length;

export default {
  "stack-overflow": {
    apply: () => count.apply(null, many(room(1 / 100))),
    applyLike: () => count.apply(null, { length: 2 ** 31 }),
    spread: () => count(...many(room(1 / 100))),
    construct: () => Reflect.construct(Array, many(room(1 / 100))),
    reflectApply: () => Reflect.apply(count, null, { length: 2 ** 31 }),
    spreadNew: () => new Array(...many(room(1 / 100))),
    maximum: () => Math.max(...many(room(1 / 100))),
    fromCharCodes: () => String.fromCharCode(...many(room(1 / 100))),
    push: () => [].push(...many(room(1 / 100))),
    bound: () =>
      count
        .bind(null, ...many(200))
        .bind(null, ...many(200))
        .bind(null, ...many(200))(),
    spreadTwice: () => count(...many(150), ...many(150)),
    spreadText: () => count(...text(room(1 / 50))),
    superSpread() {
      class A {}
      class B extends A {
        constructor() {
          super(...many(room(1 / 100)));
        }
      }
      return new B();
    },
    tag() {
      const strings = many(1);
      strings.raw = many(room(1 / 100));
      return count(...strings.raw);
    },
    concatMany: () => [].concat(...many(room(1 / 100))),
    recursionByArguments() {
      const more = (...all) => 1 + more(...all, ...all, 1);
      return more();
    },
  },
  "out-of-budget": {
    applyAgain() {
      const list = many(100);
      for (;;) count.apply(null, list);
    },
    spreadAgain() {
      const list = many(100);
      for (;;) count(...list);
    },
    argumentsAgain() {
      function list() {
        return arguments;
      }
      for (;;) list(1, 2, 3, 4, 5, 6, 7, 8);
    },
    restAgain() {
      for (;;) count(1, 2, 3, 4, 5, 6, 7, 8);
    },
    templateAgain() {
      const tag = (strings) => strings;
      for (;;) tag`a${1}b${2}c`;
    },
    rawAgain() {
      for (;;) String.raw`a${1}b${2}c`;
    },
    destructureAgain() {
      const list = many(100);
      for (;;) {
        const [first, ...others] = list;
        if (first === others) return;
      }
    },
    boundAgain() {
      const bound = count.bind(null, ...many(50));
      for (;;) bound(...many(50));
    },
    maximumAgain() {
      const list = many(100);
      for (;;) Math.max(...list);
    },
    hypotAgain() {
      const list = many(100);
      for (;;) Math.hypot(...list);
    },
  },
  growth: {
    bindGrowth() {
      let bound = count;
      for (;;) bound = bound.bind(null, 1, 2, 3, 4, 5, 6, 7, 8);
    },
    keepArguments() {
      const all = [];
      const keep = (...list) => all.push(list);
      for (;;) keep(1, 2, 3, 4, 5, 6, 7, 8);
    },
    templates() {
      let all = "x";
      for (;;) all = `${all}${all}`;
    },
  },
};
