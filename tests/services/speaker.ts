// Sends what no test can put into a message: values that are no plain data, and texts that are no UTF-8.

import { type Context, defineService } from "lughos";

interface Order {
  readonly value: string;
  readonly how: "send" | "call" | "publish" | "commit" | "return" | "log" | "type" | "channel" | "throw";
}

export default defineService({
  version: "1.0.0",
  receive: {
    async say({ value, how }: Order, context: Context) {
      const made = make(value);
      switch (how) {
        case "send":
          return context.send("listener", "note", made);
        case "call":
          return await context.call("listener", "echo", made);
        case "publish":
          return context.publish("news", made);
        case "commit":
          return context.commit(made);
        case "return":
          return made;
        case "log":
          context.log("info", made as string);
          return "logged";
        case "type":
          return context.send("listener", made as string);
        case "channel":
          return context.send(made as string, "note");
        case "throw":
          throw new Error(made as string);
      }
    },
    return: ({ value }: Order) => make(value),
    /** The same value, sent so often. */
    repeat({ value, times }: { readonly value: string; readonly times: number }, { send }: Context) {
      const made = make(value);
      for (let time = 0; time < times; time++) send("listener", "ignored", made);
    },
  },
});

function make(value: string): unknown {
  switch (value) {
    case "function":
      return { list: [1, { act: () => 1 }] };
    case "undefined":
      return { here: undefined };
    case "cycle": {
      const self: { inner?: unknown } = {};
      self.inner = { self };
      return self;
    }
    case "getter":
      return {
        get secret() {
          throw new Error("the getter ran");
        },
      };
    case "map":
      return new Map();
    case "bigint":
      return [1n];
    case "hole": {
      const list = [1, 2];
      list[3] = 4;
      return list;
    }
    case "deep":
      return [[[[[[[[[[[[[[[[[[null]]]]]]]]]]]]]]]]]];
    case "lone surrogate":
      return "\ud800";
    case "lone surrogate at the end of much":
      return `${"é".repeat(700)}\ud800`;
    case "much":
      return "é".repeat(700);
    case "zero":
      return "a\0b";
    case "65,536 bytes":
      return "x".repeat(65_536 - 3);
    case "65,537 bytes":
      return "x".repeat(65_536 - 2);
    case "wide":
      return Array.from({ length: 4_000 }, (_, index) => index % 10);
    case "typed":
      return new Float64Array([0.5, -0]);
    default:
      return value;
  }
}
