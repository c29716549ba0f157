// What an operator can ask of a node. What an operation throws is a refused call (the node is busy, or has no such part)
// or bad input (a WireError).

import type { Context } from "lughos";
import type { Dispatch } from "services/api/kernel";
import { fault, power, reboot, restart } from "services/command/changes";
import { type Begun, configure, develop, journal, settings, swap, undo } from "services/command/journaled";
import { format, image } from "services/command/mending";
import { notInSafeMode, type Outcome } from "services/command/outcome";
import type { PlainRecord, PlainValue } from "wire/plain";
import { Fields } from "wire/shape";
import { packTrace } from "wire/trace";

export interface Operation {
  /** What changes the node needs permission, and is not done twice when a request is repeated. */
  readonly changesNode: boolean;
  /** What it tells is not for everybody who reaches the broker: it needs permission, too. */
  readonly reveals?: boolean;
  perform(argument: PlainValue | undefined, context: Context, figures: CommandFigures): Promise<Begun>;
}

/** What this service counted since it was started. */
export interface CommandFigures {
  /** Commands that were refused, by code. */
  readonly refused: { readonly [code: string]: number };
  /** Lines of the log that found no room on the way out. */
  readonly droppedLines: number;
}

export const operations: { readonly [name: string]: Operation } = Object.freeze({
  ping: Object.freeze({ changesNode: false, perform: ping }),
  ps: Object.freeze({ changesNode: false, perform: ps }),
  trace: Object.freeze({ changesNode: false, perform: trace }),
  faults: Object.freeze({ changesNode: false, perform: faults }),
  fault: Object.freeze({ changesNode: true, perform: fault }),
  power: Object.freeze({ changesNode: true, perform: power }),
  swap: Object.freeze({ changesNode: true, perform: swap }),
  configure: Object.freeze({ changesNode: true, perform: configure }),
  undo: Object.freeze({ changesNode: true, perform: undo }),
  settings: Object.freeze({ changesNode: false, perform: settings }),
  journal: Object.freeze({ changesNode: false, perform: journal }),
  resend: Object.freeze({ changesNode: false, perform: resend }),
  develop: Object.freeze({ changesNode: true, perform: develop }),
  restart: Object.freeze({ changesNode: true, perform: restart }),
  reboot: Object.freeze({ changesNode: true, perform: reboot }),
  image: Object.freeze({ changesNode: false, reveals: true, perform: image }),
  format: Object.freeze({ changesNode: true, perform: format }),
});

async function ping(_argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  return { ok: true, result: { timeMicros: context.wallClock().micros, uptimeMicros: context.monotonicMicros() } };
}

/** The kernel's statistics (services/api/kernel), with our own figures as `command`. */
async function ps(_argument: PlainValue | undefined, context: Context, figures: CommandFigures): Promise<Outcome> {
  const statistics = await context.call<PlainRecord>("kernel", "statistics");
  return {
    ok: true,
    result: {
      ...statistics,
      isSafeMode: context.configuration.isSafeMode === true,
      safeModeReason: context.configuration.safeModeReason ?? null,
      command: { refused: { ...figures.refused }, droppedLines: figures.droppedLines },
    },
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

/** The last reports of faults without their traces, oldest first; or, by its number, one of them whole. */
async function faults(argument: PlainValue | undefined, context: Context): Promise<Outcome> {
  if (context.configuration.isSafeMode === true) return notInSafeMode("faults");
  const sequence = argument === undefined ? null : new Fields(argument, "argument").count("sequence");
  const result = await context.call<PlainValue>("reincarnation", "reports", { sequence });
  if (result !== null) return { ok: true, result };
  return {
    ok: false,
    code: "unknown-fault",
    message: `Cannot find fault ${sequence}: wanted one of the last that were kept`,
  };
}
