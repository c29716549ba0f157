// Writes into what all machines share. The audit tries them all; here stand the ones that once got through.
// biome-ignore-all lint: they do on purpose what nobody should
const frozen = Object.freeze([3, 1, 2]);
const plain = [3, 1, 2];
const object = { inner: { value: 1 }, list: [1] };

class Holder {
  #value = 1;
  read() {
    return this.#value;
  }
}

const held = new Holder();
const wrapped = Object(Symbol.iterator);

export default {
  threw: {
    assign() {
      plain[0] = 9;
    },
    push: () => plain.push(1),
    sort: () => plain.sort(),
    splice: () => plain.splice(0, 1),
    setLength() {
      plain.length = 0;
    },
    property() {
      object.inner.value = 2;
    },
    add() {
      object.added = 1;
    },
    remove() {
      delete object.inner;
    },
    define: () => Object.defineProperty(object, "inner", { value: 2 }),
    defineGetter: () => Object.defineProperty(object, "added", { get: () => 1 }),
    prototype: () => Object.setPrototypeOf(object, null),
    builtInMethod() {
      Array.prototype.push = null;
    },
    builtInPrototype: () => Object.setPrototypeOf(Array.prototype, null),
    builtInOfGlobal: () => Object.defineProperty(Object.getPrototypeOf(globalThis), "Map", { value: 1 }),
    functionName: () => Object.defineProperty(Array, "name", { value: "x" }),
    heldProperty() {
      held.value = 1;
    },
    wrapperProperty() {
      wrapped.x = 1;
    },
    weakKey: () => new WeakMap().set(Array.prototype, 1),
    weakMember: () => new WeakSet().add(object),
    frozenSort: () => frozen.sort(),
    symbolOnShared() {
      object[Symbol("s")] = 1;
    },
    fill: () => plain.fill(9),
    fillFrozen: () => frozen.fill(9),
    copyWithin: () => plain.copyWithin(0, 1),
    reverse: () => plain.reverse(),
    unshift: () => plain.unshift(1),
    shift: () => plain.shift(),
    pop: () => plain.pop(),
  },
};
