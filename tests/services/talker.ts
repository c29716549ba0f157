// Does what a test tells it: each message of type "do" is a list of steps, and what comes of each goes to the probe.

import { type Context, defineService, type Refusal } from "lughos";

interface Step {
  readonly verb:
    | "send"
    | "call"
    | "forget"
    | "publish"
    | "subscribe"
    | "every"
    | "after"
    | "cancel"
    | "commit"
    | "throw"
    | "hang"
    | "log";
  readonly to?: string;
  readonly type?: string;
  readonly message?: unknown;
  readonly options?: { readonly priority?: "HIGH" | "MEDIUM" | "LOW"; readonly deadlineMillis?: number };
  readonly millis?: number;
  /** What `every` or `after` answered. */
  readonly timer?: number;
  /** So many characters in place of a message. */
  readonly fill?: number;
  /** So often; what came of the last one is told. */
  readonly times?: number;
}

interface Onward {
  readonly to: string;
  readonly type: string;
  readonly message?: unknown;
}

interface Gathering {
  readonly to: readonly string[];
  readonly type: string;
  readonly messages: readonly unknown[];
}

let committed: unknown;

export default defineService({
  version: "1.0.0",
  start(context, state) {
    committed = state;
    const { startSteps } = context.configuration as { readonly startSteps?: readonly Step[] };
    for (const step of startSteps ?? []) void perform(step, context);
  },
  receive: {
    async do(steps: readonly Step[], context: Context) {
      for (const step of steps) context.send("probe", "did", await repeat(step, context), { priority: "LOW" });
    },
    note(message: unknown, { send, monotonicMicros }: Context) {
      send("probe", "noted", { message: message ?? null, micros: monotonicMicros() });
    },
    tick(message: unknown, { send, monotonicMicros, wallClock }: Context) {
      send("probe", "ticked", { ...(message as object), micros: monotonicMicros(), utcMicros: wallClock().micros });
    },
    /** From the kernel: how a swap ended that was asked for. */
    swapped(message: unknown, { send }: Context) {
      send("probe", "swapped", message);
    },
    committed: () => committed ?? null,
    clock: (_message, { wallClock, monotonicMicros }: Context) => ({
      ...wallClock(),
      monotonicMicros: monotonicMicros(),
    }),
    echo: (message: unknown) => message ?? null,
    /** Calls on, and answers what it was answered. */
    async relay({ to, type, message }: Onward, { call }: Context) {
      return await call(to, type, message);
    },
    /** Several calls at once; their answers go to the probe together. */
    async gather({ to, type, messages }: Gathering, context: Context) {
      const calls = to.map((name, index) => answerOf(context.call(name, type, messages[index])));
      context.send("probe", "gathered", await Promise.all(calls));
    },
    ignore({ to, type }: Onward, { call }: Context) {
      void call(to, type);
    },
    /** Works for ever, a message at a time, each of which it sends itself. */
    labour({ self, loops }: { readonly self: string; readonly loops: number }, { send }: Context) {
      for (let loop = 0; loop < loops; loop++);
      send(self, "labour", { self, loops });
    },
    hang: () => new Promise(() => undefined),
    /** The answer is on its way when a promise job of the same message throws. */
    answerThenFail() {
      void Promise.resolve().then(() => {
        throw new Error("after the answer");
      });
      return "answered";
    },
    fail() {
      throw new Error("told to fail");
    },
  },
});

async function repeat(step: Step, context: Context): Promise<unknown> {
  let result: unknown = null;
  for (let time = 0; time < (step.times ?? 1); time++) result = await perform(step, context);
  return result;
}

async function perform(step: Step, context: Context): Promise<unknown> {
  const { to = "", type = "", options, millis = 0, timer = 0 } = step;
  const message = step.fill === undefined ? step.message : "x".repeat(step.fill);
  switch (step.verb) {
    case "send":
      return context.send(to, type, message, options);
    case "call":
      return await answerOf(context.call(to, type, message, options));
    case "forget":
      void answerOf(context.call(to, type, message, options));
      return "called";
    case "publish":
      return context.publish(to, message, options);
    case "subscribe":
      return context.subscribe(to, type);
    case "every":
      return context.every(millis, type);
    case "after":
      return context.after(millis, type);
    case "cancel":
      context.cancel(timer);
      return "cancelled";
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

/** A refusal is told as a value; anything else that is thrown is a fault. */
async function answerOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    return { refused: (error as Refusal).answer };
  }
}
