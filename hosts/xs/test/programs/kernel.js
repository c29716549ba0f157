// A machine that runs another one from inside a native, as the kernel does.
const natives = globalThis.lughNatives;

export default {
  dispatchThrow() {
    return natives.dispatch("throwError");
  },
  dispatchSpin() {
    return natives.dispatch("spin");
  },
};
