// Keeps a number of LOW messages waiting at "listener": each one that was handled is followed by another.

import { type Context, defineService } from "lughos";

let name: string;

export default defineService({
  version: "1.0.0",
  start({ configuration }) {
    ({ name } = configuration as { readonly name: string });
  },
  receive: {
    run({ waiting }: { readonly waiting: number }, context: Context) {
      for (let count = 0; count < waiting; count++) makeNoise(context);
    },
    more(_message, context: Context) {
      makeNoise(context);
    },
  },
});

function makeNoise({ send }: Context): void {
  send("listener", "noise", { from: name }, { priority: "LOW" });
}
