// Writes down each numbered message that any version of a meter has handled, and finds what came twice, late or never.

import { type Context, defineService } from "lughos";

interface Numbered {
  readonly stream: string;
  readonly n: number;
}

/** By stream. */
let next: { [stream: string]: number };
/** Numbers that were passed over and may still come: then they were out of order. */
let passedOver: Set<string>;
let taken = 0;
let duplicated = 0;
let reordered = 0;

export default defineService({
  version: "1.0.0",
  start() {
    next = {};
    passedOver = new Set();
  },
  receive: {
    take({ stream, n }: Numbered) {
      const expected = next[stream] ?? 0;
      taken++;
      for (let missing = expected; missing < n; missing++) passedOver.add(`${stream}/${missing}`);
      if (n >= expected) next[stream] = n + 1;
      else if (passedOver.delete(`${stream}/${n}`)) reordered++;
      else duplicated++;
    },
    report(_message, { send }: Context) {
      send("probe", "ledger", { taken, duplicated, reordered, missing: passedOver.size });
    },
  },
});
