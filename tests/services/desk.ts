// Stands where mqtt does: passes an operator's order on to command, and the answer to the probe.

import { type Context, defineService } from "lughos";

export default defineService({
  version: "1.0.0",
  receive: {
    order(command: { readonly payload: Uint8Array }, { send }: Context) {
      send("command", "command", command, { priority: "MEDIUM" });
    },
    publish({ topic, payload }: { readonly topic: string; readonly payload: Uint8Array }, { send }: Context) {
      if (topic === "reply") send("probe", "reply", { payload });
    },
    outbox: () => ({ session: null, poweredSeconds: 0 }),
  },
});
