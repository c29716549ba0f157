// Once a millisecond sends "listener" a HIGH message that bears the moment, as often as it is told.

import { type Context, defineService, type Tick } from "lughos";

const intervalMillis = 1;

let left = 0;
let timer: number;

export default defineService({
  version: "1.0.0",
  receive: {
    run({ count }: { readonly count: number }, { every }: Context) {
      left = count;
      timer = every(intervalMillis, "tick");
    },
    tick(_tick: Tick, { send, cancel, monotonicMicros }: Context) {
      left--;
      send("listener", "alarm", { sentMicros: monotonicMicros(), isLast: left === 0 }, { priority: "HIGH" });
      if (left === 0) cancel(timer);
    },
  },
});
