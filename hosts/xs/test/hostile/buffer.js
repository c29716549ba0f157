// Buffers and typed arrays: growth, passes over the largest that fits, and views that lie about their length.
// biome-ignore-all lint: they do on purpose what nobody should
import { room } from "hostile/room";

const vast = { length: 2 ** 31 - 1 };
const bytes = (share) => new Uint8Array(room(share)).map((_, i) => (i * 7919) & 255);

export default {
  growth: {
    keep() {
      const all = [];
      for (;;) all.push(new Uint8Array(1000));
    },
    huge: () => new ArrayBuffer(2 ** 30),
    hugeView: () => new Float64Array(2 ** 27),
    resizable() {
      const buffer = new ArrayBuffer(8, { maxByteLength: 2 ** 30 });
      for (let length = 8; ; length *= 2) buffer.resize(length);
    },
    doubling() {
      let view = new Uint8Array(64);
      for (;;) {
        const next = new Uint8Array(view.length * 2);
        next.set(view);
        view = next;
      }
    },
    sliceKeep() {
      const { buffer } = bytes(1 / 128);
      const all = [];
      for (;;) all.push(buffer.slice(0));
    },
    concat() {
      let { buffer } = bytes(1 / 128);
      for (;;) buffer = buffer.concat(buffer);
    },
    fromVast: () => Uint8Array.from(vast),
    joinAmplify: () => new Uint8Array(room(1 / 8)).fill(255).join("long separator"),
    manyViews() {
      const buffer = new ArrayBuffer(8);
      const all = [];
      for (;;) all.push(new DataView(buffer));
    },
  },
  "out-of-budget": {
    fill() {
      const view = bytes(1 / 8);
      for (;;) view.fill(1);
    },
    fillFloats() {
      const view = new Float64Array(room(1 / 64));
      for (;;) view.fill(Math.PI);
    },
    sort() {
      const view = bytes(1 / 8);
      for (;;) {
        view.sort();
        for (let i = 0; i < 100; i++) view[(i * 7919) % view.length] = i;
      }
    },
    sortFloats() {
      const view = new Float64Array(room(1 / 64)).map((_, i) => (i * 7919) % 1009);
      for (;;) {
        view.sort();
        view.reverse();
      }
    },
    sortComparator() {
      const view = bytes(1 / 128);
      for (;;) view.sort((a, b) => b - a);
    },
    sortInconsistent() {
      const view = bytes(1 / 128);
      for (;;) view.sort(() => 1);
    },
    copyWithin() {
      const view = bytes(1 / 8);
      for (;;) view.copyWithin(1, 0);
    },
    reverse() {
      const view = bytes(1 / 8);
      for (;;) view.reverse();
    },
    set() {
      const view = bytes(1 / 8);
      const other = new Uint8ClampedArray(view.length);
      for (;;) other.set(view);
    },
    setConverting() {
      const view = bytes(1 / 128);
      const other = new Float64Array(view.length);
      for (;;) other.set(view);
    },
    setFromArray() {
      const list = [...bytes(1 / 512)];
      const view = new Uint8Array(list.length);
      for (;;) view.set(list);
    },
    slice() {
      const view = bytes(1 / 8);
      for (;;) view.slice(1);
    },
    sliceBuffer() {
      const { buffer } = bytes(1 / 8);
      for (;;) buffer.slice(1);
    },
    indexOf() {
      const view = bytes(1 / 8);
      for (;;) view.indexOf(256);
    },
    lastIndexOf() {
      const view = bytes(1 / 8);
      for (;;) view.lastIndexOf(256);
    },
    includes() {
      const view = bytes(1 / 8);
      for (;;) view.includes(256);
    },
    join() {
      const view = bytes(1 / 512);
      for (;;) view.join();
    },
    map() {
      const view = bytes(1 / 8);
      for (;;) view.map((x) => x);
    },
    spread() {
      const view = bytes(1 / 512);
      for (;;) [...view];
    },
    fromTyped() {
      const view = bytes(1 / 128);
      for (;;) Float64Array.from(view);
    },
    copyConstructor() {
      const view = bytes(1 / 128);
      for (;;) new Float64Array(view);
    },
    newEmpty() {
      for (;;) new Uint8Array(room(1 / 4));
    },
    dataView() {
      const view = new DataView(new ArrayBuffer(room(1 / 4)));
      for (;;) view.setFloat64(8, view.getFloat64(0) + 1);
    },
    resizeAgain() {
      const buffer = new ArrayBuffer(8, { maxByteLength: room(1 / 4) });
      for (;;) {
        buffer.resize(room(1 / 4));
        buffer.resize(0);
      }
    },
    shrinkWhileWalking() {
      const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
      const view = new Uint8Array(buffer);
      for (;;) {
        buffer.resize(64);
        view.forEach(() => buffer.resize(1));
      }
    },
    shrinkWhileSorting() {
      const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
      const view = new Uint8Array(buffer);
      for (;;) {
        buffer.resize(64);
        view.sort(() => {
          buffer.resize(1);
          return 1;
        });
      }
    },
    subarrays() {
      const view = bytes(1 / 8);
      for (;;) view.subarray(1).subarray(1);
    },
    entries() {
      const view = bytes(1 / 128);
      for (;;) for (const _ of view.entries());
    },
  },
  threw: {
    ofVastLike: () => new Float64Array({ length: 2 ** 30 }),
    negative: () => new ArrayBuffer(-1),
    beyond: () => new DataView(new ArrayBuffer(8)).getFloat64(4),
    misaligned: () => new Float64Array(new ArrayBuffer(12), 4),
    transferred() {
      const buffer = new ArrayBuffer(8);
      buffer.transfer?.(16);
      if (buffer.byteLength === 8) throw new RangeError("there is no transfer");
      new Uint8Array(buffer);
      throw new RangeError("a detached buffer is empty");
    },
  },
};
