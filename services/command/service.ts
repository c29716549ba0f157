// The service "command": does what an operator asks of this node, tells how the node is, and passes its log on.

import { type Context, defineService, type SendOptions } from "lughos";
import type { Swapped } from "services/api/kernel";
import type { Publication } from "services/api/publication";
import { lookAgainMillis, lookAtStorage } from "services/command/mending";
import { operations } from "services/command/operations";
import type { Outcome } from "services/command/outcome";
import { composeReply, perform, readRequest } from "services/command/requests";
import { gatherState } from "services/command/state";
import { encodeFault, type FaultReport } from "wire/fault";
import { encodeLog, type LogLine } from "wire/log";
import { cutSentence } from "wire/sentence";
import { encodeState } from "wire/state";
import { deliveryRules } from "wire/topics";

/** A page that opens sees the last state at once; ten seconds old is fresh enough for figures. */
const stateIntervalMillis = 10_000;

/** A fault is told at once, and once more when the service had time to come back; a burst is told once a second. */
const afterFaultMillis = 1_000;

/** A broker repeats a request within seconds, if at all; an operator sends fewer than this in that time. */
const rememberedRequests = 16;

/** For a successor: who asked for the very update that brings it is answered by it. */
interface State {
  readonly done: { readonly requestId: string; readonly outcome: Outcome }[];
  readonly swapping: { readonly requestId: string; readonly entry: number | null } | null;
}

/** Outcomes of requests that changed the node, oldest first: a repetition gets the same answer and does nothing. */
let done: State["done"];
let refused: { [code: string]: number };
let droppedLines: number;
let isStateDue: boolean;
/** The request whose swap is under way, or null; there is one at a time. */
let swapping: State["swapping"];

export default defineService({
  version: "1.1.0",
  start(context, handed) {
    const state = handed as State | undefined;
    done = [...(state?.done ?? [])];
    refused = {};
    droppedLines = 0;
    isStateDue = false;
    swapping = state?.swapping ?? null;
    if (context.configuration.isSafeMode !== true) context.subscribe("fault", "fault");
    context.subscribe("log", "log");
    context.after(stateIntervalMillis, "state");
    context.after(0, "look");
  },
  receive: {
    async look(_tick, context: Context) {
      if (!(await lookAtStorage(context))) context.after(lookAgainMillis, "look");
    },
    /** From mqtt: bytes that came on this node's command topic. */
    async command({ payload }: { payload: Uint8Array }, context: Context) {
      const request = readRequest(payload);
      if ("command" in request) {
        const { requestId, operation } = request.command;
        const known = done.find((each) => each.requestId === requestId)?.outcome;
        const outcome = known ?? (await perform(request.command, context, { refused, droppedLines }));
        if ("entry" in outcome) swapping = { requestId, entry: outcome.entry };
        else {
          if (known === undefined && operations[operation]?.changesNode === true) remember(requestId, outcome);
          answer(requestId, outcome, context);
        }
      } else answer(request.requestId, request.outcome, context);
    },
    /** From mqtt: a session began, whose state nobody knows yet. */
    async connected(_message, context: Context) {
      await publishState(context);
    },
    /** Counted from the start of each node: timers that repeat are aligned, and a whole fleet would speak at once. */
    async state(_tick, context: Context) {
      context.after(stateIntervalMillis, "state");
      await publishState(context);
    },
    /** From the reincarnation server. */
    async fault(report: FaultReport, context: Context) {
      send("fault", encodeFault({ ...report, reason: cutSentence(report.reason) }), "HIGH", context);
      if (isStateDue) return;
      isStateDue = true;
      context.after(afterFaultMillis, "settled");
      await publishState(context);
    },
    async settled(_tick, context: Context) {
      isStateDue = false;
      await publishState(context);
    },
    /** From the reincarnation server: how the swap ended that was asked for. */
    async swapped(end: Swapped, context: Context) {
      tellEnd(end, context);
      if (swapping === null) return;
      const { requestId, entry } = swapping;
      swapping = null;
      const outcome = outcomeOf(end, entry);
      remember(requestId, outcome);
      answer(requestId, outcome, context);
      await publishState(context);
    },
    reboot(_tick, { call }: Context) {
      return call("kernel", "reboot", { reason: "an operator's command", isSafe: false });
    },
    rebootSafely(_tick, { call }: Context) {
      return call("kernel", "reboot", { reason: "an operator's command", isSafe: true });
    },
    log(line: LogLine, context: Context) {
      const payload = encodeLog({ ...line, text: cutSentence(line.text) });
      if (!send("log", payload, "LOW", context)) droppedLines++;
    },
  },
  suspend: () => ({
    done: done.map((each) => ({ ...each, outcome: { ...each.outcome } })),
    swapping: swapping === null ? null : { ...swapping },
  }),
});

function outcomeOf(end: Swapped, entry: number | null): Outcome {
  const moves = end.moves.map((move) => ({ ...move }));
  return { ok: true, result: { ...end, moves, steps: { ...end.steps }, entry } };
}

/** Whoever asked hears it as a reply; whoever watches the node, in its log. */
function tellEnd({ moves, outcome, reason, steps }: Swapped, context: Context): void {
  const list = moves.map(({ service, module }) => `${service} to ${module}`).join(", ");
  const why = reason === "" ? "" : `: ${reason}`;
  const text = `swap of ${list} ${outcome} after ${steps.totalMicros ?? 0} µs${why}`;
  context.log(outcome === "returned" ? "warning" : "info", text);
}

function answer(requestId: string | null, outcome: Outcome, context: Context): void {
  if (!outcome.ok) countRefusal(outcome.code, outcome.message, context);
  if (requestId === null) return;
  send("reply", composeReply(requestId, outcome), "MEDIUM", context);
}

/** Told once for each code: whoever sends garbage must not fill the log with it. */
function countRefusal(code: string, message: string, context: Context): void {
  const count = (refused[code] ?? 0) + 1;
  refused[code] = count;
  if (count === 1) context.log("warning", `${message} (further ones of this kind are only counted)`);
}

function remember(requestId: string, outcome: Outcome): void {
  if (done.length === rememberedRequests) done.shift();
  done.push({ requestId, outcome });
}

async function publishState(context: Context): Promise<void> {
  const state = await gatherState(context);
  if (state !== null) send("state", encodeState(state), "LOW", context);
}

type Topic = "reply" | "state" | "log" | "fault";

function send(
  topic: Topic,
  payload: Uint8Array,
  priority: SendOptions["priority"] & string,
  context: Context,
): boolean {
  const publication: Publication = { topic, payload, ...deliveryRules[topic] };
  return context.send("mqtt", "publish", publication, { priority }) === "sent";
}
