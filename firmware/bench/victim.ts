// Counts the questions it was ever asked, across its deaths: what is killed to see how soon it answers again.

import { type Context, defineService } from "lughos";

let asked = 0;

export default defineService({
  version: "1.0.0",
  start(_context, state) {
    asked = (state as { readonly asked: number } | undefined)?.asked ?? 0;
  },
  receive: {
    ask(_message, { commit }: Context) {
      asked++;
      commit({ asked });
      return { asked };
    },
  },
});
