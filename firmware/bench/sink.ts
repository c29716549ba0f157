// Takes the numbered messages of the streamers, and tells what is missing, doubled or out of order: by stream and priority, for
// which alone an order is promised.

import { createTally, type Tally } from "firmware/bench/tally";
import { type Context, defineService } from "lughos";

interface Numbered {
  readonly stream: string;
  readonly n: number;
}

interface End {
  readonly name: string;
  /** By priority. */
  readonly sent: { readonly [priority: string]: number };
}

let tallies: { [stream: string]: Tally };

export default defineService({
  version: "1.0.0",
  start() {
    tallies = {};
  },
  receive: {
    take({ stream, n }: Numbered) {
      tallies[stream] ??= createTally();
      tallies[stream]?.take(n);
    },
    /** One streamer has sent all. What it sent last and what did not come is lost too. */
    end({ name, sent }: End, { send }: Context) {
      for (const [priority, count] of Object.entries(sent)) {
        const { lost, duplicated, reordered, expected } = (tallies[`${name} ${priority}`] ?? createTally()).count();
        send("probe", "sunk", { sent: count, lost: lost + count - expected, duplicated, reordered });
      }
    },
  },
});
