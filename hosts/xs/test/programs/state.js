// State, language and natives as an honest service sees them.
const natives = globalThis.lughNatives;
const labels = ["one", "two", `thr${"ee"}`];
const large = 123456789012345678901234567890n;
let counter = 0;

class Meter {
  #value = 1;
  add(step) {
    this.#value += step;
    return this.#value;
  }
}

class WrongReading extends Error {
  constructor(message) {
    super(message);
    this.code = "wrong";
  }
}

const withdrawnNames = ["Date", "eval", "SharedArrayBuffer", "Atomics", "Compartment", "ModuleSource", "WeakRef"];
withdrawnNames.push("FinalizationRegistry", "harden", "lockdown", "petrify", "mutabilities", "lughNatives", "trace");

export default {
  count() {
    counter += 1;
    return counter;
  },
  setGlobal(value) {
    globalThis.mine = value;
  },
  getGlobal() {
    return globalThis.mine ?? -1;
  },
  withdrawn() {
    const present = withdrawnNames.filter((name) => globalThis[name] !== undefined);
    return present.length + (typeof Date === "undefined" ? 0 : 1) + (Math.random === undefined ? 0 : 1);
  },
  privateFields() {
    return new Meter().add(2);
  },
  errors() {
    try {
      throw new WrongReading("x");
    } catch (error) {
      return error instanceof WrongReading && error.code === "wrong" ? 1 : 0;
    }
  },
  churn(rounds) {
    let right = 0;
    for (let round = 0; round < rounds; round++) {
      const copies = [];
      for (let i = 0; i < 20; i++) copies.push({ label: labels[i % 3], text: labels[2] + i, large });
      right += copies.every((copy) => copy.large === large && labels.includes(copy.label)) ? 1 : 0;
    }
    return right;
  },
  freezeShared() {
    return Object.isFrozen(Object.freeze(labels)) && Object.seal(Meter.prototype) === Meter.prototype ? 1 : 0;
  },
  context() {
    return natives.context();
  },
};
