// Does what a test tells it: each message of type "do" is a list of steps, and what comes of each goes to the probe.

import { type Context, defineService, type Refusal } from "lughos";

interface Step {
  readonly verb: "send" | "call" | "publish" | "subscribe" | "every" | "after" | "commit" | "throw" | "hang" | "log";
  readonly to?: string;
  readonly type?: string;
  readonly message?: unknown;
  readonly options?: { readonly priority?: "HIGH" | "MEDIUM" | "LOW"; readonly deadlineMillis?: number };
  readonly millis?: number;
}

let committed: unknown;

export default defineService({
  version: "1.0.0",
  start(_context, state) {
    committed = state;
  },
  receive: {
    async do(steps: readonly Step[], context: Context) {
      for (const step of steps) context.send("probe", "did", await perform(step, context));
    },
    note(message: unknown, { send, monotonicMicros }: Context) {
      send("probe", "noted", { message: message ?? null, micros: monotonicMicros() });
    },
    committed(_message, { send }: Context) {
      send("probe", "committed", { state: committed ?? null });
    },
    clock(_message, { wallClock, monotonicMicros, send }: Context) {
      send("probe", "clock", { ...wallClock(), monotonicMicros: monotonicMicros() });
    },
    echo: (message: unknown) => message,
    async relay(message: { readonly to: string; readonly type: string }, { call }: Context) {
      return await call(message.to, message.type, message);
    },
    hang: () => new Promise(() => undefined),
    fail() {
      throw new Error("told to fail");
    },
  },
});

async function perform(step: Step, context: Context): Promise<unknown> {
  const { to = "", type = "", message, options, millis = 0 } = step;
  switch (step.verb) {
    case "send":
      return context.send(to, type, message, options);
    case "call":
      return await context.call(to, type, message, options).catch((error: Refusal) => ({ refused: error.answer }));
    case "publish":
      return context.publish(to, message, options);
    case "subscribe":
      return context.subscribe(to, type);
    case "every":
      return context.every(millis, type);
    case "after":
      return context.after(millis, type);
    case "commit":
      return context.commit(message);
    case "log":
      context.log("info", type);
      return "logged";
    case "hang":
      return new Promise(() => undefined);
    case "throw":
      throw new Error("told to throw");
  }
}
