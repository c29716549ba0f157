// The version that tests swap in: its state is of another schema, and `configuration.breaks` says where it breaks a rule.

import { type Context, defineService } from "lughos";

let sum = 0;
let breaks: unknown;

function breakAt(step: string): void {
  if (breaks === `throw in ${step}`) throw new Error(`told to break in ${step}`);
  if (breaks === `spin in ${step}`) for (;;);
  if (breaks === `grow in ${step}`) for (const hoard: number[][] = []; ; ) hoard.push([hoard.length, 1, 2]);
}

export default defineService({
  version: "2.0.0",
  stateSchema: 2,
  start(context, state) {
    breaks = context.configuration.breaks;
    breakAt("start");
    sum = (state as { readonly sum: number } | undefined)?.sum ?? 0;
    if (context.configuration.ticks === true) context.every(100, "tick");
  },
  receive: {
    add({ n }: { readonly n: number }, context: Context) {
      breakAt("message");
      if (breaks === "reach in message") context.send("vault", "open");
      sum += n;
      context.send("probe", "added", { version: 2, n, total: sum });
    },
    sum: () => ({ version: 2, total: sum }),
    async slow(_message, { call }: Context) {
      await call("probe", "hold", null, { deadlineMillis: 300 }).catch(() => undefined);
      return { version: 2, total: sum };
    },
    tick(_tick, { send }: Context) {
      send("probe", "ticked", { version: 2 });
    },
  },
  suspend: () => ({ sum }),
  migrate(state) {
    const { total, breaks: step } = state as { readonly total: number; readonly breaks?: string };
    breaks = step;
    breakAt("migrate");
    // More than a tenth of a second of any desk, and within the largest budget: few steps take longer than these.
    if (breaks === "dawdle in migrate") {
      const text = "%41".repeat(5_000);
      for (let grain = 0; grain < 8_000; grain++) unescape(text);
    }
    if (breaks === "foreign in migrate") return { sum: () => total } as never;
    return { sum: total };
  },
  health() {
    breakAt("health");
    return breaks !== "false in health";
  },
});
