// Asks storage what a test tells it, as one service among others with keys of its own: what comes of it goes to the probe.

import { type Context, defineService, type Refusal } from "lughos";

interface Request {
  readonly type: string;
  readonly body?: unknown;
}

export default defineService({
  version: "1.0.0",
  receive: {
    async ask({ type, body }: Request, { call, send }: Context) {
      try {
        send("probe", "answer", await call("storage", type, body, { deadlineMillis: 60_000 }));
      } catch (error) {
        send("probe", "answer", { refused: (error as Refusal).answer });
      }
    },
  },
});
