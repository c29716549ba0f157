// Sends back to "asker" what it is asked: the other half of round trips without a promise.

import { type Context, defineService } from "lughos";

export default defineService({
  version: "1.0.0",
  receive: {
    ask(message: unknown, { send }: Context) {
      send("asker", "answer", message);
    },
  },
});
