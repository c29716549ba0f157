// Calls "echo" so often as it is told, one call at a time, and tells the probe when it is done.

import { type Context, defineService } from "lughos";

interface Run {
  readonly count: number;
}

export default defineService({
  version: "1.0.0",
  receive: {
    async run({ count }: Run, { call, send }: Context) {
      let last = -1;
      for (let index = 0; index < count; index++) last = (await call<{ n: number }>("echo", "echo", { n: index })).n;
      send("probe", "done", { last });
    },
  },
});
