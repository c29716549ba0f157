// A scheduler that cannot take over what any other leaves: its `migrate` throws.

import { defineService } from "lughos";

export default defineService({
  version: "3.0.0",
  stateSchema: 3,
  receive: {},
  plan: () => 0,
  migrate() {
    throw new Error("no migrate");
  },
});
