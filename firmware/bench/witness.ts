// Calls "echo" at HIGH, one call in flight, and tells the longest wait for an answer in each window. Between two calls
// it waits at LOW, for a service that is always ready at HIGH would be all that ever runs.

import { type Context, defineService } from "lughos";

let longestMicros = 0;
let answers = 0;
let isRunning = false;

export default defineService({
  version: "1.0.0",
  receive: {
    start(_message, context: Context) {
      isRunning = true;
      context.send("witness", "go", null, { priority: "LOW" });
    },
    stop() {
      isRunning = false;
    },
    async go(_message, { call, send, monotonicMicros }: Context) {
      const begunMicros = monotonicMicros();
      await call("echo", "echo", { n: answers }, { priority: "HIGH" });
      longestMicros = Math.max(longestMicros, monotonicMicros() - begunMicros);
      answers++;
      if (isRunning) send("witness", "go", null, { priority: "LOW" });
    },
    /** Closes a window and opens the next. */
    window(_message, { send }: Context) {
      send("probe", "window", { longestMicros, answers });
      longestMicros = 0;
      answers = 0;
    },
  },
});
