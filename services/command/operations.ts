// What an operator can ask of a node. What an operation throws is a refused call (the node is busy, or has no such part)
// or bad input (a WireError).

import type { Context, Plain } from "lughos";
import type { Dispatch } from "services/api/kernel";
import type { PlainRecord, PlainValue } from "wire/plain";
import { Fields } from "wire/shape";
import { packTrace } from "wire/trace";

export type Outcome =
  | { readonly ok: true; readonly result: PlainValue }
  /** `code` is for programs, `message` for people. */
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface Operation {
  /** What changes the node needs permission, and is not done twice when a request is repeated. */
  readonly changesNode: boolean;
  /** null: it has begun, and a message will say how it ended. */
  perform(argument: PlainValue | undefined, context: Context, figures: CommandFigures): Promise<Outcome | null>;
}

/** What this service counted since it was started. */
export interface CommandFigures {
  /** Commands that were refused, by code. */
  readonly refused: { readonly [code: string]: number };
  /** Lines of the log that found no room on the way out. */
  readonly droppedLines: number;
}

/** What the device port "simulator" can do to a service. `kill`: ends it as if it had broken a rule. */
const faultKinds = Object.freeze(["throw", "spin", "memory", "stack", "kill"] as const);

/** What the system table calls this service. */
const ownName = "command";

/** Of names in arguments; what is longer names nothing. */
const nameLengthMaximum = 64;
const moduleLengthMaximum = 95;

/** As many as a node has services at most. */
const movesMaximum = 64;

export const operations: { readonly [name: string]: Operation } = Object.freeze({
  ping: Object.freeze({ changesNode: false, perform: ping }),
  ps: Object.freeze({ changesNode: false, perform: ps }),
  fault: Object.freeze({ changesNode: true, perform: fault }),
  power: Object.freeze({ changesNode: true, perform: power }),
  swap: Object.freeze({ changesNode: true, perform: swap }),
  trace: Object.freeze({ changesNode: false, perform: trace }),
  resend: Object.freeze({ changesNode: false, perform: resend }),
});

async function ping(_argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  return { ok: true, result: { timeMicros: context.wallClock().micros, uptimeMicros: context.monotonicMicros() } };
}

/** The kernel's statistics (services/api/kernel), with our own figures as `command`. */
async function ps(_argument: PlainValue | undefined, context: Context, figures: CommandFigures): Promise<Outcome> {
  const statistics = await context.call<PlainRecord>("kernel", "statistics");
  return {
    ok: true,
    result: { ...statistics, command: { refused: { ...figures.refused }, droppedLines: figures.droppedLines } },
  };
}

/** Faults a service of this very node, to see it come back. Who faults this one gets the answer before, not after. */
async function fault(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const fields = new Fields(argument, "argument");
  const order = { service: fields.text("service", nameLengthMaximum), kind: fields.choice("kind", faultKinds) };
  context.log("warning", `${order.kind} in ${order.service}, by an unsigned command`);
  const faulting = context.call<Plain>("simulator", "fault", order);
  if (order.service === ownName) return { ok: true, result: null };
  const reply = await faulting;
  if (typeof reply === "object" && reply !== null && "error" in reply)
    return { ok: false, code: "refused", message: String(reply.error) };
  return { ok: true, result: null };
}

/** Cuts this very node's power for so many seconds; what its flash has not made durable is lost. The answer goes before. */
async function power(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const seconds = new Fields(argument, "argument").count("seconds");
  context.log("warning", `no power for ${seconds} s, by an unsigned command`);
  const reply = await context.call<PlainRecord>("simulator", "power", { seconds });
  if ("error" in reply) return { ok: false, code: "bad-argument", message: String(reply.error) };
  return { ok: true, result: null };
}

/** Replaces services by other modules, all or none, with their state; the kernel tells how it ended as "swapped". */
async function swap(argument: PlainValue | undefined, context: Context): Promise<Outcome | null> {
  const moves = new Fields(argument, "argument").list("moves", movesMaximum, readMove);
  const list = moves.map(({ service, module }) => `${service} to ${module}`).join(", ");
  context.log("warning", `swap of ${list}, by an unsigned command`);
  const reply = await context.call<PlainRecord>("kernel", "swap", { moves });
  return "error" in reply ? { ok: false, code: "refused", message: String(reply.error) } : null;
}

function readMove(value: unknown, path: string): { readonly service: string; readonly module: string } {
  const fields = new Fields(value, path);
  return {
    service: fields.text("service", nameLengthMaximum),
    module: fields.text("module", moduleLengthMaximum),
  };
}

/** The kernel's last dispatches, oldest first, as wire/trace writes them. */
async function trace(_argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  return { ok: true, result: packTrace(await context.call<readonly Dispatch[]>("kernel", "trace")) };
}

/** Readings or events by number, for who missed them; they go out on their topic. */
async function resend(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  const reply = await context.call<PlainRecord>("mqtt", "resend", argument ?? null);
  return "error" in reply
    ? { ok: false, code: "bad-argument", message: String(reply.error) }
    : { ok: true, result: reply };
}
