// Has the victim killed again and again, and takes the time from the order until it answers with the state that it had.

import { type Context, defineService, type Refusal } from "lughos";

interface Run {
  readonly kills: number;
  readonly kind: string;
}

interface Answer {
  readonly asked: number;
}

export default defineService({
  version: "1.0.0",
  receive: {
    async run({ kills, kind }: Run, { call, send, monotonicMicros }: Context) {
      let asked = (await call<Answer>("victim", "ask")).asked;
      for (let kill = 0; kill < kills; kill++) {
        // Before the fault: it may be over, and the victim back, by the time that its order is answered.
        const begunMicros = monotonicMicros();
        await call("simulator", "fault", { service: "victim", kind });
        const answer = await untilAnswered(call);
        const isStateful = answer.asked === asked + 1;
        asked = answer.asked;
        send("probe", "answered", { micros: monotonicMicros() - begunMicros, isStateful });
      }
      send("probe", "done", { kills });
    },
  },
});

/** The call that the victim dies of is answered `dead`; the next one finds it alive. */
async function untilAnswered(call: Context["call"]): Promise<Answer> {
  for (;;)
    try {
      return await call<Answer>("victim", "ask");
    } catch (error) {
      if ((error as Refusal).answer !== "dead") throw error;
    }
}
