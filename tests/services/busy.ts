// Keeps itself ready: each message has it send itself the next, at the priority that its configuration says.

import { type Context, defineService, type SendOptions } from "lughos";

export default defineService({
  version: "1.0.0",
  receive: {
    go(_message, { send, configuration }: Context) {
      const { self, priority } = configuration as { readonly self: string } & Required<Pick<SendOptions, "priority">>;
      send(self, "go", null, { priority });
    },
  },
});
