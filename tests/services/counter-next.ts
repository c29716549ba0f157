// The version that tests swap in: its state is of another schema, and `configuration.breaks` says where it breaks a rule.

import { type Context, defineService } from "lughos";

let sum = 0;

function breakAt(step: string, { configuration }: Pick<Context, "configuration">): void {
  if (configuration.breaks === `throw in ${step}`) throw new Error(`told to break in ${step}`);
  if (configuration.breaks === `spin in ${step}`) for (;;);
  if (configuration.breaks === `grow in ${step}`)
    for (const hoard: number[][] = []; ; ) hoard.push([hoard.length, 1, 2]);
}

export default defineService({
  version: "2.0.0",
  stateSchema: 2,
  start(context, state) {
    breakAt("start", context);
    sum = (state as { readonly sum: number } | undefined)?.sum ?? 0;
    if (context.configuration.ticks === true) context.every(100, "tick");
  },
  receive: {
    add({ n }: { readonly n: number }, context: Context) {
      breakAt("message", context);
      sum += n;
      context.send("probe", "added", { version: 2, n, total: sum });
    },
    sum: () => ({ version: 2, total: sum }),
    tick(_tick, { send }: Context) {
      send("probe", "ticked", { version: 2 });
    },
  },
  suspend: () => ({ sum }),
  migrate: (state) => ({ sum: (state as { readonly total: number }).total }),
});
