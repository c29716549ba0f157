// Sorting: comparators that lie, change what is sorted, or never come back; and comparisons of long strings.
// biome-ignore-all lint: they do on purpose what nobody should
import { numbers, room, text } from "hostile/room";

const longStrings = () => new Array(room(1 / 200)).fill(text(room(1 / 4)));

export default {
  "out-of-budget": {
    again() {
      const list = numbers(room(1 / 800));
      for (;;) list.sort((a, b) => a - b);
    },
    always() {
      const list = numbers(room(1 / 400));
      for (;;) list.sort(() => 1);
    },
    never() {
      const list = numbers(room(1 / 400));
      for (;;) list.sort(() => -1);
    },
    changingMind() {
      const list = numbers(room(1 / 400));
      let sign = 1;
      for (;;) {
        list.sort(() => {
          sign = -sign;
          return sign;
        });
      }
    },
    asText() {
      const list = numbers(room(1 / 800));
      for (;;) list.sort();
    },
    notANumber() {
      const list = numbers(room(1 / 400));
      for (;;) list.sort(() => Number.NaN);
    },
    toTextCalls() {
      const list = numbers(room(1 / 1000)).map((value) => ({ toString: () => `${value}` }));
      for (;;) list.sort();
    },
  },
  "out-of-budget out-of-memory": {
    longText() {
      const list = longStrings();
      for (;;) list.sort();
    },
    growing() {
      const list = numbers(10);
      for (;;) list.sort(() => list.push(1));
    },
    shrinking() {
      const list = numbers(100);
      for (;;) {
        list.sort(() => {
          list.length = 1;
          return 1;
        });
        list.push(3, 2, 1, 4);
      }
    },
    longComparator() {
      const list = longStrings();
      for (;;) list.sort((a, b) => (a < b ? -1 : 1));
    },
  },
  "stack-overflow": {
    inside() {
      const deep = () => [2, 1].sort(deep);
      return deep();
    },
  },
  threw: {
    throwing() {
      [2, 1].sort(() => {
        throw new Error("in comparator");
      });
    },
    noFunction: () => [2, 1].sort({}),
  },
};
