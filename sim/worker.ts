// Drives one worker process (hosts/sim): starts it, sends it commands, hands its events on, and notices its death.
// Frames are four bytes of length and one item of deterministic CBOR; hosts/sim/commands.c and events.c list what crosses.

import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { decode, encode } from "wire/cbor";
import { cborLimits } from "wire/limits";

export interface WorkerEvent {
  readonly event: "log" | "panic" | "power" | "probe" | "message" | "published" | "handled" | "ask";
  readonly node: number;
  readonly level?: string;
  readonly text?: string;
  readonly reason?: string;
  /** Of power: how long it is to fail. */
  readonly seconds?: number;
  /** Of a panic: how the node was told to come back; null: it could not go on. */
  readonly isSafe?: boolean | null;
  readonly type?: string;
  readonly body?: Uint8Array;
  /** Since the node started; of a probe: on the worker's clock. */
  readonly micros?: number;
  /** Of a message: the stand-in that received it, and what to name in `reply` or `refuse` when it is a call. */
  readonly port?: string;
  readonly token?: number;
  readonly isCall?: boolean;
  readonly topic?: string;
  /** Of what was handled: the service, in the order of the table. */
  readonly index?: number;
  readonly service?: string;
  readonly permission?: string;
  readonly name?: string;
}

/** What a service reaches for and its entry in the table does not grant. */
export interface Wish {
  readonly service: string;
  readonly permission: string;
  readonly name: string;
}

export interface WorkerOptions {
  /** The executable lugh-sim, and the image of byte-code that its nodes run. */
  readonly executable: string;
  readonly image: string;
  readonly isVirtual?: boolean;
  onEvent(event: WorkerEvent): void;
  /** The process ended without being told to. */
  onDeath?(reason: string): void;
  /** Whether a wish is granted from now on. All nodes of the worker stand still until it is answered. */
  permit?(wish: Wish): Promise<boolean>;
}

export type Command = { readonly op: string; readonly [argument: string]: unknown };
export type Reply = { readonly [result: string]: unknown };

export interface SimWorker {
  readonly processId: number;
  /** Rejects with the worker's own sentence when it refuses. */
  ask(command: Command): Promise<Reply>;
  /** Ends the process; resolves when it is gone. */
  stop(): Promise<void>;
}

/** The largest frame that the worker takes (hosts/sim/worker.h, FRAME_BYTES). */
const frameBytes = 1 << 20;
/** Of one frame, both ways. */
export const frameLimits = { ...cborLimits, bytes: frameBytes, items: 1 << 17 };
const stopMillis = 2_000;

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

export function startWorker(options: WorkerOptions): SimWorker {
  const { permit } = options;
  const flags = [...(options.isVirtual === true ? ["--virtual"] : []), ...(permit === undefined ? [] : ["--ask"])];
  const child = spawn(options.executable, [options.image, ...flags], { stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let isStopping = false;
  let complaint = "";
  const ended = new Promise<void>((resolve) => {
    const end = (reason: string): void => {
      for (const { reject } of waiting.values()) reject(new Error(reason));
      waiting.clear();
      if (!isStopping) options.onDeath?.(reason);
      isStopping = true;
      resolve();
    };
    child.on("error", (error) => end(`Cannot run ${options.executable}: ${error.message}`));
    child.on("close", (code, signal) => end(complaint.trim() || `the simulator's worker ended with ${signal ?? code}`));
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-2_000);
  });
  // A pipe that closed while something was written: the end of the process says why.
  child.stdin?.on("error", () => child.kill());
  readFrames(child, (frame) => {
    if (frame.event === "ask" && permit !== undefined) answerWish(child, permit, frame as unknown as Wish);
    else if ("event" in frame) options.onEvent(frame as unknown as WorkerEvent);
    else settle(waiting, frame);
  });

  return {
    processId: child.pid ?? -1,
    ask(command) {
      return new Promise((resolve, reject) => {
        if (isStopping) return reject(new Error(complaint.trim() || "the simulator's worker has ended"));
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        child.stdin?.write(frame(encode({ ...command, id }, frameLimits)));
      });
    },
    async stop() {
      isStopping = true;
      child.stdin?.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), stopMillis);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** One letter on a pipe of its own: nothing else reaches a worker that stands still. */
function answerWish(child: ChildProcess, permit: NonNullable<WorkerOptions["permit"]>, wish: Wish): void {
  const answers = child.stdio[3] as Writable;
  permit(wish).then(
    (isGranted) => answers.write(isGranted ? "y" : "n"),
    () => answers.write("n"),
  );
}

function frame(item: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + item.length);
  new DataView(bytes.buffer).setUint32(0, item.length);
  bytes.set(item, 4);
  return bytes;
}

function settle(waiting: Map<number, Waiting>, reply: Reply): void {
  const id = Number(reply.id);
  const waiter = waiting.get(id);
  waiting.delete(id);
  if (typeof reply.error === "string") waiter?.reject(new Error(reply.error));
  else waiter?.resolve(reply);
}

function readFrames(child: ChildProcess, take: (frame: Reply) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  child.stdout?.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      take(decode(rest.subarray(4, end), frameLimits) as Reply);
      rest = rest.subarray(end);
    }
  });
}
