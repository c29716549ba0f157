// Large integers: their arithmetic runs in C and grows with the square of their length.
// biome-ignore-all lint: they do on purpose what nobody should
import { room, text } from "hostile/room";

const large = () => 3n ** 9000n;

export default {
  threw: {
    power() {
      for (let n = 3n; ; ) n **= 9n;
    },
    powerHuge: () => 2n ** (2n ** 64n),
    square() {
      for (let n = 3n; ; ) n *= n;
    },
    shift: () => 1n << 1000000000n,
    shiftHuge: () => 1n << (1n << 64n),
    shiftBack: () => 1n >> -1000000000n,
    parseLong: () => BigInt(text(20000, "9")),
    mixed: () => 1n + 1,
    unary: () => +1n,
    divideByZero: () => 1n / 0n,
    fraction: () => BigInt(1.5),
    numberPower: () => 2n ** -1n,
  },
  "threw out-of-memory": {
    parseLongHex: () => BigInt(`0x${text(20000, "f")}`),
    parseHuge: () => BigInt(text(room(1 / 4), "9")),
    parseHugeHex: () => BigInt(`0x${text(room(1 / 4), "f")}`),
  },
  "out-of-memory": {
    asUintHuge: () => BigInt.asUintN(2 ** 53 - 1, -1n),
    asIntHuge: () => BigInt.asIntN(2 ** 53 - 1, -1n),
  },
  "out-of-budget": {
    doubling() {
      for (let n = 1n << 32000n; ; ) n += n;
    },
    doublingNegative() {
      for (let n = -1n << 32000n; ; ) n += n;
    },
    multiply() {
      const n = large();
      for (;;) if (n * n === 0n) return;
    },
    divide() {
      const n = large();
      const square = n * n;
      for (;;) if (square / n === 0n) return;
    },
    remainder() {
      const n = large();
      const square = n * n + 1n;
      for (;;) if (square % n === 0n) return;
    },
    add() {
      const n = large();
      for (;;) if (n + n === 0n) return;
    },
    subtract() {
      const n = large();
      for (;;) if (n - 1n === 0n) return;
    },
    negate() {
      const n = large();
      for (;;) if (-n === 0n) return;
    },
    compare() {
      const n = large();
      const other = large() + 1n;
      for (;;) if (n > other) return;
    },
    equal() {
      const n = large();
      const other = large();
      for (;;) if (n !== other) return;
    },
    and() {
      const n = -large();
      for (;;) if ((n & (n - 1n)) === 1n) return;
    },
    or() {
      const n = -large();
      for (;;) if ((n | 1n) === 0n) return;
    },
    not() {
      const n = large();
      for (;;) if (~n === 0n) return;
    },
    shift() {
      const n = large();
      for (;;) if (n << 7n === 0n) return;
    },
    shiftRight() {
      const n = -large();
      for (;;) if (n >> 7n === 0n) return;
    },
    toText() {
      const n = large();
      for (;;) n.toString();
    },
    toTextBinary() {
      const n = large();
      for (;;) n.toString(2);
    },
    toTextOdd() {
      const n = large();
      for (;;) n.toString(7);
    },
    toNumber() {
      const n = large();
      for (;;) Number(n);
    },
    compareWithNumber() {
      const n = large();
      for (;;) if (n < 1) return;
    },
    compareWithText() {
      const n = large();
      const digits = n.toString();
      for (;;) if (n != digits) return;
    },
    parse() {
      const digits = large().toString();
      for (;;) BigInt(digits);
    },
    parseHex() {
      const digits = `0x${large().toString(16)}`;
      for (;;) BigInt(digits);
    },
    fromNumber() {
      for (;;) BigInt(Number.MAX_VALUE);
    },
    asUintN() {
      const n = -large();
      for (;;) BigInt.asUintN(10000, n);
    },
    asIntN() {
      const n = large();
      for (;;) BigInt.asIntN(10000, n);
    },
    increment() {
      for (let n = 0n; ; ) n += 1n;
    },
    typed() {
      const view = new BigInt64Array(8);
      for (;;) view[0] = view[1] + 1n;
    },
    factorial() {
      for (;;) {
        let n = 1n;
        for (let i = 1n; i < 1000n; i++) n *= i;
      }
    },
  },
  "out-of-memory out-of-budget": {
    keepText() {
      const n = large();
      const all = [];
      for (;;) all.push(n.toString());
    },
  },
  growth: {
    keep() {
      const all = [];
      for (;;) all.push(large());
    },
  },
};
