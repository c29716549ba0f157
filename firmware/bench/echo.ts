// Answers what it is asked: the other half of round trips.

import { defineService } from "lughos";

export default defineService({
  version: "1.0.0",
  receive: {
    echo: (message: unknown) => message,
  },
});
