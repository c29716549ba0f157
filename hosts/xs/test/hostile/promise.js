// Floods of promise jobs, which run after the handler has returned.
// biome-ignore-all lint: they do on purpose what nobody should
const forever = () => {
  for (;;);
};

const pass = async (value) => value;

export default {
  "out-of-budget": {
    awaitNothing: async () => {
      for (;;) await null;
    },
    thenable() {
      const again = { then: (resolve) => resolve(again) };
      Promise.resolve(again);
    },
    spinInThen() {
      Promise.resolve().then(forever);
    },
    spinInCatch() {
      Promise.reject(1).catch(forever);
    },
    spinInFinally() {
      Promise.resolve(1).finally(forever);
    },
    spinInThenGetter() {
      const value = {
        get then() {
          return forever();
        },
      };
      Promise.resolve(value);
    },
    asyncGenerator: async () => {
      async function* endless() {
        for (;;) yield 1;
      }
      for await (const _ of endless());
    },
    awaitCall: async () => {
      for (;;) await pass(1);
    },
    raceAgain: async () => {
      for (;;) await Promise.race([pass(1), pass(2)]);
    },
    allAgain: async () => {
      for (;;) await Promise.all([pass(1), pass(2), pass(3)]);
    },
    twoSpinners: () => {
      const spin = async () => {
        for (;;) await null;
      };
      spin();
      spin();
    },
  },
  growth: {
    thenChain() {
      const again = () => Promise.resolve().then(again);
      again();
    },
    flood() {
      const all = [];
      for (;;) all.push(Promise.resolve().then(forever));
    },
    doubling() {
      const twice = () => {
        Promise.resolve().then(twice);
        Promise.resolve().then(twice);
      };
      twice();
    },
    manyReactions() {
      const pending = new Promise(() => {});
      for (;;) pending.then(forever);
    },
    rejectionsUnhandled() {
      for (;;) Promise.reject(new Error("nobody"));
    },
    allOfEndless: () => Promise.all({ [Symbol.iterator]: () => ({ next: () => ({ value: 1 }) }) }),
    anyOfEndless: () => Promise.any({ [Symbol.iterator]: () => ({ next: () => ({ value: Promise.reject(1) }) }) }),
    asyncCalls() {
      const all = [];
      const wait = async () => {
        await new Promise(() => {});
      };
      for (;;) all.push(wait());
    },
    asyncRecursion() {
      const again = async () => {
        await null;
        return await again();
      };
      again();
    },
    queueOfGenerator() {
      async function* waiting() {
        await new Promise(() => {});
      }
      const generator = waiting();
      for (;;) generator.next();
    },
  },
  threw: {
    unhandled() {
      Promise.reject(new TypeError("nobody cares"));
    },
    unhandledLate: async () => {
      await null;
      throw new Error("late");
    },
    executor: () =>
      new Promise(() => {
        throw new Error("in executor");
      }),
  },
  "stack-overflow": {
    resolveItself() {
      const deep = {
        get then() {
          return Promise.resolve(deep);
        },
      };
      Promise.resolve(deep);
    },
  },
};
