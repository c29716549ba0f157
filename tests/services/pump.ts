// Keeps a node busy: each message of type "pump" sends HIGH to another service and the next one to itself.

import { type Context, defineService } from "lughos";

interface Pump {
  readonly times: number;
  readonly high: string;
}

export default defineService({
  version: "1.0.0",
  receive: {
    pump({ times, high }: Pump, { send, configuration }: Context) {
      send(high, "note", times, { priority: "HIGH" });
      if (times > 1) send(configuration.self as string, "pump", { times: times - 1, high });
    },
  },
});
