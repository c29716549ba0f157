// What services must not have: code from text, time, chance, shared memory, and modules that were not granted.
// biome-ignore-all lint: they do on purpose what nobody should
import { natives } from "hostile/room";

const missing = (name) => () => {
  if (globalThis[name] === undefined) throw new ReferenceError(`there is no ${name}`);
  return globalThis[name];
};

export default {
  threw: {
    functionOfText: () => new Function("return 1")(),
    functionCalled: () => Function("return globalThis")(),
    asyncFunction: () => (async () => {}).constructor("return 1")(),
    generatorFunction: () => function* () {}.constructor("yield 1")(),
    asyncGeneratorFunction: () => async function* () {}.constructor("yield 1")(),
    functionThroughBind: () => Reflect.construct(Function.bind(null), ["return 1"])(),
    functionThroughClass: () => new (class extends Function {})("return 1")(),
    evalText: () => (0, globalThis.eval)("1"),
    date: missing("Date"),
    dateOfMeter: missing("performance"),
    timers: missing("setTimeout"),
    weakRef: missing("WeakRef"),
    finalization: missing("FinalizationRegistry"),
    sharedMemory: missing("SharedArrayBuffer"),
    atomics: missing("Atomics"),
    compartment: missing("Compartment"),
    moduleSource: missing("ModuleSource"),
    harden: missing("harden"),
    lockdown: missing("lockdown"),
    petrify: missing("petrify"),
    mutabilities: missing("mutabilities"),
    trace: missing("trace"),
    nativesOnGlobal: missing("lughNatives"),
    chance: () => Math.random(),
    importUngranted: () => import("state"),
    importMissing: () => import("nowhere"),
    importPath: () => import("../../etc/passwd"),
    importUrl: () => import("data:text/javascript,1"),
    importLong: () => import("x".repeat(5000)),
    importObject: () => import({ toString: () => "state" }),
    nativeWithoutMachine: () => natives.memoryBytes.call(null, 1, 2, 3) && Reflect.construct(natives.memoryBytes, []),
  },
  "out-of-memory out-of-budget threw": {
    importManyMissing: async () => {
      for (let i = 0; ; i++) {
        try {
          await import(`missing${i}`);
        } catch {}
      }
    },
  },
  "out-of-budget": {
    importAgain: async () => {
      for (;;) await import("hostile/room");
    },
  },
};
