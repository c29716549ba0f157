// Takes the numbered messages of the streamers and counts what is missing, doubled or out of order.

import { type Context, defineService } from "lughos";

interface Numbered {
  readonly stream: number;
  readonly n: number;
}

/** By stream: the number that comes next. */
let expected: number[];
let taken = 0;
let lost = 0;
let again = 0;

export default defineService({
  version: "1.0.0",
  start() {
    expected = [];
  },
  receive: {
    take({ stream, n }: Numbered) {
      while (expected.length <= stream) expected.push(0);
      const next = expected[stream] as number;
      taken++;
      // A number from before has come twice, or late: then it was counted as lost when it was passed over.
      if (n < next) again++;
      else {
        lost += n - next;
        expected[stream] = n + 1;
      }
    },
    report(_message, { send }: Context) {
      send("probe", "sunk", { taken, lost, again, expected });
    },
  },
});
