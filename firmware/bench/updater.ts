// Stands where the service "command" stands in the field: asks the reincarnation server for updates, and tells the probe how each
// ended and what fell.

import { type Context, defineService, type Refusal } from "lughos";
import type { KernelStatistics } from "services/api/kernel";

/** Of the report of a fault (wire/fault). */
interface Fell {
  readonly service: string;
  readonly kind: string;
  readonly messageType: string;
}

export default defineService({
  version: "1.0.0",
  start({ subscribe }) {
    subscribe("fault", "fault");
  },
  receive: {
    async update(order: object, { call, send }: Context) {
      try {
        const reply = await call<{ readonly error?: string }>("reincarnation", "update", order);
        if (reply.error !== undefined)
          send("probe", "swapped", { outcome: "refused", reason: reply.error, handled: 0, steps: {}, moves: [] });
      } catch (error) {
        const { answer } = error as Refusal;
        if (answer === undefined) throw error;
        send("probe", "swapped", { outcome: "refused", reason: answer, handled: 0, steps: {}, moves: [] });
      }
    },
    /** What runs. */
    async modules(_message, { call, send }: Context) {
      const { services } = await call<KernelStatistics>("kernel", "statistics");
      send("probe", "modules", Object.fromEntries(services.map(({ name, module }) => [name, module])));
    },
    swapped(end: unknown, { send }: Context) {
      send("probe", "swapped", end, { priority: "HIGH" });
    },
    fault({ service, kind, messageType }: Fell, { send }: Context) {
      send("probe", "fell", { service, kind, messageType });
    },
  },
});
