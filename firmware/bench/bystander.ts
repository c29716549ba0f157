// Gets HIGH messages that say when they were sent, and tells the longest way of one in each window.

import { type Context, defineService } from "lughos";

let longestMicros = 0;

export default defineService({
  version: "1.0.0",
  receive: {
    note(sentMicros: number, { send, monotonicMicros }: Context) {
      longestMicros = Math.max(longestMicros, monotonicMicros() - sentMicros);
      send("urgent", "seen", null, { priority: "HIGH" });
    },
    /** Closes a window and opens the next. */
    window(_message, { send }: Context) {
      send("probe", "waited", { longestMicros });
      longestMicros = 0;
    },
  },
});
