// Adds up what it is sent: the version that tests swap out. Tells the probe each sum, in the order in which it came.

import { type Context, defineService } from "lughos";

let total = 0;
/** Where the next version is to break a rule: it reads that from the state too. */
let breaks = "";

export default defineService({
  version: "1.0.0",
  stateSchema: 1,
  start(context, state) {
    total = (state as { readonly total: number } | undefined)?.total ?? 0;
    breaks = String(context.configuration.breaks ?? "");
    if (context.configuration.ticks === true) context.every(100, "tick");
  },
  receive: {
    add({ n }: { readonly n: number }, { send, commit, configuration }: Context) {
      total += n;
      if (configuration.commits === true) commit({ total });
      send("probe", "added", { version: 1, n, total });
    },
    sum: () => ({ version: 1, total }),
    tick(_tick, { send }: Context) {
      send("probe", "ticked", { version: 1 });
    },
    async slow(_message, { call, configuration }: Context) {
      const patience = (configuration.patienceMillis as number | undefined) ?? 300;
      // The probe keeps this call until its deadline.
      await call("probe", "hold", null, { deadlineMillis: patience }).catch(() => undefined);
      return { version: 1, total };
    },
  },
  suspend() {
    if (breaks === "throw in suspend") throw new Error("told to break in suspend");
    if (breaks === "spin in suspend") for (;;);
    return { total, breaks };
  },
  migrate: (state) => ({ total: (state as { readonly sum: number }).sum }),
});
