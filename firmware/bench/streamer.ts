// Sends the sink messages of every priority as fast as it takes them, each priority numbered for itself, until it is told to
// stop and has sent enough: the load under which schedulers are swapped.

import { type Context, defineService } from "lughos";

type Priority = "HIGH" | "MEDIUM" | "LOW";

/** Turns to a message. There are four streamers, and the sink has a turn like any of them: it keeps up. */
const turnsEach = 5;
/** Of so many messages one is HIGH and one MEDIUM: most of a load is not urgent. */
const pattern = 16;
const mediumAt = 8;

/** By priority: how many were sent. */
let sent: { [Each in Priority]: number };
let turns = 0;
let least = 0;
let isStopping = false;

export default defineService({
  version: "1.0.0",
  start() {
    sent = { HIGH: 0, MEDIUM: 0, LOW: 0 };
  },
  receive: {
    run(order: { readonly least: number }, context: Context) {
      least = order.least;
      go(context);
    },
    go(_message, context: Context) {
      go(context);
    },
    stop() {
      isStopping = true;
    },
  },
});

function go({ send, configuration }: Context): void {
  const { name } = configuration as { readonly name: string };
  const total = sent.HIGH + sent.MEDIUM + sent.LOW;
  if (isStopping && total >= least) {
    // Behind all that was sent, as it is LOW.
    if (send("sink", "end", { name, sent }, { priority: "LOW" }) === "sent") return;
  } else if (turns++ % turnsEach === 0) {
    const priority = priorityOf(total % pattern);
    const answer = send("sink", "take", { stream: `${name} ${priority}`, n: sent[priority] }, { priority });
    if (answer === "sent") sent[priority]++;
  }
  send(name, "go", null, { priority: "LOW" });
}

function priorityOf(place: number): Priority {
  if (place === 0) return "HIGH";
  return place === mediumAt ? "MEDIUM" : "LOW";
}
