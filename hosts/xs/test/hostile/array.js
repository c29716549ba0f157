// Arrays that grow, arrays that only claim to be long, and walks over both.
// biome-ignore-all lint: they do on purpose what nobody should
import { always, numbers, room, text } from "hostile/room";

const vast = { length: 2 ** 32 - 1 };
const { prototype } = Array;
const never = () => false;

/** An array of so many references to one string. */
const repeated = (length, string) => new Array(length).fill(string);

const nest = (depth) => {
  let list = [];
  for (let i = 0; i < depth; i++) list = [list];
  return list;
};

export default {
  growth: {
    push() {
      const all = [];
      for (;;) all.push({});
    },
    unshift() {
      const all = [];
      for (;;) all.unshift(all.length, 1, 2, 3, 4, 5, 6, 7);
    },
    length: () => new Array(2 ** 28).fill(0),
    fillVast: () => new Array(2 ** 32 - 2).fill(0),
    concatDoubling() {
      let list = [1];
      for (;;) list = list.concat(list);
    },
    spreadDoubling() {
      let list = [1];
      for (;;) list = [...list, ...list];
    },
    spliceGrowth() {
      const list = [];
      for (;;) list.splice(0, 0, list.length, list.length, list.length, list.length);
    },
    fromVast: () => Array.from(vast),
    fromVastMapped: () => Array.from({ length: 2 ** 32 - 1 }, () => 1),
    joinVast: () => prototype.join.call({ length: 2 ** 31 }, "longer"),
    reverseVast: () => prototype.reverse.call({ length: 2 ** 53 - 1 }),
    holes() {
      const list = [];
      for (let i = 0; ; i++) list[i * 3] = i;
    },
  },
  "out-of-memory out-of-budget": {
    fillVastLike: () => prototype.fill.call({ ...vast }, 1),
    pushToVast() {
      const like = { length: 0 };
      for (;;) prototype.push.call(like, 1, 2, 3);
    },
    unshiftToVast: () => prototype.unshift.call({ length: 2 ** 52, 0: 1 }, 1),
    spliceOfVast: () => prototype.splice.call({ length: 2 ** 52, 0: 1 }, 0, 1, 2, 3),
    sliceOfVast: () => prototype.slice.call({ length: 2 ** 32 - 1 }, 0),
    mapOfVast: () => prototype.map.call({ length: 2 ** 32 - 1 }, (x) => x),
    sortOfVast: () => prototype.sort.call({ length: 2 ** 31 }),
    copyWithinVast: () => prototype.copyWithin.call({ ...vast, 0: 1 }, 1, 0),
    descending() {
      const list = [];
      for (let i = 4e9; ; i--) list[i] = i;
    },
    sparseWalk() {
      const list = [];
      for (let i = 1; i < room(1 / 400); i++) list[i * 1000] = i;
      for (;;) list[1e9];
    },
  },
  "out-of-budget": {
    /** Behind the items of an array lies memory that others used: it is no items, however long the array claims to be. */
    claimedTails() {
      for (let byte = 0; ; byte++) {
        for (let i = 0; i < 64; i++) new Uint8Array(room(1 / 256)).fill(byte);
        const lists = [];
        for (let i = 0; i < 8; i++) {
          const list = [];
          for (let j = 0; j < 20; j++) list.push(j);
          list.length = 2 ** 31;
          lists.push(list);
        }
        for (let i = 0; i < 64; i++) text(room(1 / 64));
      }
    },
    includesLongText() {
      const length = room(1 / 16);
      const list = repeated(room(1 / 1600), `${text(length)}b`);
      const wanted = `${text(length)}c`;
      for (;;) list.includes(wanted);
    },
    indexOfLongText() {
      const length = room(1 / 16);
      const list = repeated(room(1 / 1600), `${text(length)}b`);
      const wanted = `${text(length)}c`;
      for (;;) list.indexOf(wanted);
    },
    indexOfVast: () => prototype.indexOf.call(vast, 1),
    lastIndexOfVast: () => prototype.lastIndexOf.call(vast, 1),
    includesVast: () => prototype.includes.call(vast, 1),
    everyVast: () => prototype.every.call({ ...vast, 0: 1 }, () => true),
    someVast: () => prototype.some.call(vast, never),
    findVast: () => prototype.find.call(vast, never),
    findLastVast: () => prototype.findLast.call(vast, never),
    findIndexVast: () => prototype.findIndex.call(vast, never),
    forEachVast: () => prototype.forEach.call(vast, never),
    filterVast: () => prototype.filter.call(vast, never),
    reduceVast: () => prototype.reduce.call(vast, never, 0),
    reduceRightVast: () => prototype.reduceRight.call(vast, never, 0),
    flatVast: () => prototype.flat.call(vast),
    shiftVast: () => prototype.shift.call({ ...vast }),
    entriesVast() {
      for (const _ of prototype.entries.call(vast));
    },
    lengthSetAgain() {
      const list = numbers(room(1 / 400));
      const { length } = list;
      for (;;) {
        list.length = length + 1;
        list.length = length;
      }
    },
    shiftAgain() {
      const list = numbers(room(1 / 400));
      for (;;) list.push(list.shift());
    },
    reverseAgain() {
      const list = numbers(room(1 / 400));
      for (;;) list.reverse();
    },
    fillAgain() {
      const list = numbers(room(1 / 400));
      for (;;) list.fill(7);
    },
    copyWithinAgain() {
      const list = numbers(room(1 / 400));
      for (;;) list.copyWithin(1, 0);
    },
    sliceAgain() {
      const list = numbers(room(1 / 400));
      for (;;) list.slice(1);
    },
    concatAgain() {
      const list = numbers(room(1 / 400));
      for (;;) list.concat(list);
    },
    spreadAgain() {
      const list = numbers(room(1 / 400));
      for (;;) [...list];
    },
    indexOfAgain() {
      const list = numbers(room(1 / 400));
      for (;;) list.indexOf(-1);
    },
    includesAgain() {
      const list = numbers(room(1 / 400));
      for (;;) list.includes(-1);
    },
    joinAgain() {
      const list = numbers(room(1 / 400));
      for (;;) list.join();
    },
    joinEmpty() {
      const list = new Array(room(1 / 400)).fill("");
      for (;;) list.join("");
    },
    flatDeep() {
      const deep = nest(Math.min(100, room(1 / 500)));
      for (;;) deep.flat(Number.POSITIVE_INFINITY);
    },
    keysAgain() {
      const list = numbers(room(1 / 400));
      for (;;) Object.keys(list);
    },
    holesAgain() {
      const list = [];
      for (let i = 0; i < room(1 / 400); i++) list[i * 2] = i;
      for (;;) list[list.length - 1];
    },
    atAgain() {
      const list = numbers(room(1 / 400));
      for (;;) list.at(-1);
    },
    copyEntries() {
      const list = numbers(room(1 / 1600));
      for (;;) Object.entries(list);
    },
    isArrayOfProxies() {
      let proxy = new Proxy([], {});
      for (let i = 0; i < Math.min(1000, room(1 / 400)); i++) proxy = new Proxy(proxy, {});
      for (;;) Array.isArray(proxy);
    },
  },
  "stack-overflow": {
    arrayTextNest: () => always(() => nest(20).toString()),
    toTextDoubling() {
      let list = ["text"];
      for (;;) list = [list.toString(), list];
    },
    flatMapDoubling() {
      let list = [1];
      for (;;) list = list.flatMap((x) => [x, x]);
    },
    flatDoubling() {
      let list = [1];
      for (;;) list = [list, list].flat();
    },
  },
  // The collector follows such a list by recursion, and gives up where the C stack ends.
  "out-of-memory out-of-budget stack-overflow": {
    nested() {
      let list = [];
      for (;;) list = [list];
    },
  },
};
