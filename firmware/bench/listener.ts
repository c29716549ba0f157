// Takes the time that alarms were on their way, and asks whoever makes noise for more of it.

import { type Context, defineService } from "lughos";

interface Alarm {
  readonly sentMicros: number;
  readonly isLast: boolean;
}

/** The probe is told so many at a time: more do not fit a small machine beside their message. */
const toldAtATime = 100;

let waitsMicros: number[] = [];

export default defineService({
  version: "1.0.0",
  start() {
    waitsMicros = [];
  },
  receive: {
    alarm({ sentMicros, isLast }: Alarm, { send, monotonicMicros }: Context) {
      waitsMicros.push(monotonicMicros() - sentMicros);
      if (!isLast && waitsMicros.length < toldAtATime) return;
      send("probe", "waited", { waitsMicros, isLast });
      waitsMicros = [];
    },
    noise({ from }: { readonly from: string }, { send }: Context) {
      send(from, "more", undefined, { priority: "LOW" });
    },
  },
});
