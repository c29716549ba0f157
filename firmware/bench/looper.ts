// Sends itself the next message with each message: what a dispatch costs when nobody else takes part.

import { type Context, defineService } from "lughos";

interface Step {
  readonly left: number;
  readonly begunMicros: number;
}

export default defineService({
  version: "1.0.0",
  receive: {
    run({ count }: { readonly count: number }, { send, monotonicMicros }: Context) {
      send("looper", "step", { left: count, begunMicros: monotonicMicros() });
    },
    step({ left, begunMicros }: Step, { send, monotonicMicros }: Context) {
      if (left > 0) send("looper", "step", { left: left - 1, begunMicros });
      else send("probe", "done", { micros: monotonicMicros() - begunMicros });
    },
  },
});
