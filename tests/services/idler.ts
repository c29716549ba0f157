// Works for as long as it is told to: then its health says no, though it breaks no rule. `configuration.isDeaf`: it has no
// timer, and nobody sends it anything.

import { type Context, defineService } from "lughos";

let works = true;

export default defineService({
  version: "1.0.0",
  start({ every, configuration }) {
    works = true;
    if (configuration.isDeaf !== true) every(100, "tick");
  },
  receive: {
    tick() {},
    idle() {
      works = false;
    },
    fail(_message, { configuration }: Context) {
      if (configuration.isDeaf === true) throw new Error("told to fail");
      for (;;);
    },
  },
  health: () => works,
});
