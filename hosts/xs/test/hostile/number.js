// Numbers, and whatever else of the language runs in C and for long.
// biome-ignore-all lint: they do on purpose what nobody should
import { room, text } from "hostile/room";

export default {
  "out-of-budget": {
    toText() {
      for (let i = 0; ; i++) (i / 3).toString();
    },
    toTextRadix() {
      for (let i = 0; ; i++) (i / 3).toString(7);
    },
    toTextTiny() {
      for (;;) (5e-324).toString(2);
    },
    toFixed() {
      for (let i = 0; ; i++) (i * 1e18).toFixed(100);
    },
    toPrecision() {
      for (;;) (1 / 3).toPrecision(100);
    },
    toExponential() {
      for (;;) (1 / 3).toExponential(100);
    },
    parseExtreme() {
      const digits = `${text(Math.min(800, room(1 / 100)), "1234567890")}e-400`;
      for (;;) Number(digits);
    },
    parseHalfway() {
      const digits = "2.2250738585072011e-308";
      for (;;) Number(digits);
    },
    powers() {
      for (let i = 0; ; i++) i ** 0.3;
    },
    math() {
      for (let i = 0; ; i++) Math.tan(Math.exp(Math.sin(i) * 700) + Math.atan2(i, 3));
    },
    remainder() {
      for (;;) if (1e308 % 1e-308 === 7) return;
    },
    clz() {
      for (let i = 0; ; i++) Math.clz32(Math.imul(i, i));
    },
    coerce() {
      const list = [[[[1]]]];
      for (;;) +list;
    },
    encodeWrong() {
      for (;;) {
        try {
          decodeURIComponent("%E0%A4%A");
        } catch {}
      }
    },
    errors() {
      for (;;) new Error("x", { cause: 1 });
    },
    errorTexts() {
      const error = new RangeError(text(room(1 / 16)));
      for (;;) error.toString();
    },
    errorStacks() {
      const make = (depth) => (depth ? make(depth - 1) : new Error("deep").stack);
      for (;;) make(20);
    },
    aggregate() {
      const errors = new Array(room(1 / 400)).fill(1);
      for (;;) new AggregateError(errors);
    },
  },
  growth: {
    causes() {
      let cause;
      for (;;) cause = new Error("x", { cause });
    },
    stacks() {
      const all = [];
      for (;;) all.push(new Error("x").stack);
    },
    aggregateVast: () => new AggregateError({ [Symbol.iterator]: () => ({ next: () => ({ value: 1 }) }) }),
    aggregateNested() {
      let error = new Error("x");
      for (;;) error = new AggregateError([error, error]);
    },
  },
  threw: {
    radix: () => (1).toString(99),
    digits: () => (1).toFixed(101),
    invalidLength: () => new Array(-1),
  },
};
