// Stores the page that it is told to, and says from which it began. What a page wants at the start, it gets: "throw" throws.

import { type Context, defineService } from "lughos";

interface State {
  readonly page: unknown;
}

let pages: unknown;

export default defineService({
  version: "1.0.0",
  stateSchema: 1,
  storesState: true,
  start({ send }, state) {
    pages = (state as State | undefined)?.page ?? null;
    if (pages === "throw") throw new Error("this page cannot be read");
    send("probe", "began", pages);
  },
  receive: {
    async store(page: unknown, { send, store }: Context) {
      send("probe", "stored", await store({ page }));
    },
    commit(page: unknown, { commit, send }: Context) {
      send("probe", "committed", commit({ page }));
    },
    fault() {
      throw new Error("it was told to");
    },
  },
});
