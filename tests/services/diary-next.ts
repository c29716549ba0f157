// The diary's next edition: it counts what its state went through.

import { defineService, type Plain } from "lughos";

export default defineService({
  version: "2.0.0",
  stateSchema: 2,
  storesState: true,
  start({ send }, state) {
    send("probe", "began", state ?? null);
  },
  receive: {},
  migrate: (state: Plain, fromSchema: number) => ({ pages: [(state as { readonly page: Plain }).page], fromSchema }),
});
