// Commits whatever it is told, and cannot start from a state that is poison. Tells the probe from what it began.

import { type Context, defineService } from "lughos";

export default defineService({
  version: "1.0.0",
  start({ send }, state) {
    if (state === "poison") throw new Error("cannot begin from this");
    send("probe", "began", { from: state ?? null });
  },
  receive: {
    swallow({ what }: { readonly what: string }, { commit }: Context) {
      commit(what);
    },
  },
});
