// Symbols: like names they are never given back.
// biome-ignore-all lint: they do on purpose what nobody should
import { room, text } from "hostile/room";

export default {
  growth: {
    fresh() {
      for (;;) Symbol("s");
    },
    nameless() {
      for (;;) Symbol();
    },
    registered() {
      for (let i = 0; ; i++) Symbol.for(`s${i}`);
    },
    long() {
      for (let i = 0; ; i++) Symbol(`${text(1000)}${i}`);
    },
    huge: () => [Symbol(text(room(1 / 2))), Symbol.for(text(room(1 / 2) + 1))],
    asKeys() {
      const all = {};
      for (;;) all[Symbol()] = 1;
    },
    described() {
      const one = Symbol.for(text(room(1 / 8)));
      const all = [];
      for (;;) all.push(String(one));
    },
  },
  "out-of-budget": {
    sameRegistered() {
      for (;;) Symbol.for("same");
    },
    manyRegistered() {
      for (let i = 0; i < room(1 / 200); i++) Symbol.for(`s${i}`);
      for (;;) for (let i = 0; i < 100; i++) Symbol.for(`s${i}`);
    },
    longRegistered() {
      const name = text(room(1 / 4));
      for (;;) Symbol.for(name);
    },
    lookUp() {
      const all = {};
      for (let i = 0; i < room(1 / 200); i++) all[Symbol()] = 1;
      for (;;) all[Symbol.iterator];
    },
    list() {
      const all = {};
      for (let i = 0; i < room(1 / 400); i++) all[Symbol()] = 1;
      for (;;) Object.getOwnPropertySymbols(all);
    },
    toText() {
      const one = Symbol(text(room(1 / 8)));
      for (;;) one.toString();
    },
  },
  threw: {
    concat: () => `${Symbol("s")}`,
    add: () => Symbol("s") + 1,
  },
};
