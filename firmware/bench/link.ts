// One of a ring: passes a token on to the next, and tells the probe when the token has made its hops.

import { type Context, defineService } from "lughos";

interface Token {
  readonly hopsLeft: number;
}

let next: string;

export default defineService({
  version: "1.0.0",
  start({ configuration }) {
    ({ next } = configuration as { readonly next: string });
  },
  receive: {
    token({ hopsLeft }: Token, { send }: Context) {
      if (hopsLeft > 0) send(next, "token", { hopsLeft: hopsLeft - 1 });
      else send("probe", "arrived");
    },
  },
});
