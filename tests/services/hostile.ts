// Breaks every rule that a service can break, as told. What it survives it answers with "survived".

import { type Context, defineService } from "lughos";

/** What `await` would call. */
const settler = "then";

export default defineService({
  version: "1.0.0",
  start(_context, state) {
    if (state === "spin") for (;;);
  },
  receive: {
    echo: (message: unknown) => message ?? null,
    spin() {
      for (;;);
    },
    async spinAfterAwait() {
      await null;
      for (;;);
    },
    /** A chain of promise jobs without end: no single one runs long. */
    async spinInJobs() {
      for (;;) await null;
    },
    spinInOptions(_message: unknown, { send }: Context) {
      const options = {
        get deadlineMillis(): number {
          for (;;);
        },
      };
      send("victim", "echo", null, options);
    },
    spinInSends(_message: unknown, { send }: Context) {
      for (;;) send("victim", "ignored", 1);
    },
    spinInCommits(_message: unknown, { commit }: Context) {
      for (;;) commit("x".repeat(1_000));
    },
    spinInCalls(_message: unknown, { call }: Context) {
      for (;;) call("victim", "echo", 1).catch(() => undefined);
    },
    spinAtNextStart(_message: unknown, { commit }: Context) {
      commit("spin");
      return "survived";
    },
    hoard() {
      const hoard: number[][] = [];
      for (;;) hoard.push([1, 2, 3]);
    },
    hoardText() {
      let text = "0123456789";
      for (;;) text += text;
    },
    hoardBytes() {
      return new Uint8Array(1 << 28);
    },
    hoardNames() {
      const names: { [name: string]: number } = {};
      for (let index = 0; ; index++) names[`name-${index}`] = index;
    },
    hoardPromises(_message: unknown, { call }: Context) {
      const kept: unknown[] = [];
      for (;;) kept.push(call("nobody", "x").catch(() => undefined));
    },
    recurse(): number {
      const recurse = (depth: number): number => recurse(depth + 1) + 1;
      return recurse(0);
    },
    /** Recursion of the engine's own C functions. */
    recurseInside(): string {
      let nested: unknown[] = [];
      for (let depth = 0; depth < 2_000; depth++) nested = [nested];
      return String(nested);
    },
    fail() {
      throw new Error("told to fail");
    },
    failWithNothing() {
      throw undefined;
    },
    async failLater() {
      await null;
      throw new Error("told to fail later");
    },
    rejectUnheard() {
      void Promise.reject(new Error("nobody hears"));
      return "survived";
    },
    hang: () => new Promise(() => undefined),
    writeShared() {
      (Object.prototype as { stain?: number }).stain = 1;
      return "survived";
    },
    writeContext(_message: unknown, context: Context) {
      (context as { send: unknown }).send = () => "sent";
      return "survived";
    },
    async settleItself(_message: unknown, { call }: Context) {
      const promise = call("victim", "echo", "mine");
      Object.defineProperty(promise, settler, { value: (resolve: (value: string) => void) => resolve("forged") });
      return await Promise.prototype.then.call(promise, (value: unknown) => value);
    },
  },
});
