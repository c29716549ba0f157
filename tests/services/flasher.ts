// Asks the device port "flash" what a test tells it: each message of type "do" is a list of operations, all submitted before the
// first is answered, and what comes of each goes to the probe in that order.

import { type Context, defineService, type Refusal } from "lughos";

interface Request {
  readonly operation: string;
  readonly argument?: unknown;
  readonly deadlineMillis?: number;
}

const patienceMillis = 60_000;

export default defineService({
  version: "1.0.0",
  receive: {
    async do(requests: readonly Request[], { call, send, monotonicMicros }: Context) {
      const answers = requests.map(async ({ operation, argument, deadlineMillis = patienceMillis }) => {
        try {
          return await call("flash", operation, argument, { deadlineMillis });
        } catch (error) {
          return { refused: (error as Refusal).answer };
        }
      });
      for (const answer of answers) send("probe", "did", { answer: await answer, micros: monotonicMicros() });
    },
    tell({ operation, argument }: Request, { send }: Context) {
      send("probe", "did", { answer: send("flash", operation, argument) });
    },
  },
});
