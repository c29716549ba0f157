// Calls "echo", or whom its configuration names, again as soon as it is answered, no more urgent than the load, and tells the
// longest wait from one answer to the next in each window. That somebody died of the call is an answer too.

import { type Context, defineService, type Refusal } from "lughos";

const priority = "LOW";
/** Longer than anything that is measured: a wait that is cut short would be no wait, and the fall of the witness with it. */
const deadlineMillis = 60_000;

let longestMicros = 0;
let answers = 0;
let answeredMicros = 0;
let isRunning = false;

export default defineService({
  version: "1.0.0",
  receive: {
    start(_message, { send, monotonicMicros }: Context) {
      isRunning = true;
      answeredMicros = monotonicMicros();
      send("witness", "go", null, { priority });
    },
    stop() {
      isRunning = false;
    },
    async go(_message, { call, send, monotonicMicros, configuration }: Context) {
      const { asks = "echo" } = configuration as { readonly asks?: string };
      await call(asks, "echo", { n: answers }, { priority, deadlineMillis }).catch(passDeath);
      const micros = monotonicMicros();
      longestMicros = Math.max(longestMicros, micros - answeredMicros);
      answeredMicros = micros;
      answers++;
      if (isRunning) send("witness", "go", null, { priority });
    },
    /** Closes a window and opens the next. An answer that is due counts as far as it has been waited for. */
    window(_message, { send, monotonicMicros }: Context) {
      longestMicros = Math.max(longestMicros, monotonicMicros() - answeredMicros);
      send("probe", "window", { longestMicros, answers });
      longestMicros = 0;
      answers = 0;
    },
  },
});

function passDeath(error: Refusal): void {
  if (error.answer !== "dead") throw error;
}
