// Asks "answerer" by send, and again when the answer was sent, so often as it is told: round trips without a promise.

import { type Context, defineService } from "lughos";

interface Run {
  readonly count: number;
}

interface Numbered {
  readonly n: number;
}

let count: number;
let begunMicros: number;

export default defineService({
  version: "1.0.0",
  receive: {
    run(run: Run, { send, monotonicMicros }: Context) {
      count = run.count;
      begunMicros = monotonicMicros();
      send("answerer", "ask", { n: 1 });
    },
    answer({ n }: Numbered, { send, monotonicMicros }: Context) {
      if (n < count) send("answerer", "ask", { n: n + 1 });
      else send("probe", "done", { count, micros: monotonicMicros() - begunMicros });
    },
  },
});
