// Keeps itself ready at HIGH, and has one HIGH message on its way to "bystander" all the time: whoever orders it before the
// bystander again and again, starves that one.

import { type Context, defineService } from "lughos";

let isRunning = false;
let isOnItsWay = false;

export default defineService({
  version: "1.0.0",
  receive: {
    run(_message, context: Context) {
      isRunning = true;
      go(context);
    },
    go(_message, context: Context) {
      go(context);
    },
    /** Of the bystander. */
    seen() {
      isOnItsWay = false;
    },
    stop() {
      isRunning = false;
    },
  },
});

function go({ send, monotonicMicros }: Context): void {
  if (!isRunning) return;
  if (!isOnItsWay) isOnItsWay = send("bystander", "note", monotonicMicros(), { priority: "HIGH" }) === "sent";
  send("urgent", "go", null, { priority: "HIGH" });
}
