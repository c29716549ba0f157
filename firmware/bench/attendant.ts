// Attends to the service that `lugh test` has on a node: it is the node's reincarnation server, which starts what faulted again
// at once, and it calls the service for the test.

import { type Context, defineService, type Refusal } from "lughos";
import type { Fault } from "services/api/kernel";

interface Ask {
  readonly service: string;
  readonly type: string;
  readonly message?: unknown;
  readonly options: object;
}

export default defineService({
  version: "1.0.0",
  receive: {
    /** One that faulted as it started would only do so again, and no time passes meanwhile. */
    async fault(fault: Fault, { call, send }: Context) {
      send("bench", "fault", fault);
      if (fault.messageType !== "" && !fault.isReplaced) await call("kernel", "restart", { service: fault.service });
    },
    async ask({ service, type, message, options }: Ask, { call, send }: Context) {
      try {
        const reply = await call<unknown>(service, type, message, options);
        send("bench", "replied", reply === undefined ? {} : { reply });
      } catch (error) {
        send("bench", "replied", { answer: (error as Refusal).answer });
      }
    },
  },
});
