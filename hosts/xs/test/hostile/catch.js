// Programs that will not let an exception end them: what ends a run must not be one.
// biome-ignore-all lint: they do on purpose what nobody should
const forever = () => {
  for (;;);
};

function deeper() {
  try {
    return deeper();
  } finally {
    deeper();
  }
}

export default {
  "out-of-budget": {
    spin() {
      for (;;) {
        try {
          forever();
        } catch {}
      }
    },
    swallowThrow() {
      for (;;) {
        try {
          throw new Error("again");
        } catch {}
      }
    },
    finallyContinue() {
      for (;;) {
        try {
          throw 1;
        } finally {
          continue;
        }
      }
    },
    spinInCatch() {
      try {
        throw 1;
      } catch {
        forever();
      }
    },
    spinInFinally() {
      try {
        return 1;
      } finally {
        forever();
      }
    },
    referenceErrors() {
      for (;;) {
        try {
          missing;
        } catch {}
      }
    },
    typeErrors() {
      for (;;) {
        try {
          null.x;
        } catch {}
      }
    },
    rejections() {
      const spin = async () => {
        for (;;) {
          try {
            await Promise.reject(1);
          } catch {}
        }
      };
      return spin();
    },
  },
  growth: {
    growInCatch() {
      const all = [];
      for (;;) {
        try {
          all.push(new Array(64).fill(0));
        } catch {}
      }
    },
    growInFinally() {
      const all = [];
      for (;;) {
        try {
          throw all;
        } finally {
          all.push({ all });
          continue;
        }
      }
    },
  },
  "stack-overflow": {
    recurseInFinally: () => deeper(),
    recurseInCatch() {
      const again = () => {
        try {
          return again();
        } catch {
          return again();
        }
      };
      return again();
    },
  },
  threw: {
    nested() {
      try {
        throw new Error("inner");
      } catch (cause) {
        throw new Error("outer", { cause });
      }
    },
    number() {
      throw 7;
    },
    nothing() {
      throw undefined;
    },
    symbol() {
      throw Symbol("s");
    },
    proxy() {
      throw new Proxy({}, { get: forever, getPrototypeOf: forever });
    },
    hostileMessage() {
      const error = new Error("x");
      Object.defineProperty(error, "message", { get: forever });
      Object.defineProperty(error, "name", { get: forever });
      throw error;
    },
    hugeMessage() {
      throw new Error("m".repeat(10000));
    },
  },
};
