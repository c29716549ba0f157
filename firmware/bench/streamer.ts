// Sends the sink numbered messages as fast as it takes them, until it is told to stop and has sent enough: the load under
// which schedulers are swapped.

import { type Context, defineService } from "lughos";

/** At a time; then others get their turn. */
const burst = 4;

let next = 0;
let least = 0;
let isStopping = false;

export default defineService({
  version: "1.0.0",
  receive: {
    run(order: { readonly least: number }, context: Context) {
      least = order.least;
      go(context);
    },
    go(_message, context: Context) {
      go(context);
    },
    stop() {
      isStopping = true;
    },
  },
});

function go(context: Context): void {
  const { stream } = context.configuration as unknown as { readonly stream: number };
  for (let sent = 0; sent < burst; sent++) {
    if (context.send("sink", "take", { stream, n: next }, { priority: "LOW" }) !== "sent") break;
    next++;
  }
  if (isStopping && next >= least) context.send("probe", "streamed", { stream, sent: next });
  else context.send(`streamer-${stream}`, "go", null, { priority: "LOW" });
}
