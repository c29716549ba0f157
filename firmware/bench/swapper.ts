// Asks the kernel for swaps of the scheduler, and tells the probe how each ended.

import { type Context, defineService } from "lughos";

export default defineService({
  version: "1.0.0",
  receive: {
    async swap(order: { readonly service: string; readonly module: string }, { call, send }: Context) {
      const reply = await call<{ readonly error?: string }>("kernel", "swap", order, { priority: "HIGH" });
      if (reply.error !== undefined) send("probe", "swapped", { outcome: "refused", reason: reply.error, steps: {} });
    },
    swapped(end: unknown, { send }: Context) {
      send("probe", "swapped", end);
    },
  },
});
