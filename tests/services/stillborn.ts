// Cannot start: what stays dead on a node that has no reincarnation server.

import { defineService } from "lughos";

export default defineService({
  version: "1.0.0",
  start() {
    throw new Error("cannot live");
  },
  receive: {},
});
