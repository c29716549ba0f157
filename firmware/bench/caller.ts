// Calls "echo", or whom its entry names, so often as it is told, awaiting each answer before the next call, and tells the
// probe when it is done.

import { type Context, defineService } from "lughos";

interface Run {
  readonly count: number;
}

interface Numbered {
  readonly n: number;
}

export default defineService({
  version: "1.0.0",
  receive: {
    async run({ count }: Run, { call, send, monotonicMicros, configuration }: Context) {
      const { callee = "echo" } = configuration as { readonly callee?: string };
      const begunMicros = monotonicMicros();
      for (let n = 0; n < count; n++) {
        const answer = await call<Numbered>(callee, "echo", { n });
        if (answer.n !== n) throw new Error(`wanted the answer ${n}, found ${answer.n}`);
      }
      send("probe", "done", { count, micros: monotonicMicros() - begunMicros });
    },
  },
});
